import { reasonOf } from '../../../diagnostics/failure.js';
import { loadSharp } from '../../raster/load-sharp.js';
import type { BlockProblem, BlockSizes } from './block-sizes.js';

const START = [0xff, 0xd8];
/** Adobe's marker, whose last byte says how colours are stored: 0 as they are, 1 as YCbCr. */
const adobe = (transform: number) => [
  0xff,
  0xee,
  0,
  14,
  0x41,
  0x64,
  0x6f,
  0x62,
  0x65,
  0,
  100,
  0,
  0,
  0,
  0,
  transform,
];

function endsWithEnd(bytes: Uint8Array): boolean {
  return bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9;
}

/** Puts the tables of the page and the marker that says how colours are stored in front of the data of a block. */
function wholeJpeg(bytes: Uint8Array, tables: Uint8Array, transformed: boolean): Uint8Array {
  const inner = tables.subarray(2, endsWithEnd(tables) ? -2 : undefined);
  return Buffer.concat([
    Buffer.from(START),
    Buffer.from(adobe(transformed ? 1 : 0)),
    inner,
    bytes.subarray(2),
  ]);
}

/** Decodes a block of JPEG to interleaved samples of 8 bits. */
export async function decodeJpegBlock(
  bytes: Uint8Array,
  tables: Uint8Array,
  sizes: BlockSizes,
  transformed: boolean,
): Promise<Uint8Array | BlockProblem> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return { reason: 'it is not JPEG' };
  try {
    const sharp = await loadSharp();
    const image = sharp(
      sizes.samples >= 3 || tables.length > 0 ? wholeJpeg(bytes, tables, transformed) : bytes,
      {
        failOn: 'error',
        limitInputPixels: sizes.width * sizes.height + 65536 * 16,
      },
    );
    const plain = sizes.samples === 1 ? image.toColourspace('b-w') : image;
    const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true });
    if (info.width !== sizes.width || info.height < sizes.height || info.channels !== sizes.samples) {
      return { reason: `it is ${info.channels} x ${info.height} x ${info.width}` };
    }
    return data;
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}
