import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { Wrapper } from '../inflate.js';

/** How far back a match of deflate reaches. */
const WINDOW = 2 ** 15;

/** The largest prime below 2^16, and how many bytes can be added up before the sums pass 2^53. */
const ADLER = 65521;
const ADLER_RUN = 2 ** 16;

/** The checksum of a zlib stream (RFC 1950), continued. */
function adler32(bytes: Uint8Array, before: number): number {
  let [a, b] = [before & 0xffff, before >>> 16];
  for (let at = 0; at < bytes.length; at += ADLER_RUN) {
    const end = Math.min(bytes.length, at + ADLER_RUN);
    // `as number`: within the length.
    for (let i = at; i < end; i++) {
      a += bytes[i] as number;
      b += a;
    }
    a %= ADLER;
    b %= ADLER;
  }
  return ((b << 16) | a) >>> 0;
}

function word(value: number, little: boolean): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, little);
  return bytes;
}

/**
 * One stream of deflate over all pieces, piece by piece: each is compressed by itself, with the end of the piece before it as
 * its dictionary. The same pieces give the same bytes.
 */
export function* deflatePieces(pieces: Iterable<Uint8Array>, wrapper: Wrapper): Generator<Uint8Array> {
  // gzip: no name, no time, and 255 for an operating system that is not told (RFC 1952).
  if (wrapper === 'gzip') yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
  if (wrapper === 'zlib') yield Uint8Array.of(0x78, 0x9c);
  let [sum, length] = [wrapper === 'zlib' ? 1 : 0, 0];
  let before = new Uint8Array(0);
  let waiting: Uint8Array | undefined;
  const compressed = (piece: Uint8Array, isLast: boolean) =>
    deflateRawSync(piece, {
      finishFlush: isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      ...(before.length > 0 ? { dictionary: before } : {}),
    });
  for (const piece of pieces) {
    if (piece.length === 0) continue;
    if (waiting) {
      yield compressed(waiting, false);
      before = waiting.slice(-WINDOW);
    }
    waiting = piece;
    length += piece.length;
    if (wrapper === 'gzip') sum = crc32(piece, sum);
    if (wrapper === 'zlib') sum = adler32(piece, sum);
  }
  yield compressed(waiting ?? new Uint8Array(0), true);
  if (wrapper === 'zlib') yield word(sum, false);
  if (wrapper === 'gzip') {
    yield word(sum, true);
    yield word(length % 2 ** 32, true);
  }
}
