import { decode, load } from 'lerc';
import { inflated } from '../../inflate.js';
import type { BlockProblem, BlockSizes } from './block-sizes.js';
import { decodeZstd } from './zstd.js';

let loading: Promise<void> | undefined;

/** Decodes a block of LERC, which may be compressed once more: 1 is deflate, 2 is ZSTD. */
export async function decodeLercBlock(
  bytes: Uint8Array,
  sizes: BlockSizes,
  around: number,
): Promise<Uint8Array | BlockProblem> {
  // LERC never takes much more than its numbers and a byte of mask for each.
  const most = 2 * sizes.bytes + sizes.width * sizes.height + 4096;
  const inner =
    around === 1 ? await inflated(bytes, 'zlib', most) : around === 2 ? await decodeZstd(bytes, most) : bytes;
  if (!(inner instanceof Uint8Array)) return inner;
  loading ??= load();
  await loading;
  const view = new DataView(inner.buffer, inner.byteOffset, inner.byteLength);
  const text = Buffer.from(inner.subarray(0, 6)).toString('latin1');
  if (text !== 'Lerc2 ') return { reason: 'it is not LERC 2' };
  // After the key: version, checksum (from version 3), rows, columns.
  const at = view.getInt32(6, true) >= 3 ? 14 : 10;
  const [rows, columns] = [view.getInt32(at, true), view.getInt32(at + 4, true)];
  if (columns !== sizes.width || rows < sizes.height || rows > 65536) {
    return { reason: `it is ${rows} x ${columns}, not ${sizes.height} x ${sizes.width}` };
  }
  const { pixels, depthCount } = decode(inner, { returnInterleaved: true });
  if (pixels.length === 1) {
    const [data] = pixels;
    return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : { reason: 'it is empty' };
  }
  if (depthCount !== 1) return { reason: 'its bands have several values a pixel' };
  const size = pixels[0]?.BYTES_PER_ELEMENT ?? 1;
  const count = sizes.width * sizes.height;
  const result = new Uint8Array(count * size * pixels.length);
  pixels.forEach((data, band) => {
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let i = 0; i < count; i++) {
      result.set(source.subarray(i * size, (i + 1) * size), (i * pixels.length + band) * size);
    }
  });
  return result;
}
