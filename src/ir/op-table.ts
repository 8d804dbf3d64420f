import { type AxisMap, IDENTITY_MAP } from './axis-map.js';
import type { InitName, OpAttributes, OpKind } from './op-attributes.js';
import type { InputRules, OpRecord, ParameterShape, Saved } from './op-record.js';
import type { Initializer, ParameterRole } from './parameter.js';
import { elementCount } from './parameter.js';

type OpTable = { readonly [K in OpKind]: OpRecord<OpAttributes[K]> };

const sameChannels = (_attributes: unknown, inputs: readonly number[]): number => inputs[0] ?? 0;
const noParameters = (): readonly ParameterShape[] => [];
const noMacs = (): number => 0;

const POINT: AxisMap = { kind: 'point' };

const ONE_INPUT: InputRules = { count: 1, sizes: 'equal', channels: 'any' };

/** An op that keeps the shape of its one input and has no parameter. */
function elementwise(saves: Saved) {
  return {
    inputs: ONE_INPUT,
    channels: sameChannels,
    axis: () => IDENTITY_MAP,
    parameters: noParameters,
    macs: noMacs,
    saves,
    precision: 'model',
  } as const;
}

/** An input of the network. */
function source(of: 'image' | 'time') {
  return { ...elementwise('nothing'), source: of, inputs: { ...ONE_INPUT, count: 0 } };
}

/**
 * A norm computes in float32: in float16 its squares overflow beyond 65504, and an eps of 1e-5 loses its digits (it is
 * subnormal) or becomes 0.
 */
const norm = { ...elementwise('inputs'), precision: 'float32' } as const;

function at(list: readonly number[], axis: number): number {
  const value = list[axis];
  if (value === undefined) throw new Error(`no entry for axis ${axis} in [${list.join(', ')}]`);
  return value;
}

/** One parameter per channel, initialized with a constant. */
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

/** The op table: each op of the language's networks, defined once, with its constraints. */
export const opTable: OpTable = {
  input: { ...source('image'), channels: (attributes) => attributes.channels },
  time: { ...source('time'), channels: () => 1, axis: () => POINT },
  conv: {
    ...elementwise('inputs'),
    channels: (attributes) => attributes.channels,
    groups: ({ groups }) => groups,
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
      // The fan-in counts the inputs of one output neuron; the fan-out counts the outputs of one input neuron, without
      // strides (as in Glorot & Bengio 2010 and He et al. 2015).
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
  },
  convTranspose: {
    ...elementwise('inputs'),
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
      // Each output neuron depends on kernel / stride input positions per axis, rounded up.
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
  },
  maxPool: { ...elementwise('inputs'), axis: poolAxis },
  avgPool: { ...elementwise('nothing'), axis: poolAxis },
  resize: {
    ...elementwise('nothing'),
    axis: (attributes, axis) => {
      const factor = at(attributes.factor, axis);
      const linear = attributes.mode === 'linear' && factor > 1;
      return { kind: 'stretch', extent: factor, stride: factor, before: 0, after: 0, linear };
    },
  },
  interpolate: {
    ...elementwise('nothing'),
    axis: (attributes, axis) => {
      const change = at(attributes.change, axis);
      return change === 0 ? IDENTITY_MAP : { kind: 'interpolated', change };
    },
  },
  pad: {
    ...elementwise('nothing'),
    axis: (attributes, axis) => ({
      ...IDENTITY_MAP,
      before: at(attributes.before, axis),
      after: at(attributes.after, axis),
    }),
    // A mirror that leaves the border out needs one position more than it mirrors.
    leastSize: ({ mode, before, after }, axis) =>
      mode === 'reflect' ? Math.max(at(before, axis), at(after, axis)) + 1 : 1,
  },
  crop: {
    ...elementwise('nothing'),
    axis: (attributes, axis) => ({
      ...IDENTITY_MAP,
      before: -at(attributes.before, axis),
      after: -at(attributes.after, axis),
    }),
  },
  concat: {
    ...elementwise('nothing'),
    inputs: { ...ONE_INPUT, count: 'many' },
    channels: (_attributes, inputs) => inputs.reduce((sum, channels) => sum + channels, 0),
  },
  add: { ...elementwise('nothing'), inputs: { count: 2, sizes: 'equal-or-one', channels: 'equal' } },
  mul: { ...elementwise('inputs'), inputs: { count: 2, sizes: 'equal-or-one', channels: 'equal-or-one' } },
  globalAverage: { ...elementwise('nothing'), axis: () => POINT },
  sinusoid: {
    ...elementwise('inputs'),
    inputs: { ...ONE_INPUT, channels: 'one' },
    channels: ({ channels }) => channels,
    // In float16, the angle of a late time step loses its fraction.
    precision: 'float32',
  },
  batchNorm: {
    ...norm,
    parameters: (attributes, channels) => [
      ...affineParameters(attributes.affine, channels),
      perChannel('mean', channels, 0, false),
      perChannel('variance', channels, 1, false),
    ],
  },
  instanceNorm: {
    ...norm,
    parameters: (attributes, channels) => affineParameters(attributes.affine, channels),
  },
  groupNorm: {
    ...norm,
    groups: ({ groups }) => groups,
    parameters: (attributes, channels) => affineParameters(attributes.affine, channels),
  },
  layerNorm: {
    ...norm,
    parameters: (attributes, channels) => affineParameters(attributes.affine, channels),
  },
  relu: elementwise('output'),
  leakyRelu: elementwise('output'),
  prelu: {
    ...elementwise('inputs'),
    // He et al. 2015, section 2.1, start from 0.25.
    parameters: ({ shared }, channels) => [perChannel('slope', shared ? 1 : channels, 0.25)],
  },
  elu: elementwise('output'),
  gelu: elementwise('inputs'),
  silu: elementwise('inputs'),
  sigmoid: elementwise('output'),
  softmax: elementwise('output'),
  attention: {
    ...elementwise('inputs'),
    inputs: { count: 3, sizes: 'equal', channels: 'equal' },
    groups: ({ heads }) => heads,
    axis: () => ({ kind: 'whole' }),
    // Each pair of positions has one product over the channels for its weight, and one for its share of the value.
    macs: (_attributes, io) => 2 * io.inputPositions ** 2 * io.inputChannels,
    workspace: (attributes, io) => attributes.heads * io.inputPositions ** 2,
  },
  positions: {
    ...elementwise('nothing'),
    pinnedSize: ({ size }) => size,
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
  dropout: elementwise('output'),
};

/** The table's record of a kind. */
export function recordOf<K extends OpKind>(kind: K): OpRecord<OpAttributes[K]> {
  return opTable[kind];
}

export const opKinds = Object.keys(opTable) as readonly OpKind[]; // the keys of a closed object literal
