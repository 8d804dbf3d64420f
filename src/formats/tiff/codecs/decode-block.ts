import { reasonOf } from '../../../diagnostics/failure.js';
import { inflated } from '../../inflate.js';
import { Tag } from '../directory.js';
import { type Page, Photometric } from '../page.js';
import type { BlockProblem, BlockSizes } from './block-sizes.js';
import { decodeJpegBlock } from './jpeg-block.js';
import { decodeLercBlock } from './lerc-block.js';
import { decodeLzw } from './lzw.js';
import { decodePackBits } from './pack-bits.js';
import { decodeZstd } from './zstd.js';

/** The low bit first, made the high bit first (FillOrder 2). */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) result |= 0x80 >> bit;
  return result;
});

/**
 * Decompresses a strip or tile to exactly `sizes.bytes` bytes. A block that decompresses to fewer is a problem, like one
 * that cannot be decompressed; what it holds beyond them is dropped, as libtiff does.
 */
export async function decompressBlock(
  page: Page,
  stored: Uint8Array<ArrayBuffer>,
  sizes: BlockSizes,
): Promise<Uint8Array | BlockProblem> {
  const bytes = page.reversedBits ? stored.map((byte) => REVERSED[byte] ?? 0) : stored;
  const into = (decode: (input: Uint8Array, output: Uint8Array) => number) => {
    const output = new Uint8Array(sizes.bytes);
    return output.subarray(0, decode(bytes, output));
  };
  let result: Uint8Array | BlockProblem;
  try {
    switch (page.compression.name) {
      case 'none':
        result = bytes;
        break;
      case 'LZW':
        result = into(decodeLzw);
        break;
      case 'PackBits':
        result = into(decodePackBits);
        break;
      case 'deflate':
        // A writer may pad the last strip to the height of the others.
        result = await inflated(bytes, 'zlib', paddedBytes(page, sizes));
        break;
      case 'ZSTD':
        result = await decodeZstd(bytes, paddedBytes(page, sizes));
        break;
      case 'LERC':
        result = await decodeLercBlock(bytes, sizes, page.directory.numbers(50674)[1] ?? 0);
        break;
      default:
        result = await decodeJpegBlock(
          bytes,
          page.directory.bytes(Tag.jpegTables),
          sizes,
          page.photometric === Photometric.ycbcr,
        );
    }
  } catch (error) {
    return { reason: reasonOf(error) };
  }
  if (!(result instanceof Uint8Array)) return result;
  if (result.length < sizes.bytes) {
    return { reason: `it has ${result.length} bytes of ${sizes.bytes}` };
  }
  return result.subarray(0, sizes.bytes);
}

function paddedBytes(page: Page, sizes: BlockSizes): number {
  return sizes.rowBytes * Math.max(page.block.height, sizes.height) + 1024;
}
