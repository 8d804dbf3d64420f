import { mapSize } from '../../src/ir/axis-map.js';
import type { Graph, Node, ValueId } from '../../src/ir/graph.js';
import { recordOf } from '../../src/ir/op-table.js';
import type { Parameter, ParameterRole } from '../../src/ir/parameter.js';
import { convolution, transposedConvolution } from './convolution.js';
import { erf } from './erf.js';
import { crop, interpolate, pad, pool, resize } from './resampling.js';
import { count, type Tensor, zeros } from './tensor.js';

export type { Tensor } from './tensor.js';

/**
 * What a graph computes, in float64, straight from the definitions of the ops: the yardstick for every backend. It
 * shares no code with them. In training, batch norms take the statistics of the batch; a dropout drops what `mask` says,
 * or nothing.
 *
 * @param input (N, C, ...spatial); the spatial size is free as far as the graph's ops fit it. `time`: a step a sample. `mask`:
 * the factors of the dropout of a path, so many.
 * @param known the values with other numbers in the parameters of these names, and everything else the same: what does not
 * depend on them is taken from there
 * @returns every value by its id, (N, C, ...spatial)
 */
export function evaluate(
  graph: Graph,
  weights: Weights,
  input: {
    readonly shape: readonly number[];
    readonly data: Float32Array | Float64Array;
    readonly time?: Float32Array;
    readonly mask?: (path: string, length: number) => Float32Array;
  },
  mode: 'inference' | 'training' = 'inference',
  known?: { readonly values: ReadonlyMap<ValueId, Tensor>; readonly changed: ReadonlySet<string> },
): Map<ValueId, Tensor> {
  const values = new Map<ValueId, Tensor>();
  for (const node of graph.nodes) {
    const before = known?.values.get(node.id);
    const isSame =
      !node.parameters.some(({ name }) => known?.changed.has(name)) &&
      node.inputs.every((id) => values.get(id) === known?.values.get(id));
    if (before && isSame) {
      values.set(node.id, before);
      continue;
    }
    const inputs = node.inputs.map((id) => {
      const value = values.get(id);
      if (!value) throw new Error(`value ${id} is missing`);
      return value;
    });
    const [first] = inputs;
    const value =
      node.kind === 'dropout' && first && input.mask
        ? masked(first, input.mask(node.path.text, first.data.length))
        : node.kind === 'input'
          ? { shape: input.shape, data: Float64Array.from(input.data) }
          : node.kind === 'time'
            ? stepsAsMap(input)
            : evaluateNode(node, inputs, (role) => tensorOf(node, role, weights), mode);
    if (value.shape[1] !== node.channels) throw new Error(`${node.path}: ${value.shape[1]} channels`);
    values.set(node.id, value);
  }
  return values;
}

function masked({ shape, data }: Tensor, factors: Float32Array): Tensor {
  return { shape, data: data.map((value, i) => value * (factors[i] ?? Number.NaN)) };
}

/** One number a sample as a map of one position. */
function stepsAsMap({
  shape,
  time,
}: {
  readonly shape: readonly number[];
  readonly time?: Float32Array;
}): Tensor {
  const [batch = 0, , ...spatial] = shape;
  if (time?.length !== batch) throw new Error(`${time?.length} time steps for ${batch} samples`);
  return { shape: [batch, 1, ...spatial.map(() => 1)], data: Float64Array.from(time) };
}

/** A WeightSource, or one that has more digits. */
interface Weights {
  chunks(parameter: Parameter): Iterable<Float32Array | Float64Array>;
}

type Read = (role: ParameterRole) => Float64Array | undefined;

function tensorOf(node: Node, role: ParameterRole, weights: Weights): Float64Array | undefined {
  const parameter = node.parameters.find((candidate) => candidate.role === role);
  if (!parameter) return undefined;
  const values = new Float64Array(count(parameter.shape));
  let length = 0;
  for (const chunk of weights.chunks(parameter)) {
    values.set(chunk, length);
    length += chunk.length;
  }
  if (length !== values.length) throw new Error(`${parameter.name}: ${length} of ${values.length} values`);
  return values;
}

function evaluateNode(
  node: Node,
  inputs: readonly Tensor[],
  read: Read,
  mode: 'inference' | 'training',
): Tensor {
  const [x, second] = inputs;
  if (!x) throw new Error(`${node.path} has no input`);
  const outSpatial = x.shape.slice(2).map((size, axis) => {
    const definition = recordOf(node.kind);
    return mapSize(definition.axis(node.attributes, axis), size).size;
  });
  switch (node.kind) {
    case 'input':
      throw new Error('the input is given');
    case 'time':
      throw new Error('the time step is given');
    case 'conv':
      return convolution(x, need(read('weight')), read('bias'), node.attributes, outSpatial);
    case 'convTranspose':
      return transposedConvolution(x, need(read('weight')), read('bias'), node.attributes, outSpatial);
    case 'maxPool':
      return pool(x, node.attributes, outSpatial, 'max');
    case 'avgPool':
      return pool(x, node.attributes, outSpatial, 'mean');
    case 'resize':
      return resize(x, node.attributes, outSpatial);
    case 'interpolate':
      return interpolate(x, outSpatial);
    case 'pad':
      return pad(x, node.attributes, outSpatial);
    case 'crop':
      return crop(x, node.attributes, outSpatial);
    case 'concat':
      return concat(inputs);
    case 'add':
      return combine(x, need(second), (a, b) => a + b);
    case 'mul':
      return combine(x, need(second), (a, b) => a * b);
    case 'globalAverage': {
      const size = count(x.shape.slice(2));
      const out = zeros([x.shape[0] ?? 0, x.shape[1] ?? 0, ...outSpatial]);
      for (const [i, value] of x.data.entries()) {
        const at = Math.floor(i / size);
        out.data[at] = (out.data[at] ?? 0) + value / size;
      }
      return out;
    }
    case 'sinusoid': {
      const { channels, period } = node.attributes;
      const half = channels / 2;
      const out = zeros([x.shape[0] ?? 0, channels, ...outSpatial]);
      for (const [i] of out.data.entries()) {
        const [n, c] = [Math.floor(i / channels), i % channels];
        const angle = (x.data[n] ?? 0) * Math.exp((-Math.log(period) * (c % half)) / (half - 1));
        out.data[i] = c < half ? Math.sin(angle) : Math.cos(angle);
      }
      return out;
    }
    case 'batchNorm': {
      if (mode === 'training') return scaleAndShift(normaliseBatch(x, node.attributes.eps), read);
      const [mean, variance] = [need(read('mean')), need(read('variance'))];
      const normal = mapElements(x, (value, c) => {
        return (value - (mean[c] ?? 0)) / Math.sqrt((variance[c] ?? 0) + node.attributes.eps);
      });
      return scaleAndShift(normal, read);
    }
    case 'instanceNorm':
      return scaleAndShift(normalise(x, x.shape[1] ?? 0, node.attributes.eps), read);
    case 'groupNorm':
      return scaleAndShift(normalise(x, node.attributes.groups, node.attributes.eps), read);
    case 'layerNorm':
      return scaleAndShift(
        overChannels(x, (values) => standardise(values, node.attributes.eps)),
        read,
      );
    case 'softmax':
      return overChannels(x, softmax);
    case 'attention':
      return attention(x, need(second), need(inputs[2]), node.attributes.heads);
    case 'positions': {
      const table = need(read('position'));
      return { shape: x.shape, data: x.data.map((value, i) => value + (table[i % table.length] ?? 0)) };
    }
    case 'prelu': {
      const slope = need(read('slope'));
      return mapElements(x, (value, c) =>
        value > 0 ? value : (slope[node.attributes.shared ? 0 : c] ?? 0) * value,
      );
    }
    case 'relu':
      return mapElements(x, (value) => Math.max(value, 0));
    case 'leakyRelu':
      return mapElements(x, (value) => (value > 0 ? value : node.attributes.slope * value));
    case 'elu':
      return mapElements(x, (value) => (value > 0 ? value : node.attributes.alpha * Math.expm1(value)));
    case 'gelu':
      return mapElements(x, (value) => (value * (1 + erf(value / Math.SQRT2))) / 2);
    case 'silu':
      return mapElements(x, (value) => value / (1 + Math.exp(-value)));
    case 'sigmoid':
      return mapElements(x, (value) => 1 / (1 + Math.exp(-value)));
    case 'dropout':
      return x;
  }
}

/**
 * softmax(q k^T / sqrt(d)) v of each head, position by position. Channel c belongs to head floor(c / d), with d the
 * channels of a head.
 */
function attention(query: Tensor, key: Tensor, value: Tensor, heads: number): Tensor {
  const [batch = 0, channels = 0, ...spatial] = query.shape;
  const [size, depth] = [count(spatial), channels / heads];
  const out = zeros(query.shape);
  for (let start = 0; start < batch * channels * size; start += depth * size) {
    const at = (x: Tensor, d: number, position: number) => x.data[start + d * size + position] ?? 0;
    for (let i = 0; i < size; i++) {
      const scores = new Float64Array(size);
      for (let j = 0; j < size; j++) {
        for (let d = 0; d < depth; d++) scores[j] = (scores[j] ?? 0) + at(query, d, i) * at(key, d, j);
      }
      const weights = softmax(scores.map((score) => score / Math.sqrt(depth)));
      for (let d = 0; d < depth; d++) {
        const sum = weights.reduce((total, weight, j) => total + weight * at(value, d, j), 0);
        out.data[start + d * size + i] = sum;
      }
    }
  }
  return out;
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an input or a parameter is missing');
  return value;
}

function mapElements(x: Tensor, f: (value: number, channel: number) => number): Tensor {
  const [, channels = 0, ...spatial] = x.shape;
  const size = count(spatial);
  const out = zeros(x.shape);
  for (let i = 0; i < x.data.length; i++) out.data[i] = f(x.data[i] ?? 0, Math.floor(i / size) % channels);
  return out;
}

function scaleAndShift(x: Tensor, read: Read): Tensor {
  const [scale, shift] = [read('scale'), read('shift')];
  return scale && shift ? mapElements(x, (value, c) => value * (scale[c] ?? 0) + (shift[c] ?? 0)) : x;
}

/** Elementwise; a second value of one channel, or of one position, meets every one of the first. */
function combine(a: Tensor, b: Tensor, f: (a: number, b: number) => number): Tensor {
  const [batch = 0, channels = 0, ...spatial] = a.shape;
  const size = count(spatial);
  const [, own = 0, ...ownSpatial] = b.shape;
  const ownSize = count(ownSpatial);
  const out = zeros(a.shape);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const from = (n * own + (own === 1 ? 0 : c)) * ownSize;
      const to = (n * channels + c) * size;
      for (let i = 0; i < size; i++)
        out.data[to + i] = f(a.data[to + i] ?? 0, b.data[from + (ownSize === 1 ? 0 : i)] ?? 0);
    }
  }
  return out;
}

function concat(inputs: readonly Tensor[]): Tensor {
  const [batch = 0, , ...spatial] = inputs[0]?.shape ?? [];
  const channels = inputs.reduce((sum, input) => sum + (input.shape[1] ?? 0), 0);
  const out = zeros([batch, channels, ...spatial]);
  let to = 0;
  for (let n = 0; n < batch; n++) {
    for (const input of inputs) {
      const length = input.data.length / batch;
      out.data.set(input.data.subarray(n * length, (n + 1) * length), to);
      to += length;
    }
  }
  return out;
}

/** (values - mean) / sqrt(variance + eps), with the variance of the whole population. */
function standardise(values: Float64Array, eps: number): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / Math.sqrt(variance + eps));
}

/** Each group of channels of each sample; the values of a group lie side by side. */
function normalise(x: Tensor, groups: number, eps: number): Tensor {
  const out = zeros(x.shape);
  const length = x.data.length / ((x.shape[0] ?? 0) * groups);
  for (let start = 0; start < x.data.length; start += length) {
    out.data.set(standardise(x.data.subarray(start, start + length), eps), start);
  }
  return out;
}

/** Each channel over all samples and positions. */
function normaliseBatch(x: Tensor, eps: number): Tensor {
  const [batch = 0, channels = 0, ...spatial] = x.shape;
  const size = count(spatial);
  const out = zeros(x.shape);
  const starts = Array.from({ length: batch }, (_, n) => n * channels * size);
  for (let c = 0; c < channels; c++) {
    const values = starts.flatMap((start) => [...x.data.subarray(start + c * size, start + (c + 1) * size)]);
    const normal = standardise(Float64Array.from(values), eps);
    for (const [n, start] of starts.entries()) {
      out.data.set(normal.subarray(n * size, (n + 1) * size), start + c * size);
    }
  }
  return out;
}

/** Applies `f` to the channels of each position of each sample. */
function overChannels(x: Tensor, f: (values: Float64Array) => Float64Array): Tensor {
  const [batch = 0, channels = 0, ...spatial] = x.shape;
  const size = count(spatial);
  const out = zeros(x.shape);
  const values = new Float64Array(channels);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < channels; c++) values[c] = x.data[(n * channels + c) * size + i] ?? 0;
      const results = f(values);
      for (let c = 0; c < channels; c++) out.data[(n * channels + c) * size + i] = results[c] ?? 0;
    }
  }
  return out;
}

function softmax(values: Float64Array): Float64Array {
  const top = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
