import { Failure } from '../../diagnostics/failure.js';
import type { BoxedArray } from '../../formats/write.js';
import { type GatheredNumbers, gridBoxes } from '../../images/grid-boxes.js';
import type { LabelBands } from '../../objects/postprocess/postprocess.js';
import type { Turn } from '../../resample/orientation.js';
import { elementCount } from '../../runtime/tensor.js';
import type { OpenedCase } from '../cases/open-case.js';
import { appendObjects, type FinishOptions, finishedBands } from './finish-labels.js';
import type { PartFile } from './part-file.js';
import { gatheredNumbers, RowFile } from './row-file.js';

/** Labels in a part file, and what is known about them. */
export interface GatheredLabels {
  readonly part: PartFile;
  readonly turn: Turn;
  /** Of an image, after the turn. */
  readonly spatial: readonly number[];
  /** The distance between positions on each of these axes, where it is known. */
  readonly micrometres: readonly number[] | undefined;
  /** Of a label. */
  readonly bytes: 1 | 2;
}

/** Labels on the grid of the input. */
export interface PlacedLabels {
  readonly labels: BoxedArray;
  /** The objects on the same grid, and the class of each by its number, if they were to be numbered. */
  readonly objects: { readonly array: BoxedArray; readonly values: readonly number[] } | undefined;
  /** How many positions each class has. */
  readonly counts: readonly number[];
  /** Files that the arrays are read from, besides the part file. Who is done with the arrays closes and removes them. */
  readonly scratch: readonly RowFile[];
  /** The finished labels row by row, in one of these files. */
  readonly rows: PartFile | RowFile;
}

/** So many positions are finished at once, but at least one row. */
const BAND_POSITIONS = 2 ** 22;

/** The rows from <= row < to of a file of labels, in bands, as often as they are asked for. */
function bandsOf(file: PartFile | RowFile, bytes: 1 | 2, line: number, from: number, to: number): LabelBands {
  const step = Math.max(1, Math.floor(BAND_POSITIONS / line));
  return function* () {
    for (let row = from; row < to; row += step) {
      const band = file.read(row, Math.min(to, row + step));
      yield bytes === 2 ? new Uint16Array(band.buffer) : band;
    }
  };
}

/**
 * The gathered labels on the grid of the input, finished. Steps and objects go through files beside `output`, and need the
 * memory of a band of rows.
 */
export async function placedLabels(
  { first, options }: OpenedCase,
  { part, spatial, micrometres, bytes, turn }: GatheredLabels,
  output: string,
  { steps, objects }: FinishOptions = { steps: [], objects: undefined },
): Promise<PlacedLabels | Failure> {
  const { header, layout } = first;
  const grid = { header, layout, options, turn };
  const [size = 0, ...rest] = spatial;
  const line = elementCount(rest);
  const scratch: RowFile[] = [];
  const given = (failed: Failure): Failure => {
    for (const one of scratch) one.close();
    for (const one of scratch) one.remove();
    return failed;
  };
  const scratchFile = (name: string, rowBytes: number): RowFile | Failure => {
    const file = RowFile.open(`${output}.part.${name}`, rowBytes);
    if (file instanceof RowFile) scratch.push(file);
    return file;
  };
  const cleaned = steps.length > 0 ? scratchFile('labels', line * bytes) : part;
  if (cleaned instanceof Failure) return given(cleaned);
  const counts = new Float64Array(bytes === 2 ? 2 ** 16 : 2 ** 8);
  for (let image = 0; image < layout.images; image++) {
    const bands = bandsOf(part, bytes, line, image * size, (image + 1) * size);
    const finished = await finishedBands({ bands, shape: spatial, micrometres }, steps);
    if (finished instanceof Failure) return given(finished);
    for await (const band of finished()) {
      // `as number`: labels are below the length of `counts`.
      for (let i = 0; i < band.length; i++)
        counts[band[i] as number] = (counts[band[i] as number] as number) + 1;
      const failed =
        cleaned instanceof RowFile
          ? cleaned.append(new Uint8Array(band.buffer, band.byteOffset, band.byteLength))
          : undefined;
      if (failed) return given(failed);
    }
  }
  const labels = gridBoxes(grid, gatheredNumbers(cleaned, bytes === 2 ? 'uint16' : 'uint8'));
  if (labels instanceof Failure) return given(labels);
  const last = counts.findLastIndex((count) => count > 0);
  const placed = { labels, counts: [...counts.subarray(0, Math.max(2, last + 1))], scratch, rows: cleaned };
  if (!objects) return { ...placed, objects: undefined };
  const numbered = scratchFile('objects', line * 4);
  if (numbered instanceof Failure) return given(numbered);
  const values = [0];
  for (let image = 0; image < layout.images; image++) {
    const bands = bandsOf(cleaned, bytes, line, image * size, (image + 1) * size);
    const failed = await appendObjects({ bands, shape: spatial, micrometres }, objects, values, numbered);
    if (failed) return given(failed);
  }
  const array = gridBoxes(grid, objectNumbers(numbered, values.length - 1));
  return array instanceof Failure ? given(array) : { ...placed, objects: { array, values } };
}

/** The numbers of objects, as uint16 where all fit. */
function objectNumbers(file: RowFile, count: number): GatheredNumbers {
  const wide = gatheredNumbers(file, 'int32');
  if (count >= 2 ** 16) return wide;
  return {
    type: 'uint16',
    // `as`: the elements of int32.
    read: (first, length) => Uint16Array.from(wide.read(first, length) as Int32Array),
  };
}
