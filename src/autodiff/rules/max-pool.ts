import { elementCount } from '../../ir/parameter.js';
import { select } from '../expression.js';
import { at, type Rule, spatialAxes } from '../rule.js';
import type { Tape, Value } from '../tape.js';
import { placesOf } from './kernel-places.js';
import { tiles } from './resampling.js';

/**
 * The gradient goes to the position of each window's maximum, the first of several. Where windows overlap, a position
 * may be the maximum of several: its shares are added.
 */
export const maxPool: Rule<'maxPool'> = {
  forward({ node, inputs, shape, tape }) {
    const { window, stride } = node.attributes;
    const attributes = { kernel_shape: { ints: window }, strides: { ints: stride } };
    if (!unpools(tape, window, stride)) {
      return { output: tape.op('MaxPool', [at(inputs, 0)], shape, attributes) };
    }
    const [output, places] = tape.ops('MaxPool', [at(inputs, 0)], [shape, shape], attributes);
    if (!output || !places) throw new Error('a pooling gives its maxima and their places');
    return { output, saved: [places] };
  },
  backward({ node, inputs, output, saved, dy, tape }) {
    const x = at(inputs, 0);
    const { window, stride } = node.attributes;
    if (!unpools(tape, window, stride))
      return { inputs: [byComparison(tape, x, output, dy, window, stride)] };
    const size = tape.ints(x.shape);
    const attributes = { kernel_shape: { ints: window }, strides: { ints: stride } };
    return { inputs: [tape.op('MaxUnpool', [dy, at(saved, 0), size], x.shape, attributes)] };
  },
};

/** Whether the gradient of a max pooling is a MaxUnpool: it takes each position once, and devices may lack it. */
function unpools(tape: Tape, window: readonly number[], stride: readonly number[]): boolean {
  return tiles(window, stride) && tape.has('MaxUnpool');
}

/** The gradient of a max pooling without the places of the maxima: they are where the input equals the output. */
function byComparison(
  tape: Tape,
  x: Value,
  y: Value,
  dy: Value,
  window: readonly number[],
  stride: readonly number[],
): Value {
  const axes = spatialAxes(x);
  const size = (axis: number) => x.shape[axis] ?? 0;
  const reach = axes.map((axis, i) => ((y.shape[axis] ?? 0) - 1) * (stride[i] ?? 1) + 1);
  let sum: Value | undefined;
  // What of each window's gradient no position has taken yet.
  let rest = dy;
  for (const start of placesOf(window)) {
    const ends = start.map((first, i) => first + (reach[i] ?? 0));
    const here = tape.slice(x, axes, start, ends, stride);
    const equal = tape.op('Equal', [here, y], y.shape);
    const own = apart(tape, select(tape, equal, rest, 0), stride);
    rest = select(tape, equal, 0, rest);
    const after = axes.map((axis, i) => size(axis) - (ends[i] ?? 0));
    const placed = tape.pad(own, [0, 0, ...start], [0, 0, ...after]);
    sum = sum ? tape.add(sum, placed) : placed;
  }
  if (!sum) throw new Error('a window has a position');
  return sum;
}

/** The positions of each axis as far apart as `stride` says, with zeros between them. */
function apart(tape: Tape, x: Value, stride: readonly number[]): Value {
  let value = x;
  for (const [i, step] of stride.entries()) {
    if (step === 1) continue;
    const axis = i + 2;
    const size = value.shape[axis] ?? 0;
    const outer = elementCount(value.shape.slice(0, axis));
    const inner = elementCount(value.shape.slice(axis + 1));
    const spread = tape.pad(tape.reshape(value, [outer, size, inner]), [0, 0, 0], [0, 0, (step - 1) * inner]);
    const shape = value.shape.map((old, place) => (place === axis ? size * step : old));
    value = tape.slice(tape.reshape(spread, shape), [axis], [0], [(size - 1) * step + 1]);
  }
  return value;
}
