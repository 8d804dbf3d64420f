import type { Failure } from '../../diagnostics/failure.js';
import { stridesOf } from '../../runtime/tensor.js';
import { newData, type StoredData } from '../element.js';
import type { Region } from '../open-array.js';
import type { ByteSource } from '../source.js';
import { type Axis, countOf, sizesOf } from '../stored-array.js';
import type { PlaneAxes } from './plane-axes.js';
import { type KeptBlocks, type PlacedPage, readBlocks } from './read-blocks.js';

interface PagesOfFile {
  readonly source: ByteSource;
  readonly little: boolean;
  readonly first: PlacedPage;
  /** By the number of the page. */
  readonly pages: ReadonlyMap<number, PlacedPage>;
}

/**
 * Reads boxes of a TIFF by the strips or tiles that they touch. Undefined where the pages are not decoded block by block, or
 * where channels are pages: then the whole is read.
 */
export function regionReader(
  { source, little, first, pages }: PagesOfFile,
  { contiguous, axes: outer, planes }: PlaneAxes,
  axes: readonly Axis[],
): ((region: Region) => Promise<StoredData | Failure>) | undefined {
  if (contiguous || first.page.compression.by !== 'blocks') return undefined;
  const { page } = first;
  const samples = page.samples > 1 ? 1 : 0;
  // The pages before the samples, and these before rows and columns.
  const isPlain = outer.every(({ name }, i) => axes[i]?.name === name && name !== 'channel');
  if (!isPlain || axes.length !== outer.length + samples + 2) return undefined;
  const outerStrides = stridesOf(sizesOf(outer));
  const kept = new Map<number, KeptBlocks>();
  return async (region) => {
    const sizes = region.map(([from, to]) => to - from);
    const strides = stridesOf(sizes);
    const channels = samples === 1 ? region[outer.length] : undefined;
    const [y = [0, 0], x = [0, 0]] = region.slice(-2);
    const count = sizes.slice(-2).reduce((product, size) => product * size, 1);
    const data = newData(page.type, countOf(sizes));
    const isWhole = channels === undefined || channels[1] - channels[0] === page.samples;
    for (const [plane, index] of planes.entries()) {
      const at = outer.map(({ size }, i) => Math.floor(plane / (outerStrides[i] ?? 1)) % size);
      if (at.some((one, i) => one < (region[i]?.[0] ?? 0) || one >= (region[i]?.[1] ?? 0))) {
        kept.delete(plane);
        continue;
      }
      const start = at.reduce((sum, one, i) => sum + (one - (region[i]?.[0] ?? 0)) * (strides[i] ?? 0), 0);
      const located = pages.get(index) ?? first;
      const blocks = kept.get(plane) ?? new Map();
      kept.set(plane, blocks);
      // Samples of a pixel are stored together, so all of them are decoded.
      const target = isWhole ? data : newData(page.type, page.samples * count);
      const problem = await readBlocks(
        source,
        located.page,
        located.places,
        little,
        { data: target, start: isWhole ? start : 0, sampleStride: samples === 1 ? count : 0, part: { y, x } },
        blocks,
      );
      if (problem) return problem;
      if (isWhole || channels === undefined) continue;
      const [from, to] = channels;
      // Both have the array type of the page's elements.
      data.set(target.subarray(from * count, to * count) as never, start);
    }
    return data;
  };
}
