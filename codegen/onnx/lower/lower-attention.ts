import type { NodeOf } from '../../../src/ir/graph.js';
import type { NodeEmitter } from '../emitter.js';
import { BATCH, type Dimension, type OnnxTensor } from '../tensor.js';
import { inputAt, type OnnxLowering } from './lowering.js';

/** Adds the whole table to each sample: (C, ...size) is broadcast over (N, C, ...size). */
export const positions: OnnxLowering<'positions'> = (_node, inputs, to) =>
  to.result('Add', [inputAt(inputs, 0).name, to.parameter('position')]);

/**
 * Attention in ops of every opset. The query is scaled, because it is smaller than the weights, and because scaling
 * before the product makes an overflow in float16 less likely.
 */
export const attention: OnnxLowering<'attention'> = (node, inputs, to) =>
  to.shape.slice(2).every((size) => typeof size === 'number')
    ? fixedAttention(node, inputs, to)
    : freeAttention(node, inputs, to);

/** With d = C / heads and P positions: (N, heads, P, d) for each of the three, two products, and back. */
function fixedAttention(
  node: NodeOf<'attention'>,
  inputs: readonly OnnxTensor[],
  to: NodeEmitter,
): OnnxTensor {
  const { heads, depth } = headsOf(node);
  const positionCount = positionsOf(to.shape.slice(2));
  const split: readonly Dimension[] = [BATCH, heads, depth, positionCount];
  const rows: readonly Dimension[] = [BATCH, heads, positionCount, depth];
  const splitShape = to.ints('heads_shape', [0, heads, depth, -1]);
  const perHead = (what: string, index: number) =>
    to.inner(`${what}_heads`, 'Reshape', [inputAt(inputs, index).name, splitShape], {}, split);
  const exchanged = (what: string, tensor: OnnxTensor, shape: readonly Dimension[]) =>
    to.inner(what, 'Transpose', [tensor.name], { perm: { ints: [0, 1, 3, 2] } }, shape);
  const query = scaled(exchanged('query', perHead('query', 0), rows), depth, to);
  const value = exchanged('value', perHead('value', 2), rows);
  const attended = weighted(query, perHead('key', 1), value, positionCount, to);
  const channels = exchanged('channels', attended, split);
  const sizes = to.shape.slice(2).map(Number);
  return to.result('Reshape', [channels.name, to.ints('shape', [0, node.channels, ...sizes])]);
}

/**
 * With free sizes, a 0 in a new shape copies the size at its index. So the query keeps its spatial axes, (N, heads,
 * ...spatial, d). Key and value have all positions in one axis, and are broadcast over the spatial axes of the query
 * but the last.
 */
function freeAttention(
  node: NodeOf<'attention'>,
  inputs: readonly OnnxTensor[],
  to: NodeEmitter,
): OnnxTensor {
  const { heads, depth } = headsOf(node);
  const spatial = to.shape.slice(2);
  const rank = spatial.length;
  const positionCount = positionsOf(spatial);
  const axes = spatial.map((_, axis) => axis);
  const zeros = axes.map(() => 0);
  const ones = axes.slice(1).map(() => 1);
  const columns: readonly Dimension[] = [BATCH, heads, ...ones, depth, positionCount];
  const rows: readonly Dimension[] = [BATCH, heads, ...ones, positionCount, depth];
  const apart: readonly Dimension[] = [BATCH, heads, ...spatial, depth];
  const last: readonly Dimension[] = [BATCH, ...spatial, node.channels];
  const lastHeads: readonly Dimension[] = [BATCH, ...spatial, heads, depth];
  const order = (axes: readonly number[]) => ({ perm: { ints: axes } });

  const channelsLast = order([0, ...axes.map((axis) => axis + 2), 1]);
  const queryLast = to.inner('query_last', 'Transpose', [inputAt(inputs, 0).name], channelsLast, last);
  const splitShape = to.ints('split_shape', [0, ...zeros, heads, depth]);
  const split = to.inner('query_heads', 'Reshape', [queryLast.name, splitShape], {}, lastHeads);
  const headsFirst = order([0, rank + 1, ...axes.map((axis) => axis + 1), rank + 2]);
  const query = scaled(to.inner('query', 'Transpose', [split.name], headsFirst, apart), depth, to);

  const joinedShape = to.ints('heads_shape', [0, heads, ...ones, depth, -1]);
  const joined = (what: string, index: number) =>
    to.inner(what, 'Reshape', [inputAt(inputs, index).name, joinedShape], {}, columns);
  const exchange = order([0, 1, ...ones.map((_, axis) => axis + 2), rank + 2, rank + 1]);
  const value = to.inner('value', 'Transpose', [joined('value_heads', 2).name], exchange, rows);
  const attended = weighted(query, joined('key_heads', 1), value, positionCount, to);

  const headsLast = order([0, ...axes.map((axis) => axis + 2), 1, rank + 2]);
  const moved = to.inner('attended_heads', 'Transpose', [attended.name], headsLast, lastHeads);
  const joinShape = to.ints('joined_shape', [0, ...zeros, node.channels]);
  const channels = to.inner('channels', 'Reshape', [moved.name, joinShape], {}, last);
  return to.result('Transpose', [channels.name], order([0, rank + 1, ...axes.map((axis) => axis + 1)]));
}

/** softmax(query key) value, with the query (..., d), the key (..., d, P) and the value (..., P, d). */
function weighted(
  query: OnnxTensor,
  key: OnnxTensor,
  value: OnnxTensor,
  positionCount: Dimension,
  to: NodeEmitter,
): OnnxTensor {
  const shape = [...query.shape.slice(0, -1), positionCount];
  const scores = to.inner('scores', 'MatMul', [query.name, key.name], {}, shape);
  const weights = to.inner('weights', 'Softmax', [scores.name], { axis: { int: -1 } }, shape);
  return to.inner('attended', 'MatMul', [weights.name, value.name], {}, query.shape);
}

function scaled(query: OnnxTensor, depth: number, to: NodeEmitter): OnnxTensor {
  const scale = to.floats('scale', [1 / Math.sqrt(depth)], []);
  return to.inner('query_scaled', 'Mul', [query.name, scale], {}, query.shape);
}

function headsOf({ attributes: { heads }, channels }: NodeOf<'attention'>) {
  return { heads, depth: channels / heads };
}

/** The number of positions, or its formula. */
function positionsOf(spatial: readonly Dimension[]): Dimension {
  const known = spatial.filter((size) => typeof size === 'number');
  if (known.length === spatial.length) return known.reduce((product, size) => product * size, 1);
  return spatial.map((size) => (/^\w+$/.test(String(size)) ? String(size) : `(${size})`)).join('*');
}
