import { stridesOf } from '../runtime/tensor.js';
import type { StoredData } from './element.js';
import { newData, type StoredType } from './element.js';
import { type Axis, type AxisName, countOf, sizesOf } from './stored-array.js';

/** The order of axes of every stored array, slowest first. */
const ORDER: readonly AxisName[] = ['time', 'page', 'channel', 'z', 'y', 'x'];

/** Sorts axes into the common order; the result tells the former position of each. */
export function commonOrder(axes: readonly Axis[]): readonly number[] {
  return axes
    .map((_, i) => i)
    .sort((a, b) => ORDER.indexOf(axes[a]?.name ?? 'x') - ORDER.indexOf(axes[b]?.name ?? 'x'));
}

/** Elements with their axes put into another order: `order[i]` is the former position of axis i. */
export function reordered(
  data: StoredData,
  type: StoredType,
  sizes: readonly number[],
  order: readonly number[],
): StoredData {
  if (order.every((from, i) => from === i)) return data;
  const former = stridesOf(sizes);
  const newSizes = order.map((from) => sizes[from] ?? 1);
  const steps = order.map((from) => former[from] ?? 1);
  const result = newData(type, countOf(newSizes));
  const [inner, innerStep] = [newSizes.at(-1) ?? 1, steps.at(-1) ?? 1];
  const index = new Array<number>(newSizes.length).fill(0);
  let from = 0;
  for (let at = 0; at < result.length; at += inner) {
    for (let i = 0, source = from; i < inner; i++, source += innerStep) {
      // `result` has the array type of `data`, whose elements are moved as they are.
      result[at + i] = data[source] as never;
    }
    for (let axis = newSizes.length - 2; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      from += steps[axis] ?? 0;
      if ((index[axis] ?? 0) < (newSizes[axis] ?? 1)) break;
      from -= (steps[axis] ?? 0) * (newSizes[axis] ?? 1);
      index[axis] = 0;
    }
  }
  return result;
}

/** The axes in their common order. */
export function reorderedAxes(axes: readonly Axis[], order: readonly number[]): Axis[] {
  return order.flatMap((from) => {
    const axis = axes[from];
    return axis ? [axis] : [];
  });
}

/** Elements whose axes are `axes`, put into the common order. */
export function inCommonOrder(data: StoredData, type: StoredType, axes: readonly Axis[]): StoredData {
  return reordered(data, type, sizesOf(axes), commonOrder(axes));
}

/** A box of the elements: [from, to) for each axis. */
export function cutRegion(
  data: StoredData,
  type: StoredType,
  sizes: readonly number[],
  region: readonly (readonly [number, number])[],
): StoredData {
  const boxSizes = region.map(([from, to]) => to - from);
  const strides = stridesOf(sizes);
  const boxStrides = stridesOf(boxSizes);
  const result = newData(type, countOf(boxSizes));
  const [row, last] = [boxSizes.at(-1) ?? 1, region.at(-1)?.[0] ?? 0];
  for (let at = 0; at < result.length; at += row) {
    const start = region.slice(0, -1).reduce((sum, [from], axis) => {
      const index = Math.floor(at / (boxStrides[axis] ?? 1)) % (boxSizes[axis] ?? 1);
      return sum + (from + index) * (strides[axis] ?? 1);
    }, last);
    // `result` has the array type of `data`.
    result.set(data.subarray(start, start + row) as never, at);
  }
  return result;
}
