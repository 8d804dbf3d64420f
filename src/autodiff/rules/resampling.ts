import { elementCount } from '../../ir/parameter.js';
import { at, type Rule, spatialAxes } from '../rule.js';
import type { StepBuilder } from '../step/step-builder.js';
import type { StepValue } from '../step/step-value.js';

/** Whether windows lie side by side, without gaps or overlaps. */
export function tiles(window: readonly number[], stride: readonly number[]): boolean {
  return window.every((size, axis) => size === stride[axis]);
}

export const avgPool: Rule<'avgPool'> = {
  backward({ node, inputs, dy, builder }) {
    const x = at(inputs, 0);
    const { window, stride } = node.attributes;
    const share = builder.times(dy, 1 / elementCount(window));
    if (tiles(window, stride)) return { inputs: [repeated(builder, share, window)] };
    // Axis by axis: output i is the mean of the inputs i stride ... i stride + window - 1.
    const matrices = window.map((extent, axis) =>
      matrixOf(dy.shape[axis + 2] ?? 0, x.shape[axis + 2] ?? 0, (i) =>
        Array.from({ length: extent }, (_, k) => [i * (stride[axis] ?? 1) + k, 1] as const),
      ),
    );
    return { inputs: [throughMatrices(builder, share, matrices)] };
  },
};

export const resize: Rule<'resize'> = {
  backward({ node, inputs, dy, builder }) {
    const x = at(inputs, 0);
    const { mode, factor, alignCorners } = node.attributes;
    if (mode === 'nearest') {
      const shape = x.shape
        .slice(0, 2)
        .concat(factor.flatMap((size, axis) => [x.shape[axis + 2] ?? 0, size]));
      const axes = factor.map((_, axis) => 3 + 2 * axis);
      return { inputs: [builder.reshape(builder.sum(builder.reshape(dy, shape), axes), x.shape)] };
    }
    return { inputs: [byInterpolation(builder, dy, x, alignCorners)] };
  },
};

export const interpolate: Rule<'interpolate'> = {
  backward: ({ inputs, dy, builder }) => ({ inputs: [byInterpolation(builder, dy, at(inputs, 0), false)] }),
};

/** The transpose of a linear interpolation from the sizes of x to those of dy. */
function byInterpolation(
  builder: StepBuilder,
  dy: StepValue,
  x: StepValue,
  alignCorners: boolean,
): StepValue {
  const matrices = spatialAxes(x).map((axis) => {
    const [n, m] = [x.shape[axis] ?? 0, dy.shape[axis] ?? 0];
    if (n === m) return undefined;
    return matrixOf(m, n, (i) => {
      const centre = Math.min(Math.max(((i + 0.5) * n) / m - 0.5, 0), n - 1);
      const position = alignCorners ? (m > 1 ? (i * (n - 1)) / (m - 1) : 0) : centre;
      const left = Math.min(Math.floor(position), n - 1);
      return [
        [left, 1 - (position - left)],
        [Math.min(left + 1, n - 1), position - left],
      ];
    });
  });
  return throughMatrices(builder, dy, matrices);
}

/** Zeros receive no gradient; the gradient of a mirrored or repeated position goes to the position that it repeats. */
export const pad: Rule<'pad'> = {
  backward({ node, inputs, dy, builder }) {
    const x = at(inputs, 0);
    const { mode, before, after } = node.attributes;
    if (mode === 'zero') {
      const axes = spatialAxes(x);
      const ends = axes.map((axis, i) => (dy.shape[axis] ?? 0) - (after[i] ?? 0));
      return { inputs: [builder.slice(dy, axes, before, ends)] };
    }
    const matrices = before.map((start, axis) => {
      const [n, m] = [x.shape[axis + 2] ?? 0, dy.shape[axis + 2] ?? 0];
      if (n === m) return undefined;
      return matrixOf(m, n, (i) => {
        const j = i - start;
        if (j >= 0 && j < n) return [[j, 1]];
        if (mode === 'replicate') return [[j < 0 ? 0 : n - 1, 1]];
        return [[j < 0 ? -j : 2 * (n - 1) - j, 1]];
      });
    });
    return { inputs: [throughMatrices(builder, dy, matrices)] };
  },
};

export const crop: Rule<'crop'> = {
  backward: ({ node, dy, builder }) => ({
    inputs: [builder.pad(dy, [0, 0, ...node.attributes.before], [0, 0, ...node.attributes.after])],
  }),
};

export const globalAverage: Rule<'globalAverage'> = {
  backward({ inputs, dy, builder }) {
    const x = at(inputs, 0);
    const positions = elementCount(x.shape.slice(2));
    return { inputs: [builder.expand(builder.times(dy, 1 / positions), x.shape)] };
  },
};

/** Repeats each position `factor` times along each axis. */
function repeated(builder: StepBuilder, x: StepValue, factor: readonly number[]): StepValue {
  const [batch = 1, channels = 1, ...spatial] = x.shape;
  const apart = [batch, channels, ...spatial.flatMap((size) => [size, 1])];
  const wide = [batch, channels, ...spatial.flatMap((size, axis) => [size, factor[axis] ?? 1])];
  const shape = [batch, channels, ...spatial.map((size, axis) => size * (factor[axis] ?? 1))];
  return builder.reshape(builder.expand(builder.reshape(x, apart), wide), shape);
}

/** A matrix (inputs, outputs): the weight of each input in each output of a linear map along an axis. */
interface AxisMatrix {
  readonly inputs: number;
  readonly outputs: number;
  readonly values: readonly number[];
}

function matrixOf(
  outputs: number,
  inputs: number,
  sources: (output: number) => readonly (readonly [input: number, weight: number])[],
): AxisMatrix {
  const values = new Array<number>(inputs * outputs).fill(0);
  for (let i = 0; i < outputs; i += 1) {
    for (const [j, weight] of sources(i)) values[j * outputs + i] = (values[j * outputs + i] ?? 0) + weight;
  }
  return { inputs, outputs, values };
}

/** Multiplies each axis of a gradient with its matrix, from outputs to inputs; axes without a matrix stay. */
function throughMatrices(
  builder: StepBuilder,
  dy: StepValue,
  matrices: readonly (AxisMatrix | undefined)[],
): StepValue {
  let value = dy;
  for (const [i, matrix] of matrices.entries()) {
    if (!matrix) continue;
    const axis = i + 2;
    const shape = value.shape.map((size, k) => (k === axis ? matrix.inputs : size));
    const weights = builder.floats(matrix.values, [matrix.inputs, matrix.outputs]);
    const outer = elementCount(value.shape.slice(0, axis));
    const inner = elementCount(value.shape.slice(axis + 1));
    const rows = builder.reshape(value, [outer, matrix.outputs, inner]);
    value = builder.reshape(builder.matMul(weights, rows), shape);
  }
  return value;
}
