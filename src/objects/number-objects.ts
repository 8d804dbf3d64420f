import type { Components } from './components/connected-components.js';
import type { LabelArray } from './label-array.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/**
 * Numbers objects from 1 in the row-major order of their first positions, in place, and measures them.
 *
 * @param objects (...shape): numbers from 1 to `most`, not all of which need to occur; 0 for no object
 * @param labels (...shape): the class of an object is the first label among its positions that is not `noValue`
 */
export function numberObjects(
  objects: Int32Array,
  most: number,
  labels: LabelArray,
  shape: readonly number[],
  noValue = 0,
): Components {
  const { length: rank } = shape;
  const numbers = new Int32Array(most + 1);
  let count = 0;
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i] as number;
    if (object !== 0 && numbers[object] === 0) numbers[object] = ++count;
  }
  const sizes = new Float64Array(count + 1);
  const values = new Int32Array(count + 1).fill(noValue);
  const boxes = new Int32Array(2 * rank * (count + 1));
  const point = new Int32Array(rank);
  for (let i = 0; i < objects.length; i++) {
    const object = numbers[objects[i] as number] as number;
    objects[i] = object;
    if (object !== 0) {
      const isFirst = sizes[object] === 0;
      sizes[object] = (sizes[object] as number) + 1;
      if (values[object] === noValue) values[object] = labels[i] as number;
      for (let axis = 0; axis < rank; axis++) {
        const at = 2 * (rank * object + axis);
        const x = point[axis] as number;
        if (isFirst || x < (boxes[at] as number)) boxes[at] = x;
        if (isFirst || x >= (boxes[at + 1] as number)) boxes[at + 1] = x + 1;
      }
    }
    for (let axis = rank - 1; axis >= 0; axis--) {
      const next = (point[axis] as number) + 1;
      point[axis] = next;
      if (next < (shape[axis] as number)) break;
      point[axis] = 0;
    }
  }
  values[0] = 0;
  return { labels: objects, count, sizes, values, boxes };
}
