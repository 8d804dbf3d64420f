import type { Failure } from '../diagnostics/failure.js';
import type { StoredArray } from '../formats/stored-array.js';
import { writeArray } from '../formats/write.js';
import type { CasePrediction } from './predict-case.js';

/** Pages are the depth in a format that has no pages. */
function withDepth({ header, data }: StoredArray): StoredArray {
  const hasDepth = header.axes.some(({ name }) => name === 'z');
  const axes = header.axes.map((axis) =>
    axis.name === 'page' && !hasDepth ? { ...axis, name: 'z' as const } : axis,
  );
  return { header: { ...header, axes }, data };
}

/** Writes the labels of a case, and then deletes what they were gathered in. The ending of the path decides the format. */
export function writeLabels({ labels, part }: CasePrediction, output: string): Failure | undefined {
  const failed = writeArray(output, /\.tiff?$/i.test(output) ? labels : withDepth(labels));
  part.close();
  if (failed) return failed;
  part.remove();
  return undefined;
}
