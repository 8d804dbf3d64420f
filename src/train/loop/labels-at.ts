import { elementCount, type Tensor } from '../../runtime/tensor.js';

/**
 * Class numbers or weights, (N, 1, ...spatial), at the resolution of a coarser output, taken from the nearest positions. Both
 * maps have the same centre. Without padding, the coarser map extends beyond the labels: there it is 0, and a weight of 0
 * means that nothing is learned.
 *
 * @param shape (N, 1, ...spatial) of the output
 * @param scale how many positions of the labels one position of the output stands for, on each axis
 */
export function labelsAt(map: Tensor, shape: readonly number[], scale: readonly number[]): Tensor {
  // Equal sizes are not enough: without padding, a coarser map may have the same size and show more.
  if (map.shape.join() === shape.join() && scale.every((step) => step === 1)) return map;
  const [batch = 0] = shape;
  const [from, to] = [map.shape.slice(2), shape.slice(2)];
  const [sourceSize, size] = [elementCount(from), elementCount(to)];
  const nearest = to.map((count, axis) => {
    const [length, step] = [from[axis] ?? 1, scale[axis] ?? 1];
    const beyond = (count * step - length) / 2;
    return Array.from({ length: count }, (_, i) => Math.floor((i + 0.5) * step - beyond));
  });
  const data = new Float32Array(batch * size);
  for (let i = 0; i < size; i += 1) {
    let [rest, source, stride, isInside] = [i, 0, 1, true];
    for (let axis = to.length - 1; axis >= 0; axis -= 1) {
      const [length, count] = [from[axis] ?? 1, to[axis] ?? 1];
      const position = nearest[axis]?.[rest % count] ?? 0;
      isInside &&= position >= 0 && position < length;
      rest = Math.floor(rest / count);
      source += position * stride;
      stride *= length;
    }
    if (!isInside) continue;
    for (let sample = 0; sample < batch; sample += 1) {
      data[sample * size + i] = map.data[sample * sourceSize + source] ?? 0;
    }
  }
  return { shape, data };
}
