import { Failure } from '../../diagnostics/failure.js';
import type { Tensor } from '../../runtime/tensor.js';

/** What computes the outputs of windows. */
export interface WindowModel {
  /** How many windows it takes at once; any number when left out. */
  readonly batch?: number;
  /** Whether it works on another thread, and takes the next windows before it is done. */
  readonly isBeside?: boolean;
  /** (N, C, ...window) to (N, K, ...output). */
  run(input: Tensor): Promise<Tensor | Failure>;
}

/** Each combination of spatial axes, the empty one first. */
export function flipsOf(axes: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: 2 ** axes.length }, (_, bits) => axes.filter((_, i) => bits & (1 << i)));
}

/** (N, C, ...spatial), mirrored along spatial axes, counted from 0. */
export function flipped({ shape, data }: Tensor, axes: readonly number[]): Tensor {
  if (axes.length === 0) return { shape, data };
  const result = new Float32Array(data.length);
  const line = shape.at(-1) ?? 1;
  const lines = shape.slice(0, -1);
  const last = shape.length - 1;
  const isMirrored = shape.map((_, axis) => axes.includes(axis - 2));
  for (let index = 0; index < data.length / line; index++) {
    let [rest, other, factor] = [index, 0, 1];
    for (let axis = last - 1; axis >= 0; axis--) {
      const size = lines[axis] ?? 1;
      const position = rest % size;
      rest = Math.floor(rest / size);
      other += factor * (isMirrored[axis] ? size - 1 - position : position);
      factor *= size;
    }
    const values = data.subarray(index * line, (index + 1) * line);
    const to = other * line;
    result.set(values, to);
    if (isMirrored[last]) result.subarray(to, to + line).reverse();
  }
  return { shape, data: result };
}

/**
 * The mean of a model's outputs for a window and its mirror images along each combination of `axes`, mirrored back
 * (nnU-Net's test-time augmentation).
 */
export function withMirrors(model: WindowModel, axes: readonly number[]): WindowModel {
  const flips = flipsOf(axes);
  if (flips.length === 1) return model;
  return {
    ...model,
    async run(input) {
      let sum: Tensor | undefined;
      for (const flip of flips) {
        const output = await model.run(flipped(input, flip));
        if (output instanceof Failure) return output;
        const { shape, data } = flipped(output, flip);
        if (sum === undefined) sum = { shape, data: Float32Array.from(data) };
        else addTo(sum.data, data);
      }
      if (sum === undefined) throw new Error('there is at least the window itself');
      const { shape, data } = sum;
      return { shape, data: data.map((one) => one / flips.length) };
    },
  };
}

/** Adds numbers to as many others, in place. */
export function addTo(sum: Float32Array, more: Float32Array): void {
  // Both have the same length.
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (more[i] as number);
}
