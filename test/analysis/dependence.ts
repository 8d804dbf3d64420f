import type { Graph, Node, ValueId } from '../../src/ir/graph.js';
import { evaluate } from '../reference/evaluate.js';

/** All weights one, all biases zero: a linear network in which nothing cancels. */
const ones = {
  chunks: ({ role, shape }: { readonly role: string; readonly shape: readonly number[] }) => [
    new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(role === 'weight' ? 1 : 0),
  ],
};

/**
 * The graph with what makes it nonlinear taken out, so that a change of one input position shows at every position
 * that depends on it: norms and activations become the identity, products sums, maxima means.
 */
export function linearised(graph: Graph): Graph {
  const apart = apartFromInput(graph);
  const nodes = graph.nodes.map((node): Node => {
    const [first = 0, second] = node.inputs;
    // What does not depend on the input is left out of sums: it is no zero where the input is one.
    if (second !== undefined && node.kind !== 'concat' && apart.has(second)) {
      return { ...node, kind: 'dropout', inputs: [first], attributes: { rate: 0 } };
    }
    switch (node.kind) {
      case 'maxPool':
        return { ...node, kind: 'avgPool' };
      case 'mul':
        return { ...node, kind: 'add' };
      case 'resize':
        return { ...node, attributes: { ...node.attributes, alignCorners: false } };
      case 'input':
      case 'conv':
      case 'convTranspose':
      case 'avgPool':
      case 'interpolate':
      case 'time':
      case 'globalAverage':
      case 'sinusoid':
      case 'pad':
      case 'crop':
      case 'concat':
      case 'add':
        return node;
      default:
        return { ...node, kind: 'dropout', attributes: { rate: 0 }, parameters: [] };
    }
  });
  return { ...graph, nodes };
}

/** The values that the time step alone decides. */
function apartFromInput(graph: Graph): ReadonlySet<ValueId> {
  const apart = new Set<ValueId>();
  for (const { id, kind, inputs } of graph.nodes) {
    if (kind !== 'input' && inputs.every((input) => apart.has(input))) apart.add(id);
  }
  return apart;
}

/**
 * Measures, by changing the input position by position along an axis, how far apart the first and the last
 * position are that change a position of each value: the largest over the positions of the value.
 *
 * @param size the network's input size along the axis; the other axes have `graph.inputSize`
 */
export function measuredFields(graph: Graph, axis: number, size: number): ReadonlyMap<ValueId, number> {
  const channels = graph.nodes[0]?.channels ?? 0;
  const spatial = graph.inputSize.map((own, i) => (i === axis ? size : own));
  // Sample j of the batch has a one in the whole plane j of the axis, and zeros elsewhere.
  const shape = [size, channels, ...spatial];
  const inside = spatial.slice(axis + 1).reduce((product, one) => product * one, 1);
  const sample = channels * spatial.reduce((product, one) => product * one, 1);
  const data = new Float64Array(size * sample);
  for (let i = 0; i < data.length; i += 1) {
    if (Math.floor(i / inside) % size === Math.floor(i / sample)) data[i] = 1;
  }
  const time = new Float32Array(size);
  const values = evaluate(linearised(graph), ones, { shape, data, time });
  const apart = apartFromInput(graph);
  return new Map(
    [...values].map(([id, { shape: own, data: found }]) => [
      id,
      apart.has(id) ? 0 : extentOf(own, found, axis),
    ]),
  );
}

function extentOf(shape: readonly number[], data: Float64Array, axis: number): number {
  const [samples = 0] = shape;
  const length = shape[axis + 2] ?? 0;
  const inside = shape.slice(axis + 3).reduce((product, one) => product * one, 1);
  const perSample = data.length / samples;
  const first = new Array<number>(length).fill(Number.POSITIVE_INFINITY);
  const last = new Array<number>(length).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < data.length; i += 1) {
    if (data[i] === 0) continue;
    const position = Math.floor(i / inside) % length;
    const changed = Math.floor(i / perSample);
    first[position] = Math.min(first[position] ?? 0, changed);
    last[position] = Math.max(last[position] ?? 0, changed);
  }
  return Math.max(0, ...first.map((from, position) => (last[position] ?? 0) - from + 1));
}
