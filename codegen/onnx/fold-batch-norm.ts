import type { Graph, Node, NodeOf, ValueId } from '../../src/ir/graph.js';
import { elementCount, type Parameter, type ParameterRole } from '../../src/ir/parameter.js';
import { readTensor, type WeightSource } from '../../src/weights/weight-source.js';

type Convolution = NodeOf<'conv'> | NodeOf<'convTranspose'>;

/** A convolution, and a batch norm after it that can be folded into its weights. */
interface Pair {
  readonly convolution: Convolution;
  readonly norm: NodeOf<'batchNorm'>;
}

/** The factor and the bias of each output channel of a folded convolution. */
interface Folding {
  readonly pair: Pair;
  readonly factor: Float64Array;
  readonly bias: Float32Array;
}

/**
 * Merges each batch norm into the conv or transposed conv before it, for inference: scale (W x + b - mean) /
 * sqrt(variance + eps) + shift = (f W) x + (f (b - mean) + shift) with f = scale / sqrt(variance + eps). f and the bias
 * are computed in float64; each new weight is rounded once. The convolution keeps its path and has a bias afterwards.
 * Uses of the norm's value take the convolution's value instead; so do stages and outputs.
 *
 * A norm stays if the convolution's own value has another use, is an output or is a stage.
 */
export function foldBatchNorm(
  graph: Graph,
  weights: WeightSource,
): { readonly graph: Graph; readonly weights: WeightSource } {
  const pairs = pairsOf(graph);
  const normOf = new Map(pairs.map((pair) => [pair.convolution.id, pair.norm]));
  const folded = new Set(pairs.map((pair) => pair.norm.id));
  const nodes: Node[] = [];
  const newIds: ValueId[] = [];
  const idOf = (value: ValueId): ValueId => {
    const id = newIds[value];
    if (id === undefined) throw new Error(`value ${value} is used before it is made`);
    return id;
  };
  for (const node of graph.nodes) {
    if (folded.has(node.id)) {
      newIds.push(idOf(node.inputs[0] ?? -1));
      continue;
    }
    newIds.push(nodes.length);
    const moved = { ...node, id: nodes.length, inputs: node.inputs.map(idOf) };
    nodes.push(normOf.has(node.id) && isConvolution(moved) ? withBias(moved) : moved);
  }
  const named = <T extends { readonly value: ValueId }>(item: T): T => ({ ...item, value: idOf(item.value) });
  return {
    graph: { ...graph, nodes, outputs: graph.outputs.map(named), stages: graph.stages.map(named) },
    weights: foldedWeights(pairs, weights),
  };
}

function isConvolution(node: Node): node is Convolution {
  return node.kind === 'conv' || node.kind === 'convTranspose';
}

function pairsOf(graph: Graph): readonly Pair[] {
  const uses = new Map<ValueId, number>();
  const use = (value: ValueId) => uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(use);
  for (const { value } of [...graph.outputs, ...graph.stages]) use(value);
  return graph.nodes.flatMap((norm) => {
    const convolution = graph.nodes[norm.inputs[0] ?? -1];
    if (norm.kind !== 'batchNorm' || !convolution || !isConvolution(convolution)) return [];
    return uses.get(convolution.id) === 1 ? [{ convolution, norm }] : [];
  });
}

/** The same convolution with a bias among its parameters. */
function withBias(node: Convolution): Convolution {
  const attributes = { ...node.attributes, bias: true };
  const parameters = [parameterOf(node, 'weight'), biasOf(node)];
  // The attributes keep the kind of the node; a spread over the union loses it.
  return { ...node, attributes, parameters } as Convolution;
}

function biasOf(node: Convolution): Parameter {
  const existing = node.parameters.find((parameter) => parameter.role === 'bias');
  const initializer = { kind: 'constant', value: 0 } as const;
  const name = `${node.path}.bias`;
  return existing ?? { name, role: 'bias', shape: [node.channels], initializer, trainable: true };
}

function parameterOf(node: Node, role: ParameterRole): Parameter {
  const parameter = node.parameters.find((candidate) => candidate.role === role);
  if (!parameter) throw new Error(`${node.path} has no ${role}`);
  return parameter;
}

/** The weights of the folded graph, computed from the weights of the graph chunk by chunk. */
function foldedWeights(pairs: readonly Pair[], weights: WeightSource): WeightSource {
  const byName = new Map<string, { readonly pair: Pair; readonly role: ParameterRole }>();
  for (const pair of pairs) {
    byName.set(parameterOf(pair.convolution, 'weight').name, { pair, role: 'weight' });
    byName.set(biasOf(pair.convolution).name, { pair, role: 'bias' });
  }
  return {
    chunks(parameter) {
      const target = byName.get(parameter.name);
      if (!target) return weights.chunks(parameter);
      const folding = foldingOf(target.pair, weights);
      return target.role === 'bias' ? [folding.bias] : scaledWeights(folding, weights);
    },
  };
}

function foldingOf(pair: Pair, weights: WeightSource): Folding {
  const { convolution, norm } = pair;
  const channels = norm.channels;
  const read = (node: Node, role: ParameterRole): Float32Array | undefined => {
    const parameter = node.parameters.find((candidate) => candidate.role === role);
    return parameter && readTensor(weights, parameter);
  };
  const [scale, shift] = [read(norm, 'scale'), read(norm, 'shift')];
  const [mean, variance] = [read(norm, 'mean'), read(norm, 'variance')];
  const oldBias = read(convolution, 'bias');
  const factor = new Float64Array(channels);
  const bias = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const f = (scale?.[c] ?? 1) / Math.sqrt((variance?.[c] ?? 1) + norm.attributes.eps);
    factor[c] = f;
    bias[c] = f * ((oldBias?.[c] ?? 0) - (mean?.[c] ?? 0)) + (shift?.[c] ?? 0);
  }
  return { pair, factor, bias };
}

function* scaledWeights(folding: Folding, weights: WeightSource): Generator<Float32Array, void, undefined> {
  const { convolution } = folding.pair;
  const weight = parameterOf(convolution, 'weight');
  // The number of consecutive values of one output channel: conv weights are (out, in / groups, ...kernel), transposed
  // ones (in, out, ...kernel).
  const run = elementCount(weight.shape.slice(convolution.kind === 'conv' ? 1 : 2));
  const channels = folding.factor.length;
  let buffer = new Float32Array(0);
  let position = 0;
  for (const chunk of weights.chunks(weight)) {
    if (buffer.length < chunk.length) buffer = new Float32Array(chunk.length);
    for (let start = 0; start < chunk.length; ) {
      const done = position + start;
      const end = Math.min(chunk.length, start + run - (done % run));
      const factor = folding.factor[Math.floor(done / run) % channels] ?? 1;
      for (let i = start; i < end; i++) buffer[i] = (chunk[i] ?? 0) * factor;
      start = end;
    }
    position += chunk.length;
    yield buffer.subarray(0, chunk.length);
  }
}
