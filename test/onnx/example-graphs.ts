import { SourceFile } from '../../src/diagnostics/source-file.js';
import { GraphBuilder } from '../../src/ir/builder.js';
import type { Graph, Origin, ValueId } from '../../src/ir/graph.js';
import type { ConvAttributes, OpAttributes, OpKind } from '../../src/ir/op-attributes.js';
import { elementCount, type Parameter } from '../../src/ir/parameter.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import { pathOf } from '../ir/stage-paths.js';

const origin: Origin = { span: { file: new SourceFile('example.unet', ''), start: 0, end: 0 }, uses: [] };

/** Sizes of the examples' inputs: all different, and divisible by 4. */
const inputSizes = { 2: [12, 20], 3: [8, 12, 20] } as const;
export type Rank = keyof typeof inputSizes;
export const ranks: readonly Rank[] = [2, 3];

export const INPUT_CHANNELS = 6;

/** A builder that throws where an op can't be added, as the examples are right by construction. */
export class ExampleBuilder {
  readonly builder: GraphBuilder;

  constructor(
    name: string,
    readonly rank: number,
  ) {
    this.builder = new GraphBuilder(name, rank);
  }

  add<K extends OpKind>(
    kind: K,
    inputs: readonly ValueId[],
    attributes: OpAttributes[K],
    stage = 'net',
  ): ValueId {
    const id = this.builder.add(kind, inputs, attributes, pathOf(stage), origin);
    if (typeof id !== 'number') throw new Error(id);
    return id;
  }

  input(channels = INPUT_CHANNELS): ValueId {
    return this.add('input', [], { channels }, 'input');
  }

  /** Entries for the axes of this rank: the last two of three in 2D. */
  axes(d: number, h: number, w: number): readonly number[] {
    return [d, h, w].slice(3 - this.rank);
  }

  conv(input: ValueId, channels: number, changes: Partial<ConvAttributes> = {}, stage = 'net'): ValueId {
    const all = (size: number) => this.axes(size, size, size);
    const attributes: ConvAttributes = {
      kernel: all(3),
      stride: all(1),
      dilation: all(1),
      before: all(0),
      after: all(0),
      residue: all(0),
      channels,
      groups: 1,
      bias: true,
      init: 'he_normal',
      ...changes,
    };
    return this.add('conv', [input], attributes, stage);
  }

  finish(inputSize: readonly number[], ...outputs: readonly [string, ValueId][]): Graph {
    for (const [name, value] of outputs) this.builder.output(name, value);
    return this.builder.finish(inputSize);
  }
}

type Body = (b: ExampleBuilder, x: ValueId) => ValueId;

const convTranspose =
  (changes: (b: ExampleBuilder) => Partial<OpAttributes['convTranspose']>): Body =>
  (b, x) =>
    b.add('convTranspose', [x], {
      kernel: b.axes(2, 2, 2),
      stride: b.axes(2, 2, 2),
      before: b.axes(0, 0, 0),
      after: b.axes(0, 0, 0),
      channels: 5,
      bias: true,
      init: 'he_normal',
      ...changes(b),
    });

const single =
  <K extends OpKind>(kind: K, attributes: OpAttributes[K]): Body =>
  (b, x) =>
    b.add(kind, [x], attributes);

/** A 1x1 conv that keeps few positions: an attention's work is quadratic in them. */
function projected(b: ExampleBuilder, x: ValueId, bias = true): ValueId {
  return b.conv(x, INPUT_CHANNELS, { kernel: b.axes(1, 1, 1), stride: b.axes(4, 4, 4), bias });
}

/** The key has no bias: the same amount more for every position changes nothing, and its gradient is 0. */
const attention =
  (heads: number): Body =>
  (b, x) =>
    b.add('attention', [projected(b, x), projected(b, x, false), projected(b, x)], { heads });

/** Each op kind, in every form that is lowered in a way of its own. */
export const bodies: Readonly<Record<string, Body>> = {
  'conv valid': (b, x) => b.conv(x, 5, { kernel: b.axes(1, 3, 2) }),
  'conv same': (b, x) => b.conv(x, 5, { before: b.axes(1, 1, 1), after: b.axes(1, 1, 1), bias: false }),
  'conv uneven padding': (b, x) =>
    b.conv(x, 7, {
      kernel: b.axes(3, 2, 5),
      stride: b.axes(2, 1, 2),
      before: b.axes(0, 1, 2),
      after: b.axes(1, 0, 1),
    }),
  'conv dilated': (b, x) => b.conv(x, 5, { dilation: b.axes(1, 2, 3) }),
  'conv dilated and grouped': (b, x) =>
    b.conv(x, 4, { dilation: b.axes(1, 2, 3), groups: 2, before: b.axes(1, 2, 3), after: b.axes(1, 2, 3) }),
  'conv depthwise': (b, x) => b.conv(x, 12, { groups: 6 }),
  'convTranspose 2x': convTranspose(() => ({})),
  'convTranspose no bias': convTranspose(() => ({ bias: false })),
  'convTranspose uneven padding': convTranspose((b) => ({
    kernel: b.axes(3, 4, 3),
    stride: b.axes(1, 3, 2),
    before: b.axes(1, 0, 1),
    after: b.axes(0, 2, 0),
  })),
  'convTranspose output padding': convTranspose((b) => ({
    kernel: b.axes(3, 3, 3),
    before: b.axes(1, 1, 0),
    after: b.axes(0, -1, 1),
  })),
  'convTranspose beyond output padding': convTranspose((b) => ({
    before: b.axes(-1, 1, -2),
    after: b.axes(0, -3, 1),
  })),
  'convTranspose kernel below stride': convTranspose((b) => ({
    stride: b.axes(2, 3, 4),
    after: b.axes(0, -1, -2),
  })),
  maxPool: (b, x) => b.add('maxPool', [x], { window: b.axes(2, 2, 2), stride: b.axes(2, 2, 2) }),
  'maxPool overlapping': (b, x) =>
    b.add('maxPool', [x], { window: b.axes(2, 3, 4), stride: b.axes(1, 1, 2) }),
  globalAverage: single('globalAverage', {}),
  'add of one position': (b, x) => b.add('add', [x, b.add('globalAverage', [x], {})], {}),
  'mul by one position': (b, x) =>
    b.add(
      'mul',
      [x, b.conv(b.add('globalAverage', [x], {}), INPUT_CHANNELS, { kernel: b.axes(1, 1, 1) })],
      {},
    ),
  sinusoid: (b, x) => {
    const angle = b.conv(b.add('globalAverage', [x], {}), 1, { kernel: b.axes(1, 1, 1) });
    return b.add('sinusoid', [angle], { channels: 8, period: 100 });
  },
  'a time step': (b, x) => {
    const embedding = b.add('sinusoid', [b.add('time', [], {})], { channels: 6, period: 10_000 });
    return b.add('add', [x, b.conv(embedding, INPUT_CHANNELS, { kernel: b.axes(1, 1, 1) })], {});
  },
  avgPool: (b, x) => b.add('avgPool', [x], { window: b.axes(1, 2, 4), stride: b.axes(1, 2, 4) }),
  'avgPool overlapping': (b, x) =>
    b.add('avgPool', [x], { window: b.axes(2, 3, 4), stride: b.axes(1, 1, 2) }),
  'resize nearest': (b, x) =>
    b.add('resize', [x], { mode: 'nearest', factor: b.axes(3, 2, 3), alignCorners: false }),
  'resize linear': (b, x) =>
    b.add('resize', [x], { mode: 'linear', factor: b.axes(2, 2, 3), alignCorners: false }),
  'resize linear corners': (b, x) =>
    b.add('resize', [x], { mode: 'linear', factor: b.axes(2, 3, 2), alignCorners: true }),
  'resize one axis': (b, x) =>
    b.add('resize', [x], { mode: 'linear', factor: b.axes(1, 1, 2), alignCorners: false }),
  'interpolate to fewer': (b, x) => b.add('interpolate', [x], { change: b.axes(-3, -4, -5) }),
  'interpolate to more': (b, x) => b.add('interpolate', [x], { change: b.axes(0, 4, 7) }),
  'pad zero': (b, x) => b.add('pad', [x], { mode: 'zero', before: b.axes(1, 2, 0), after: b.axes(0, 1, 3) }),
  'pad reflect': (b, x) =>
    b.add('pad', [x], { mode: 'reflect', before: b.axes(1, 2, 0), after: b.axes(0, 1, 3) }),
  'pad replicate': (b, x) =>
    b.add('pad', [x], { mode: 'replicate', before: b.axes(1, 2, 0), after: b.axes(0, 1, 3) }),
  'crop both ends': (b, x) => b.add('crop', [x], { before: b.axes(1, 2, 3), after: b.axes(2, 1, 4) }),
  'crop one end': (b, x) => b.add('crop', [x], { before: b.axes(0, 2, 0), after: b.axes(1, 0, 0) }),
  'crop nothing': (b, x) => b.add('crop', [x], { before: b.axes(0, 0, 0), after: b.axes(0, 0, 0) }),
  concat: (b, x) => b.add('concat', [x, b.conv(x, 5, { kernel: b.axes(1, 1, 1) }), x], {}),
  add: (b, x) => b.add('add', [x, b.conv(x, INPUT_CHANNELS, { kernel: b.axes(1, 1, 1) })], {}),
  mul: (b, x) => b.add('mul', [x, b.conv(x, INPUT_CHANNELS, { kernel: b.axes(1, 1, 1) })], {}),
  'mul by one channel': (b, x) => b.add('mul', [x, b.conv(x, 1, { kernel: b.axes(1, 1, 1) })], {}),
  batchNorm: single('batchNorm', { affine: true, momentum: 0.1, eps: 1e-3 }),
  'batchNorm without affine': single('batchNorm', { affine: false, momentum: 0.1, eps: 1e-5 }),
  instanceNorm: single('instanceNorm', { affine: true, eps: 1e-5 }),
  'instanceNorm without affine': single('instanceNorm', { affine: false, eps: 0.1 }),
  groupNorm: single('groupNorm', { groups: 3, affine: true, eps: 1e-5 }),
  'groupNorm of one group': single('groupNorm', { groups: 1, affine: true, eps: 1e-5 }),
  'groupNorm without affine': single('groupNorm', { groups: 2, affine: false, eps: 0.1 }),
  layerNorm: single('layerNorm', { affine: true, eps: 1e-5 }),
  'layerNorm without affine': single('layerNorm', { affine: false, eps: 0.1 }),
  relu: single('relu', {}),
  leakyRelu: single('leakyRelu', { slope: 0.2 }),
  prelu: single('prelu', { shared: false }),
  elu: single('elu', { alpha: 0.7 }),
  gelu: single('gelu', {}),
  silu: single('silu', {}),
  sigmoid: single('sigmoid', {}),
  softmax: single('softmax', {}),
  attention: attention(1),
  'attention of heads': attention(3),
  'attention of a map to itself': (b, x) => {
    const map = projected(b, x);
    return b.add('attention', [map, map, map], { heads: 2 });
  },
  positions: (b, x) => b.add('positions', [x], { size: inputSizes[b.rank === 2 ? 2 : 3] }),
  dropout: single('dropout', { rate: 0.3 }),
};

/** The bodies that take inputs of other sizes too. */
export const freeBodies: readonly string[] = Object.keys(bodies).filter((name) => name !== 'positions');

/** A graph of one body between the input and `output`. */
export function exampleGraph(name: string, rank: Rank): Graph {
  const body = bodies[name];
  if (!body) throw new Error(`no example ${name}`);
  const b = new ExampleBuilder(name, rank);
  return b.finish(inputSizes[rank], ['output', body(b, b.input())]);
}

/**
 * A small U-Net with valid convs, batch norm, dropout, a cropped skip, an attention gate, a second output
 * and stages: input C = 6, output 3 channels.
 */
export function smallUnet(rank: Rank): Graph {
  const b = new ExampleBuilder('small', rank);
  const double = (x: ValueId, channels: number, stage: string): ValueId => {
    let value = x;
    for (let i = 0; i < 2; i++) {
      value = b.conv(value, channels, { kernel: b.axes(1, 3, 3), bias: i === 0 }, stage);
      value = b.add('batchNorm', [value], { affine: i === 0, momentum: 0.1, eps: 1e-5 }, stage);
      value = b.add('relu', [value], {}, stage);
    }
    b.builder.stage(pathOf(stage), value);
    return value;
  };
  const x = b.input();
  b.builder.stage(pathOf('input'), x);
  const top = double(x, 8, 'encoder[1]');
  const pooled = b.add('maxPool', [top], { window: b.axes(2, 2, 2), stride: b.axes(2, 2, 2) }, 'pool[1]');
  b.builder.stage(pathOf('pool[1]'), pooled);
  const bottom = double(pooled, 16, 'bottleneck');
  const dropped = b.add('dropout', [bottom], { rate: 0.5 }, 'bottleneck');
  const bare = b.add(
    'convTranspose',
    [dropped],
    {
      kernel: b.axes(2, 2, 2),
      stride: b.axes(2, 2, 2),
      before: b.axes(0, 0, 0),
      after: b.axes(0, 0, 0),
      channels: 8,
      bias: true,
      init: 'he_normal',
    },
    'up[1]',
  );
  const up = b.add('batchNorm', [bare], { affine: true, momentum: 0.1, eps: 1e-5 }, 'up[1]');
  b.builder.stage(pathOf('up[1]'), up);
  const skip = b.add('crop', [top], { before: b.axes(0, 4, 4), after: b.axes(0, 4, 4) }, 'skip[1]');
  const gate = b.conv(up, 1, { kernel: b.axes(1, 1, 1) }, 'skip[1]');
  const weight = b.add('sigmoid', [gate], {}, 'skip[1]');
  const gated = b.add('mul', [skip, weight], {}, 'skip[1]');
  const joined = b.add('concat', [gated, up], {}, 'skip[1]');
  b.builder.stage(pathOf('skip[1]'), joined);
  const same = { kernel: b.axes(1, 3, 3), before: b.axes(0, 1, 1), after: b.axes(0, 1, 1) };
  const decoded = b.conv(joined, 8, same, 'decoder[1]');
  b.builder.stage(pathOf('decoder[1]'), decoded);
  const logits = b.conv(decoded, 3, { kernel: b.axes(1, 1, 1) }, 'head');
  const output = b.add('softmax', [logits], {}, 'head');
  b.builder.stage(pathOf('output'), output);
  return b.finish(rank === 2 ? [20, 28] : [8, 20, 28], ['output', output], ['aside', bottom]);
}

/** Weights in which nothing is 0 or 1 by default: what a mistake in a bias or a statistic would hide. */
export const exampleWeights: WeightSource = {
  chunks: (parameter) => {
    const values = kept.get(parameter) ?? exampleValues(parameter);
    if (values.length <= KEPT_LENGTH) kept.set(parameter, values);
    return [values];
  },
};

/** A comparison reads the same weights many times, and only reads them. Those of the large networks take too much room. */
const KEPT_LENGTH = 1 << 18;
const kept = new WeakMap<Parameter, Float32Array>();

function exampleValues(parameter: Parameter): Float32Array {
  const values = new Float32Array(elementCount(parameter.shape));
  const stream = new RandomStream(1, parameter.name);
  const fanIn = 'fanIn' in parameter.initializer ? parameter.initializer.fanIn : 4;
  stream.fillNormal(values, Math.sqrt(2 / fanIn));
  switch (parameter.role) {
    case 'variance':
      return values.map((value) => 0.5 + value * value);
    case 'scale':
      return values.map((value) => 1 + value / 2);
    default:
      return values;
  }
}

/** An input of a graph, (N, C, ...spatial), and the time step of each sample where it takes one. */
export interface ExampleInput {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly time?: Float32Array;
}

/** Normal numbers as the input of a graph, of shape (batch, channels, ...spatial). */
export function exampleInput(
  graph: Graph,
  batch: number,
  spatial: readonly number[] = graph.inputSize,
): ExampleInput {
  const channels = graph.nodes[0]?.channels ?? 0;
  const shape = [batch, channels, ...spatial];
  const data = new Float32Array(elementCount(shape));
  new RandomStream(2, 'input').fillNormal(data, 1);
  if (!graph.nodes.some(({ kind }) => kind === 'time')) return { shape, data };
  return { shape, data, time: Float32Array.from({ length: batch }, (_, n) => 3 + 170 * n) };
}
