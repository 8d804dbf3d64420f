import type { OpAttributes } from '../../src/ir/op-attributes.js';
import { count, forEachIndex, separable, strides, type Tensor, zeros } from './tensor.js';

type Sizes = readonly number[];

/** The maximum or the mean of each window. */
export function pool(
  x: Tensor,
  attributes: OpAttributes['maxPool'],
  outSpatial: Sizes,
  kind: 'max' | 'mean',
): Tensor {
  const [batch = 0, channels = 0, ...inSpatial] = x.shape;
  const out = zeros([batch, channels, ...outSpatial]);
  const steps = strides(inSpatial);
  const offsets: number[] = [];
  forEachIndex(attributes.window, (index) => {
    offsets.push(index.reduce((sum, i, axis) => sum + i * (steps[axis] ?? 0), 0));
  });
  const starts: number[] = [];
  forEachIndex(outSpatial, (index) => {
    starts.push(
      index.reduce((sum, i, axis) => sum + i * (attributes.stride[axis] ?? 0) * (steps[axis] ?? 0), 0),
    );
  });
  const inSize = count(inSpatial);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (const [position, start] of starts.entries()) {
      let best = Number.NEGATIVE_INFINITY;
      let sum = 0;
      for (const offset of offsets) {
        const value = x.data[plane * inSize + start + offset] ?? Number.NaN;
        best = Math.max(best, value);
        sum += value;
      }
      out.data[plane * starts.length + position] = kind === 'max' ? best : sum / offsets.length;
    }
  }
  return out;
}

export function resize(x: Tensor, attributes: OpAttributes['resize'], outSpatial: Sizes): Tensor {
  const { mode, factor, alignCorners } = attributes;
  return separable(x, [0, 0, ...outSpatial], (i, axis) => {
    const scale = factor[axis] ?? 1;
    const size = x.shape[axis + 2] ?? 0;
    if (mode === 'nearest') return [[Math.floor(i / scale), 1]];
    const outSize = outSpatial[axis] ?? 0;
    const corner = outSize > 1 ? (i * (size - 1)) / (outSize - 1) : 0;
    const centre = Math.min(Math.max((i + 0.5) / scale - 0.5, 0), size - 1);
    const position = alignCorners ? corner : centre;
    const left = Math.min(Math.floor(position), size - 1);
    const right = Math.min(left + 1, size - 1);
    return [
      [left, 1 - (position - left)],
      [right, position - left],
    ];
  });
}

/** Linear, on pixel centres, to any size: each output is a mean of the two inputs around its centre. */
export function interpolate(x: Tensor, outSpatial: Sizes): Tensor {
  return separable(x, [0, 0, ...outSpatial], (i, axis) => {
    const size = x.shape[axis + 2] ?? 0;
    const centre = ((i + 0.5) * size) / (outSpatial[axis] ?? 0) - 0.5;
    const position = Math.min(Math.max(centre, 0), size - 1);
    const left = Math.min(Math.floor(position), size - 1);
    return [
      [left, 1 - (position - left)],
      [Math.min(left + 1, size - 1), position - left],
    ];
  });
}

export function pad(x: Tensor, attributes: OpAttributes['pad'], outSpatial: Sizes): Tensor {
  return separable(x, [0, 0, ...outSpatial], (i, axis) => {
    const size = x.shape[axis + 2] ?? 0;
    const j = i - (attributes.before[axis] ?? 0);
    if (j >= 0 && j < size) return [[j, 1]];
    switch (attributes.mode) {
      case 'zero':
        return [];
      case 'replicate':
        return [[j < 0 ? 0 : size - 1, 1]];
      case 'reflect':
        return [[j < 0 ? -j : 2 * (size - 1) - j, 1]];
    }
  });
}

export function crop(x: Tensor, attributes: OpAttributes['crop'], outSpatial: Sizes): Tensor {
  return separable(x, [0, 0, ...outSpatial], (i, axis) => [[i + (attributes.before[axis] ?? 0), 1]]);
}
