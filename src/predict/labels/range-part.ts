import type { OutputRange } from '../model/model-head.js';
import type { PartFile } from './part-file.js';

/** How many bytes the ranges of so many models take. */
export function rangeBytes(models: number): number {
  return 8 * models;
}

/** The ranges of all outputs so far, once for each of `rows`: a run that continues takes those of its last row. */
export function rangeRows(ranges: readonly OutputRange[], rows: number): Uint8Array {
  // Outputs are of float32, so that their bounds are too.
  const numbers = Float32Array.from(ranges.flatMap(({ least, most }) => [least, most]));
  const one = new Uint8Array(numbers.buffer);
  const all = new Uint8Array(one.length * rows);
  for (let row = 0; row < rows; row++) all.set(one, row * one.length);
  return all;
}

/** Adds to each range what an earlier run has seen. */
export function restoreRanges(ranges: readonly OutputRange[], part: PartFile): void {
  if (part.rows === 0) return;
  const numbers = new Float32Array(part.read(part.rows - 1, part.rows).buffer);
  for (const [i, range] of ranges.entries()) {
    const [least = 0, most = 0] = numbers.subarray(2 * i, 2 * i + 2);
    // The range of several channels is not measured.
    if (least <= most) range.addRange(least, most);
  }
}
