import type { Tensor } from '../../reference/tensor.js';
import type { Values } from './op-case.js';

/** Reorders the axes: axis i of the result is axis order[i] of the input. */
export function permute({ shape, data }: Values, order: readonly number[]): Values {
  const size = (axis: number) => shape[axis] ?? 1;
  const stepOf = (axis: number) => shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const outShape = order.map(size);
  const steps = order.map(stepOf);
  const out = new Float64Array(data.length);
  const index = outShape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from] ?? 0;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      from += steps[axis] ?? 0;
      if ((index[axis] ?? 0) < (outShape[axis] ?? 0)) break;
      from -= (steps[axis] ?? 0) * (outShape[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return { shape: outShape, data: out };
}

/** (N, ...spatial, C) to (N, C, ...spatial). */
export function channelsFirst(x: Values): Tensor {
  const spatial = x.shape.slice(2).map((_, axis) => axis + 1);
  return permute(x, [0, x.shape.length - 1, ...spatial]);
}

/** (N, C, ...spatial) to (N, ...spatial, C). */
export function channelsLast(x: Tensor): Values {
  const spatial = x.shape.slice(2).map((_, axis) => axis + 2);
  return permute(x, [0, ...spatial, 1]);
}

/** Filter (...kernel, I, O) to (O, I, ...kernel); with (...kernel, O, I) it gives (I, O, ...kernel). */
export function filterFirst(filter: Values): Values {
  const rank = filter.shape.length;
  return permute(filter, [rank - 1, rank - 2, ...filter.shape.slice(2).map((_, axis) => axis)]);
}
