import { type Failure, failure } from '../../diagnostics/failure.js';
import { type LabelValues, labelValueText } from '../../images/label-values.js';
import { indexValues } from '../labels/value-index.js';

/** The numbers of one file of a mask that has a file for each class. */
interface ClassNumbers {
  readonly path: string;
  readonly label: number;
  readonly values: LabelValues;
}

/** How many values a message shows. */
const SHOWN = 8;

/**
 * Fails unless the numbers of a class's file are 0 and one other, or 0 and the numbers of objects: NaN, parts of a whole
 * and what JPEG or resizing leave around 0 would all count as the class.
 */
function checkNumbers({ path, values }: ClassNumbers): Failure | undefined {
  const { numbers, counts } = indexValues(values);
  const objects = numbers.filter((number) => number !== 0);
  const largest = objects.reduce((most, number) => Math.max(most, number), 0);
  const areWhole = objects.every((number) => Number.isInteger(number) && number > 0);
  // An object that another one hides leaves a gap.
  if (areWhole && (objects.length <= 1 || objects.length >= 0.8 * largest)) return undefined;
  return failure('class-file-values', {
    path,
    values: numbers
      .slice(0, SHOWN)
      .map((number, i) => ({ value: labelValueText(number, values.coloured), count: counts[i] ?? 0 })),
    more: Math.max(0, numbers.length - SHOWN),
  });
}

/**
 * One mask of the files of its classes, all of (...spatial): the class of the file whose number is not 0, or 0. Fails if
 * two classes share a position, since then one of them would be lost, and if the numbers of a file are more than "class"
 * and "not class".
 */
export function mergeClassFiles(files: readonly ClassNumbers[]): LabelValues | Failure {
  const values = new Int32Array(files[0]?.values.values.length ?? 0);
  for (const file of files) {
    const strange = checkNumbers(file);
    if (strange) return strange;
    const { path, label } = file;
    const own = file.values.values;
    let shared = 0;
    let other = 0;
    for (let i = 0; i < values.length; i++) {
      if (own[i] === 0) continue;
      // Within the length of `values`.
      const before = values[i] as number;
      if (before !== 0) {
        shared += 1;
        other = before;
      }
      values[i] = label;
    }
    if (shared > 0) {
      const otherPath = files.find((one) => one.label === other)?.path ?? '';
      return failure('classes-overlap', { path, other: otherPath, count: shared });
    }
  }
  const lossy = files.find((one) => one.values.lossy !== undefined)?.values.lossy;
  return { values, coloured: false, palette: undefined, lossy };
}
