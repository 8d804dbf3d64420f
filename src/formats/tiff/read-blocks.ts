import { type Failure, failure } from '../../diagnostics/failure.js';
import { decodeElements, type StoredData } from '../element.js';
import type { ByteSource } from '../source.js';
import { unpackBits } from '../unpack-bits.js';
import type { BlockSizes } from './codecs/block-sizes.js';
import { decompressBlock } from './codecs/decode-block.js';
import { undoPredictor } from './codecs/predictor.js';
import { Tag } from './directory.js';
import type { Page } from './page.js';

/** Where the strips or tiles of a page are. */
export interface BlockPlaces {
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
  readonly across: number;
  readonly down: number;
}

/** An image of a file that can be decoded. */
export interface PlacedPage {
  readonly page: Page;
  readonly places: BlockPlaces;
  /** The directory's number in the file. */
  readonly index: number;
}

/** A part of a page: from <= position < to. */
export interface PagePart {
  readonly y: readonly [number, number];
  readonly x: readonly [number, number];
}

/** Where a sample of a part goes: data[start + sample * sampleStride + (y - part.y[0]) * width of the part + x - part.x[0]]. */
export interface Target {
  readonly data: StoredData;
  readonly start: number;
  readonly sampleStride: number;
  /** The whole page when left out. */
  readonly part?: PagePart;
}

/** Blocks of a page that are decoded and may be needed for the next part. */
export type KeptBlocks = Map<number, StoredData>;

/** The sizes of a block in row `row` of blocks. */
export function blockSizes(page: Page, row: number): BlockSizes {
  const samples = page.planar ? 1 : page.samples;
  const { width, tiled } = page.block;
  const height = tiled
    ? page.block.height
    : Math.min(page.block.height, page.height - row * page.block.height);
  const rowBytes = Math.ceil((width * samples * page.bits) / 8);
  return { width, height, samples, rowBytes, bytes: rowBytes * height };
}

/** The blocks of a page; undefined where there are fewer than its sizes need. */
export function blockPlaces(page: Page): BlockPlaces | undefined {
  const { directory, block } = page;
  const across = Math.ceil(page.width / block.width);
  const down = Math.ceil(page.height / block.height);
  const needed = across * down * (page.planar ? page.samples : 1);
  const [offsetTag, countTag] = block.tiled
    ? [Tag.tileOffsets, Tag.tileByteCounts]
    : [Tag.stripOffsets, Tag.stripByteCounts];
  if (directory.countOf(offsetTag) < needed) return undefined;
  const offsets = directory.numbers(offsetTag);
  const stated = directory.numbers(countTag);
  // Without counts only blocks that are not compressed have a size that is known.
  const whole = stated.length === 0 && page.compression.name === 'none';
  const counts = whole
    ? offsets.map((_, i) => blockSizes(page, Math.floor((i % (across * down)) / across)).bytes)
    : stated;
  return offsets.length < needed || counts.length < needed ? undefined : { offsets, counts, across, down };
}

/** Numbers of three bytes follow the order of bytes, as those of two and four do; other odd sizes are bits in a row. */
function withHighestFirst(bytes: Uint8Array, bits: number, little: boolean): Uint8Array {
  if (bits !== 24 || !little) return bytes;
  const result = new Uint8Array(bytes);
  for (let i = 0; i + 2 < result.length; i += 3) {
    result[i] = bytes[i + 2] ?? 0;
    result[i + 2] = bytes[i] ?? 0;
  }
  return result;
}

function elementsOf(page: Page, bytes: Uint8Array, sizes: BlockSizes, little: boolean): StoredData {
  const perRow = sizes.width * sizes.samples;
  const { bits, type, signed } = page;
  if (bits === 8 || bits === 16 || bits === 32 || bits === 64) {
    return decodeElements(bytes, type, perRow * sizes.height, little);
  }
  const rows = { bits, signed, rows: sizes.height, perRow, rowBytes: sizes.rowBytes };
  return unpackBits(withHighestFirst(bytes, bits, little), type, rows);
}

/** Copies a decoded block to its place, without what lies beyond the edge of the image. */
export function placeBlock(
  page: Page,
  elements: StoredData,
  { width, height, samples }: Pick<BlockSizes, 'width' | 'height' | 'samples'>,
  { x, y }: { readonly x: number; readonly y: number },
  { data, start, sampleStride, part = wholeOf(page) }: Target,
): void {
  const [left, right] = [Math.max(x, part.x[0]), Math.min(x + width, page.width, part.x[1])];
  const [top, bottom] = [Math.max(y, part.y[0]), Math.min(y + height, page.height, part.y[1])];
  const columns = right - left;
  if (columns <= 0) return;
  const line = part.x[1] - part.x[0];
  for (let row = top; row < bottom; row++) {
    const from = ((row - y) * width + left - x) * samples;
    const to = start + (row - part.y[0]) * line + left - part.x[0];
    if (samples === 1) {
      // Both have the array type of the page's elements.
      data.set(elements.subarray(from, from + columns) as never, to);
      continue;
    }
    for (let sample = 0; sample < samples; sample++) {
      const at = to + sample * sampleStride;
      // As above.
      for (let i = 0; i < columns; i++) data[at + i] = elements[from + i * samples + sample] as never;
    }
  }
}

const wholeOf = ({ width, height }: Page): PagePart => ({ y: [0, height], x: [0, width] });

/** Decodes the strips or tiles of a page, or those that a part of it touches, to their places. */
export async function readBlocks(
  source: ByteSource,
  page: Page,
  places: BlockPlaces,
  little: boolean,
  target: Target,
  kept?: KeptBlocks,
): Promise<Failure | undefined> {
  const perPlane = places.across * places.down;
  const { y, x } = target.part ?? wholeOf(page);
  // LERC decodes to this machine's order of bytes.
  const littleData = page.compression.name === 'LERC' ? true : little;
  for (let index = 0; index < perPlane * (page.planar ? page.samples : 1); index++) {
    const sample = Math.floor(index / perPlane);
    const row = Math.floor((index % perPlane) / places.across);
    const position = { x: (index % places.across) * page.block.width, y: row * page.block.height };
    if (position.y >= y[1] || position.y + page.block.height <= y[0]) continue;
    if (position.x >= x[1] || position.x + page.block.width <= x[0]) continue;
    const [offset, count] = [places.offsets[index] ?? 0, places.counts[index] ?? 0];
    // A block that was never written is all zeros.
    if (offset === 0 && count === 0) continue;
    const sizes = blockSizes(page, row);
    const start = target.start + (page.planar ? sample * target.sampleStride : 0);
    const known = kept?.get(index);
    if (known) {
      placeBlock(page, known, sizes, position, { ...target, start });
      continue;
    }
    const length = page.compression.name === 'none' ? Math.min(count, sizes.bytes) : count;
    const stored = source.read(offset, length);
    const decoded = await decompressBlock(page, stored, sizes);
    if (!(decoded instanceof Uint8Array)) {
      return failure('elements-damaged', {
        path: source.path,
        format: 'TIFF',
        block: index,
        reason: decoded.reason,
      });
    }
    const plain = undoPredictor(page, decoded, sizes, little);
    const elements = elementsOf(page, plain, sizes, littleData);
    placeBlock(page, elements, sizes, position, { ...target, start });
    // The part that comes next may need the rest of it.
    if (position.y + page.block.height > y[1]) kept?.set(index, elements);
  }
  for (const index of kept?.keys() ?? []) {
    const row = Math.floor((index % perPlane) / places.across);
    if ((row + 1) * page.block.height <= y[1]) kept?.delete(index);
  }
  return undefined;
}
