import { constants, gunzip, gunzipSync, inflate, inflateRaw, inflateRawSync, inflateSync } from 'node:zlib';
import { reasonOf } from '../diagnostics/failure.js';

export type Wrapper = 'zlib' | 'gzip' | 'raw';

/** One byte of deflate stands for at most so many (a match of 258 bytes by 2 bits). */
export const DEFLATE_RATIO = 1032;

/** Below this size the wait for another thread takes longer than to inflate. */
const SMALL = 1 << 15;

/** The most memory that is taken for a result at once. */
const LARGEST_CHUNK = 1 << 18;

const sync = { zlib: inflateSync, gzip: gunzipSync, raw: inflateRawSync };
const threaded = { zlib: inflate, gzip: gunzip, raw: inflateRaw };

export interface InflateProblem {
  readonly reason: string;
}

/**
 * Inflates `bytes` to at most `most` bytes. More than that is a problem, except where `cut` asks for the first ones
 * only. A stream without its end is a problem as well, unless `cut` is set.
 */
export async function inflated(
  bytes: Uint8Array,
  wrapper: Wrapper,
  most: number,
  cut = false,
): Promise<Uint8Array | InflateProblem> {
  const options = {
    // zlib takes no limit of 0.
    maxOutputLength: Math.max(1, most),
    // One piece for what is small: zlib takes at least 64.
    chunkSize: Math.max(64, Math.min(most + 1, LARGEST_CHUNK)),
    ...(cut ? { finishFlush: constants.Z_SYNC_FLUSH } : {}),
  };
  try {
    if (bytes.length < SMALL) return plain(sync[wrapper](bytes, options));
    return await new Promise<Uint8Array>((resolve, reject) => {
      threaded[wrapper](bytes, options, (error, result) => (error ? reject(error) : resolve(plain(result))));
    });
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** A Uint8Array of the same bytes: the slice of a Buffer is a view, where callers expect a copy. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
