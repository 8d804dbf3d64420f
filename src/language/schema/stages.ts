import { activationSchema, CHANNEL_LIMIT, initSchema, normSchema, paddingSchema } from './attributes.js';
import { choice, option } from './choice-schema.js';
import { evenInteger, integer, perAxis, real } from './number-schemas.js';
import { boolean, type SchemaValue } from './value-schema.js';

const kernel = option(perAxis(1, 1_023));
const stride = option(perAxis(1, 64));
const channels = option(integer(1, CHANNEL_LIMIT));
const bias = option(boolean);

/**
 * The stages that a block's pipelines are made of. Whatever is left out is the network's own at that level:
 * `conv(3x3, c)` pads, starts and has a bias as the network says; `norm` and `activation` are the network's.
 */
export const stageSchema = choice({
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
export type StageSetting = SchemaValue<typeof stageSchema>;

/** Stages with an argument that is no plain value. */
export const structuralStages: readonly string[] = [
  /** `repeat(n, pipeline)`: the pipeline, n times, each with its own weights. */
  'repeat',
  /** `crop_like(value)`: cuts the sides evenly until the size is that of `value`. */
  'crop_like',
];

/** The parameters of what takes more than plain values; `concat` takes any number of maps, without names. */
export const structuralParameters: Readonly<Record<string, readonly string[]>> = {
  repeat: ['n', 'pipeline'],
  crop_like: ['map'],
  channels: ['map'],
};

/** The embedding of the time step, for blocks of a network with `time`; a block may bind the name to something else. */
export const TIME_NAME = 'time';

/** What a pipeline or a join can begin with besides a named value. */
export const joinFunctions: readonly string[] = ['concat', 'attention'];

/** The parameters of `attention`: three maps, and the number of heads, 1 where it is left out. */
export const attentionParameters = ['query', 'key', 'value', 'heads'] as const;

/** Names that every block can use: the network's settings at the level where the block stands. */
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
