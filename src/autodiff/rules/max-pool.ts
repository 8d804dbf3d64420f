import { elementCount } from '../../ir/parameter.js';
import { select } from '../expression.js';
import { at, kernelOffsets, type Rule, spatialAxes } from '../rule.js';
import type { StepBuilder } from '../step/step-builder.js';
import type { StepValue } from '../step/step-value.js';
import { tiles } from './resampling.js';

/**
 * The gradient goes to the position of each window's maximum, the first of several. If windows overlap, a position may be
 * the maximum of several windows: its gradients are added.
 */
export const maxPool: Rule<'maxPool'> = {
  forward({ node, inputs, shape, builder }) {
    const { window, stride } = node.attributes;
    const attributes = { kernel_shape: { ints: window }, strides: { ints: stride } };
    if (!unpools(builder, window, stride)) {
      return { output: builder.op('MaxPool', [at(inputs, 0)], shape, attributes) };
    }
    const [output, positions] = builder.ops('MaxPool', [at(inputs, 0)], [shape, shape], attributes);
    if (!output || !positions) throw new Error('a pooling gives its maxima and their positions');
    return { output, saved: [positions] };
  },
  backward({ node, inputs, output, saved, dy, builder }) {
    const x = at(inputs, 0);
    const { window, stride } = node.attributes;
    if (!unpools(builder, window, stride))
      return { inputs: [byComparison(builder, x, output, dy, window, stride)] };
    const size = builder.ints(x.shape);
    const attributes = { kernel_shape: { ints: window }, strides: { ints: stride } };
    return { inputs: [builder.op('MaxUnpool', [dy, at(saved, 0), size], x.shape, attributes)] };
  },
};

/** Whether the gradient of a max pooling is a MaxUnpool: only without an overlap, and if the device has it. */
function unpools(builder: StepBuilder, window: readonly number[], stride: readonly number[]): boolean {
  return tiles(window, stride) && builder.has('MaxUnpool');
}

/** The gradient of a max pooling without the positions of the maxima: a maximum is where the input equals the output. */
function byComparison(
  builder: StepBuilder,
  x: StepValue,
  y: StepValue,
  dy: StepValue,
  window: readonly number[],
  stride: readonly number[],
): StepValue {
  const axes = spatialAxes(x);
  const size = (axis: number) => x.shape[axis] ?? 0;
  const extent = axes.map((axis, i) => ((y.shape[axis] ?? 0) - 1) * (stride[i] ?? 1) + 1);
  let sum: StepValue | undefined;
  // The gradient of each window, 0 once a position has received it.
  let rest = dy;
  for (const start of kernelOffsets(window)) {
    const ends = start.map((first, i) => first + (extent[i] ?? 0));
    const here = builder.slice(x, axes, start, ends, stride);
    const equal = builder.op('Equal', [here, y], y.shape);
    const own = apart(builder, select(builder, equal, rest, 0), stride);
    rest = select(builder, equal, 0, rest);
    const after = axes.map((axis, i) => size(axis) - (ends[i] ?? 0));
    const padded = builder.pad(own, [0, 0, ...start], [0, 0, ...after]);
    sum = sum ? builder.add(sum, padded) : padded;
  }
  if (!sum) throw new Error('a window has a position');
  return sum;
}

/** Puts the positions of each axis `stride` apart, with zeros between them. */
function apart(builder: StepBuilder, x: StepValue, stride: readonly number[]): StepValue {
  let value = x;
  for (const [i, distance] of stride.entries()) {
    if (distance === 1) continue;
    const axis = i + 2;
    const size = value.shape[axis] ?? 0;
    const outer = elementCount(value.shape.slice(0, axis));
    const inner = elementCount(value.shape.slice(axis + 1));
    const spread = builder.pad(
      builder.reshape(value, [outer, size, inner]),
      [0, 0, 0],
      [0, 0, (distance - 1) * inner],
    );
    const shape = value.shape.map((old, k) => (k === axis ? size * distance : old));
    value = builder.slice(builder.reshape(spread, shape), [axis], [0], [(size - 1) * distance + 1]);
  }
  return value;
}
