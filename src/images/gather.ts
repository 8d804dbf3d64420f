import type { StoredData } from '../formats/element.js';
import type { ImageLayout } from './image-layout.js';
import { startOf } from './image-layout.js';

type Numbers = Exclude<StoredData, BigInt64Array | BigUint64Array>;

/**
 * Copies one sample of one image, (...spatial), in row-major order from `at` on. A typed array converts the numbers to
 * its own type.
 */
export function gather(
  data: Numbers,
  layout: ImageLayout,
  { image, sample }: { readonly image: number; readonly sample: number },
  target: Int32Array | Float32Array | Float64Array,
  at = 0,
): void {
  const { steps } = layout;
  const from = startOf(layout, image) + sample * layout.sampleStride;
  // Axes that follow each other without a gap are one run.
  let run = 1;
  let outer = steps.length;
  for (const { size, stride } of steps.toReversed()) {
    if (stride !== run && size !== 1) break;
    run *= size;
    outer -= 1;
  }
  const copy = (axis: number, source: number, start: number): number => {
    if (axis === outer) {
      target.set(data.subarray(source, source + run), start);
      return start + run;
    }
    const { size = 1, stride = 0 } = steps[axis] ?? {};
    if (axis === steps.length - 1) {
      // The layout's steps stay inside of the array.
      for (let i = 0; i < size; i++) target[start + i] = data[source + i * stride] as number;
      return start + size;
    }
    let next = start;
    for (let i = 0; i < size; i++) next = copy(axis + 1, source + i * stride, next);
    return next;
  };
  copy(0, from, at);
}
