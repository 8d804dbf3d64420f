import { type AxisMap, IDENTITY_MAP } from './axis-map.js';
import type { InitName, OpAttributes, OpKind } from './op-attributes.js';
import type { Initializer, ParameterRole } from './parameter.js';
import { elementCount } from './parameter.js';

/** A parameter before the node that owns it has a name. */
export interface ParameterShape {
  readonly role: ParameterRole;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly trainable: boolean;
}

/** What an op's backward pass reads: its inputs, its output, or nothing but the gradient. */
export type Saved = 'inputs' | 'output' | 'nothing';

/** Everything the compiler knows about an op kind; backends add only how to lower it. */
export interface OpDefinition<A> {
  /** The number of inputs; `many` is two or more. */
  readonly arity: number | 'many';
  /** The channels of the output, from the channels of the inputs (N, C, ...spatial). */
  channels(attributes: A, inputs: readonly number[]): number;
  /**
   * What happens to a spatial axis of the first input. Every other input has the same size, or, of an add or mul, one
   * position.
   */
  axis(attributes: A, axis: number): AxisMap;
  /** The parameters, in the order of the weight files. */
  parameters(attributes: A, inputChannels: number, rank: number): readonly ParameterShape[];
  /**
   * Multiply-adds of one sample. Only convs, transposed convs and matrix products count; a bias, a norm,
   * an activation or a resize is not a multiply-add. `positions` are the spatial positions of
   * the input and of the output.
   */
  macs(attributes: A, io: MacsInput): number;
  /**
   * Numbers of one sample that are between input and output and as many as a map, such as the weights of an
   * attention: they are there while the op runs, and its backward pass reads them.
   */
  workspace?(attributes: A, io: MacsInput): number;
  readonly saves: Saved;
}

export interface MacsInput {
  readonly inputChannels: number;
  readonly inputPositions: number;
  readonly outputPositions: number;
}

type OpTable = { readonly [K in OpKind]: OpDefinition<OpAttributes[K]> };

const sameChannels = (_attributes: unknown, inputs: readonly number[]): number => inputs[0] ?? 0;
const noParameters = (): readonly ParameterShape[] => [];
const noMacs = (): number => 0;

const POINT: AxisMap = { kind: 'point' };

/** An op that changes no shape and has no parameter. */
function elementwise(arity: number, saves: Saved) {
  return {
    arity,
    channels: sameChannels,
    axis: () => IDENTITY_MAP,
    parameters: noParameters,
    macs: noMacs,
    saves,
  };
}

function at(list: readonly number[], axis: number): number {
  const value = list[axis];
  if (value === undefined) throw new Error(`no entry for axis ${axis} in [${list.join(', ')}]`);
  return value;
}

/** One parameter a channel with a constant start. */
function perChannel(role: ParameterRole, channels: number, start: number, trainable = true): ParameterShape {
  return { role, shape: [channels], initializer: { kind: 'constant', value: start }, trainable };
}

function startOf(init: InitName, fanIn: number, fanOut: number): Initializer {
  return init === 'zeros' ? { kind: 'constant', value: 0 } : { kind: init, fanIn, fanOut };
}

function affineParameters(affine: boolean, channels: number): readonly ParameterShape[] {
  return affine ? [perChannel('scale', channels, 1), perChannel('shift', channels, 0)] : [];
}

function poolAxis(attributes: OpAttributes['maxPool'], axis: number): AxisMap {
  const extent = at(attributes.window, axis);
  const stride = at(attributes.stride, axis);
  return { kind: 'window', extent, stride, before: 0, after: 0, residue: extent % stride };
}

/** The op table: each op of the language's networks, defined once. */
export const opTable: OpTable = {
  input: { ...elementwise(0, 'nothing'), channels: (attributes) => attributes.channels },
  time: { ...elementwise(0, 'nothing'), channels: () => 1, axis: () => POINT },
  conv: {
    arity: 1,
    channels: (attributes) => attributes.channels,
    axis: (attributes, axis) => ({
      kind: 'window',
      extent: (at(attributes.kernel, axis) - 1) * at(attributes.dilation, axis) + 1,
      stride: at(attributes.stride, axis),
      before: at(attributes.before, axis),
      after: at(attributes.after, axis),
      residue: at(attributes.residue, axis),
    }),
    parameters(attributes, inputChannels) {
      const kernelSize = elementCount(attributes.kernel);
      const inputs = inputChannels / attributes.groups;
      // Incoming nodes of one output neuron; outgoing connections of one input neuron, strides ignored
      // (Glorot & Bengio 2010 and He et al. 2015 count them so).
      const fanIn = inputs * kernelSize;
      const fanOut = (attributes.channels / attributes.groups) * kernelSize;
      const weight: ParameterShape = {
        role: 'weight',
        shape: [attributes.channels, inputs, ...attributes.kernel],
        initializer: startOf(attributes.init, fanIn, fanOut),
        trainable: true,
      };
      return attributes.bias ? [weight, perChannel('bias', attributes.channels, 0)] : [weight];
    },
    macs: (attributes, io) =>
      attributes.channels *
      (io.inputChannels / attributes.groups) *
      elementCount(attributes.kernel) *
      io.outputPositions,
    saves: 'inputs',
  },
  convTranspose: {
    arity: 1,
    channels: (attributes) => attributes.channels,
    axis: (attributes, axis) => ({
      kind: 'stretch',
      extent: at(attributes.kernel, axis),
      stride: at(attributes.stride, axis),
      before: at(attributes.before, axis),
      after: at(attributes.after, axis),
      linear: false,
    }),
    parameters(attributes, inputChannels) {
      const kernelSize = elementCount(attributes.kernel);
      // Each output neuron hears kernel / stride positions an axis (rounded up) of the input.
      const heard = attributes.kernel.reduce(
        (product, size, axis) => product * Math.ceil(size / at(attributes.stride, axis)),
        1,
      );
      const weight: ParameterShape = {
        role: 'weight',
        shape: [inputChannels, attributes.channels, ...attributes.kernel],
        initializer: startOf(attributes.init, inputChannels * heard, attributes.channels * kernelSize),
        trainable: true,
      };
      return attributes.bias ? [weight, perChannel('bias', attributes.channels, 0)] : [weight];
    },
    macs: (attributes, io) =>
      attributes.channels * io.inputChannels * elementCount(attributes.kernel) * io.inputPositions,
    saves: 'inputs',
  },
  maxPool: { ...elementwise(1, 'inputs'), axis: poolAxis },
  avgPool: { ...elementwise(1, 'nothing'), axis: poolAxis },
  resize: {
    ...elementwise(1, 'nothing'),
    axis: (attributes, axis) => {
      const factor = at(attributes.factor, axis);
      const linear = attributes.mode === 'linear' && factor > 1;
      return { kind: 'stretch', extent: factor, stride: factor, before: 0, after: 0, linear };
    },
  },
  interpolate: {
    ...elementwise(1, 'nothing'),
    axis: (attributes, axis) => {
      const change = at(attributes.change, axis);
      return change === 0 ? IDENTITY_MAP : { kind: 'interpolated', change };
    },
  },
  pad: {
    ...elementwise(1, 'nothing'),
    axis: (attributes, axis) => ({
      ...IDENTITY_MAP,
      before: at(attributes.before, axis),
      after: at(attributes.after, axis),
    }),
  },
  crop: {
    ...elementwise(1, 'nothing'),
    axis: (attributes, axis) => ({
      ...IDENTITY_MAP,
      before: -at(attributes.before, axis),
      after: -at(attributes.after, axis),
    }),
  },
  concat: {
    ...elementwise(1, 'nothing'),
    arity: 'many',
    channels: (_attributes, inputs) => inputs.reduce((sum, channels) => sum + channels, 0),
  },
  add: elementwise(2, 'nothing'),
  mul: elementwise(2, 'inputs'),
  globalAverage: { ...elementwise(1, 'nothing'), axis: () => POINT },
  sinusoid: { ...elementwise(1, 'inputs'), channels: ({ channels }) => channels },
  batchNorm: {
    ...elementwise(1, 'inputs'),
    parameters: (attributes, channels) => [
      ...affineParameters(attributes.affine, channels),
      perChannel('mean', channels, 0, false),
      perChannel('variance', channels, 1, false),
    ],
  },
  instanceNorm: {
    ...elementwise(1, 'inputs'),
    parameters: (attributes, channels) => affineParameters(attributes.affine, channels),
  },
  groupNorm: {
    ...elementwise(1, 'inputs'),
    parameters: (attributes, channels) => affineParameters(attributes.affine, channels),
  },
  layerNorm: {
    ...elementwise(1, 'inputs'),
    parameters: (attributes, channels) => affineParameters(attributes.affine, channels),
  },
  relu: elementwise(1, 'output'),
  leakyRelu: elementwise(1, 'output'),
  prelu: {
    ...elementwise(1, 'inputs'),
    // 0.25 is the start of He et al. 2015, section 2.1.
    parameters: ({ shared }, channels) => [perChannel('slope', shared ? 1 : channels, 0.25)],
  },
  elu: elementwise(1, 'output'),
  gelu: elementwise(1, 'inputs'),
  silu: elementwise(1, 'inputs'),
  sigmoid: elementwise(1, 'output'),
  softmax: elementwise(1, 'output'),
  attention: {
    ...elementwise(3, 'inputs'),
    axis: () => ({ kind: 'whole' }),
    // For each pair of positions one product over the channels for its weight, and one for its share of the value.
    macs: (_attributes, io) => 2 * io.inputPositions ** 2 * io.inputChannels,
    workspace: (attributes, io) => attributes.heads * io.inputPositions ** 2,
  },
  positions: {
    ...elementwise(1, 'nothing'),
    parameters: (attributes, channels) => [
      {
        role: 'position',
        shape: [channels, ...attributes.size],
        // As in BERT (Devlin et al. 2018, arXiv:1810.04805) and the code of ViT (Dosovitskiy et al. 2020).
        initializer: { kind: 'normal', standardDeviation: 0.02 },
        trainable: true,
      },
    ],
  },
  dropout: elementwise(1, 'output'),
};

/** The table's entry for a kind. */
export function definitionOf<K extends OpKind>(kind: K): OpDefinition<OpAttributes[K]> {
  return opTable[kind];
}

export const opKinds = Object.keys(opTable) as readonly OpKind[]; // the keys of a closed object literal
