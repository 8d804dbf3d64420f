import type { PartFile } from '../labels/part-file.js';
import type { RowFile } from '../labels/row-file.js';
import { mapType, type ResultMap } from './result-map.js';

/** What is known of a map, in numbers. */
export type MapMeasures =
  /** How many positions belong to a region. */
  | { readonly positions: number }
  /** The mean over all positions, and over those with a label other than 0; null if there is none. */
  | { readonly unit: 'nats'; readonly mean: number; readonly foreground: number | null };

/** So many positions are read at once, but at least one row. */
const BAND_POSITIONS = 2 ** 20;

/** The finished labels, row by row, in so many bytes each. */
export interface LabelFile {
  readonly file: PartFile | RowFile;
  readonly bytes: 1 | 2;
  /** Positions of a row. */
  readonly line: number;
}

/** Measures a map in a part file, which has the rows of the labels. */
export function measuredMap(map: ResultMap, part: PartFile, labels: LabelFile): MapMeasures {
  const type = mapType(map);
  const step = Math.max(1, Math.floor(BAND_POSITIONS / labels.line));
  let [sum, inside, positions] = [0, 0, 0];
  for (let row = 0; row < part.rows; row += step) {
    const end = Math.min(part.rows, row + step);
    const bytes = part.read(row, end);
    const numbers = type === 'float32' ? new Float32Array(bytes.buffer) : bytes;
    if (type === 'uint8') {
      for (const number of numbers) sum += number;
      continue;
    }
    const own = labels.file.read(row, end);
    const classes = labels.bytes === 2 ? new Uint16Array(own.buffer) : own;
    for (let i = 0; i < numbers.length; i++) {
      const value = numbers[i] as number; // within the length
      sum += value;
      if (classes[i] === 0) continue;
      inside += value;
      positions += 1;
    }
  }
  if (type === 'uint8') return { positions: sum };
  const count = part.rows * labels.line;
  return { unit: 'nats', mean: sum / count, foreground: positions > 0 ? inside / positions : null };
}
