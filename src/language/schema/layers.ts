import { activationSchema, CHANNEL_LIMIT, initSchema, normSchema, paddingSchema } from './attributes.js';
import { choice, option } from './choice-schema.js';
import { evenInteger, integer, perAxis, real } from './number-schemas.js';
import { boolean, type SchemaValue } from './value-schema.js';

const kernel = option(perAxis(1, 1_023));
const stride = option(perAxis(1, 64));
const channels = option(integer(1, CHANNEL_LIMIT));
const bias = option(boolean);

/**
 * The layers of the pipelines in blocks. Options that are left out follow the network's settings at that level: the
 * padding, the start of the weights and the bias of `conv(3x3, c)`, and everything about `norm` and `activation`.
 */
export const layerSchema = choice({
  conv: {
    kernel,
    channels,
    stride,
    dilation: option(perAxis(1, 1_023)),
    groups: option(integer(1, CHANNEL_LIMIT), 1),
    bias,
    padding: option(paddingSchema),
    init: option(initSchema),
  },
  depthwise: { kernel, stride, dilation: option(perAxis(1, 1_023)), bias, padding: option(paddingSchema) },
  transpose: { kernel, channels, stride, bias },
  norm: {},
  batch: normSchema.optionsOf.batch,
  instance: normSchema.optionsOf.instance,
  group: normSchema.optionsOf.group,
  layer: normSchema.optionsOf.layer,
  activation: {},
  relu: activationSchema.optionsOf.relu,
  leaky_relu: activationSchema.optionsOf.leaky_relu,
  prelu: activationSchema.optionsOf.prelu,
  elu: activationSchema.optionsOf.elu,
  gelu: activationSchema.optionsOf.gelu,
  silu: activationSchema.optionsOf.silu,
  sigmoid: {},
  softmax: {},
  dropout: { rate: option(real(0, 0.999)) },
  max: { window: option(perAxis(1, 64)), stride },
  avg: { window: option(perAxis(1, 64)), stride },
  bilinear: { factor: stride, align_corners: option(boolean, false) },
  trilinear: { factor: stride, align_corners: option(boolean, false) },
  nearest: { factor: stride },
  positions: {},
  global_avg: {},
  sinusoid: { channels: option(evenInteger(4, CHANNEL_LIMIT)), period: option(real(1, 1e9), 10_000) },
});
export type LayerSetting = SchemaValue<typeof layerSchema>;

/** Layers with an argument that is a pipeline or a map. */
export const structuralLayers: readonly string[] = [
  /** `repeat(n, pipeline)`: the pipeline, n times, each with its own weights. */
  'repeat',
  /** `crop_like(map)`: crops both sides evenly to the size of `map`. */
  'crop_like',
];

/** The parameters of these layers and functions. `concat` takes any number of maps, without names. */
export const structuralParameters: Readonly<Record<string, readonly string[]>> = {
  repeat: ['n', 'pipeline'],
  crop_like: ['map'],
  channels: ['map'],
};

/** The name of the time step's embedding in the blocks of a network with `time`. A block can bind it to another value. */
export const TIME_NAME = 'time';

/** The functions that make a map and so can begin a pipeline. */
export const joinFunctions: readonly string[] = ['concat', 'attention'];

/** The parameters of `attention`: three maps and the number of heads, by default 1. */
export const attentionParameters = ['query', 'key', 'value', 'heads'] as const;

/** The names that every block can use: settings of the network at the level where the block is used. */
export const environmentNames: readonly string[] = [
  'kernel',
  'stride',
  'repeat',
  'level',
  'depth',
  'classes',
  'inner',
];

/** The number of channels of a value, in an argument: `channels(input) / 2`. */
export const CHANNELS_FUNCTION = 'channels';
