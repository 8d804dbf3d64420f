import type { Span } from '../../diagnostics/span.js';
import { type Value, valueText } from '../expressions/values.js';
import { type AttributeDefinition, define } from './attribute-definition.js';
import { blockUse, orBlock } from './block-schema.js';
import { choice, option } from './choice-schema.js';
import { normalizationSchema } from './normalization-schema.js';
import { integer, perAxis, quantity, real, reportRank } from './number-schemas.js';
import { boolean, either, type SchemaValue, type ValueSchema } from './value-schema.js';

/** The largest size; a larger one is a typing mistake. Products of a few sizes stay exact integers. */
export const SIZE_LIMIT = 1_000_000;
/** The most channels that a value may have. */
export const CHANNEL_LIMIT = 1_048_576;
const KERNEL_LIMIT = 1_023;
const STRIDE_LIMIT = 64;

export interface InputSize {
  readonly channels: number;
  readonly spatial: readonly number[];
  /** The position of each spatial size in the text. */
  readonly spans: readonly Span[];
}

/** Reads `input = 1 x 572 x 572`. It decides the rank of the network, so it is read first. */
export const inputSize: ValueSchema<InputSize> = {
  expected: 'channels x height x width, or channels x depth x height x width',
  read(value, context) {
    if (value.type !== 'dims' || (value.sizes.length !== 3 && value.sizes.length !== 4)) {
      return context.reporter.report(
        'wrong-kind',
        value.span,
        { what: '`input`', expected: inputSize.expected, found: valueText(value) },
        value.type === 'dims' ? sizesHelp(value.sizes.map((size) => size.value)) : {},
      );
    }
    const names = ['channels', ...'DHW'.slice(4 - value.sizes.length)];
    const sizes = value.sizes.map((size, i) =>
      integer(1, i === 0 ? CHANNEL_LIMIT : SIZE_LIMIT).read(size, {
        ...context,
        what: `${names[i]} of input`,
      }),
    );
    const [channels, ...spatial] = sizes.filter((size) => size !== undefined);
    if (channels === undefined || spatial.length < sizes.length - 1) return undefined;
    return { channels, spatial, spans: value.sizes.slice(1).map((size) => size.span) };
  },
};

/** More channels than this are probably a height. */
const FEW_CHANNELS = 16;

/** What two numbers may mean: the channels and the length of a signal, or a height and a width. */
function sizesHelp([first = 0, second = 0, ...others]: readonly number[]): { readonly help?: string } {
  if (second === 0 || others.length > 0) return {};
  if (first <= FEW_CHANNELS && second > FEW_CHANNELS) {
    const signal = `\`input = ${first} x 1 x ${second}\` with \`kernel = 1x3\` and \`stride = 1x2\``;
    return { help: `for a signal with one axis, write ${signal}` };
  }
  return { help: `the channels come first: \`1 x ${first} x ${second}\`` };
}

const channelCount = integer(1, CHANNEL_LIMIT);
const kernel = perAxis(1, KERNEL_LIMIT);
const stride = perAxis(1, STRIDE_LIMIT);
const epsilon = option(real(0, 1), 1e-5);
const affine = option(boolean, true);

export const normSchema = choice({
  none: {},
  batch: { affine, momentum: option(real(0, 1), 0.1), eps: epsilon },
  instance: { affine, eps: epsilon },
  group: { groups: option(integer(1, CHANNEL_LIMIT), 8), affine, eps: epsilon },
  layer: { affine, eps: epsilon },
});
export const activationSchema = choice({
  none: {},
  relu: {},
  leaky_relu: { slope: option(real(0, 1), 0.01) },
  prelu: { shared: option(boolean, false) },
  elu: { alpha: option(real(0, 100), 1) },
  gelu: {},
  silu: {},
});
export const paddingSchema = choice({ valid: {}, same: {}, reflect: {}, replicate: {} });
export const initSchema = choice({ he_normal: {}, he_uniform: {}, glorot_uniform: {}, zeros: {} });

/** The channels after `up`: half of the incoming channels, all of them, as many as the skip has, or a number. */
const upChannels = either(
  channelCount,
  (value) => value.type === 'number',
  choice({ halve: {}, keep: {}, skip: {} }),
);
const upConv = {
  factor: option(stride),
  conv: option(kernel),
  channels: option(upChannels),
  align_corners: option(boolean, false),
};
export const upSchema = orBlock(
  choice({
    transpose: {
      kernel: option(kernel),
      stride: option(stride),
      channels: option(upChannels, { kind: 'halve' as const }),
      bias: option(boolean),
    },
    bilinear: upConv,
    trilinear: upConv,
    nearest: { factor: option(stride), conv: option(kernel), channels: option(upChannels) },
  }),
);
export const poolSchema = orBlock(
  choice({
    max: { window: option(stride), stride: option(stride) },
    avg: { window: option(stride), stride: option(stride) },
    conv: { kernel: option(kernel), stride: option(stride) },
  }),
);
const order = option(choice({ skip_first: {}, up_first: {} }), { kind: 'skip_first' as const });
/** The skip modes. A mode without a join in src/elaborate/skip is a type error there. */
export const skipSchema = choice({
  none: {},
  concat: { order },
  add: { project: option(boolean, false) },
  attention: {
    gate: option(choice({ grid: {}, additive: {} }), { kind: 'grid' as const }),
    gates: option(integer(1, 8), 1),
    combine: option(boolean),
    signal: option(choice({ below: {}, conv: {} }), { kind: 'below' as const }),
    channels: option(integer(1, CHANNEL_LIMIT)),
    norm: option(normSchema),
    output: option(boolean),
    order,
  },
  nested: { deep_supervision: option(boolean, false), prune: option(integer(1, 12)), order },
  every: { blocks: option(integer(1, 100), 2), order },
});
export const cropSchema = choice({ center: {}, pad_up: {}, pad_replicate: {}, resize: {}, error: {} });
const headSchema = choice({ softmax: {}, sigmoid: {}, logits: {} });
const doublingSchema = choice({ after_pool: {}, before_pool: {} });
/** What becomes of the outputs of inner levels: outputs of their own, or parts of the network's output. */
const fuse = option(choice({ none: {}, sum: {}, concat: {} }), { kind: 'none' as const });
const deepSupervisionSchema = choice({ none: {}, levels: { n: option(integer(1, 12), 1), fuse } });
const length = quantity(['um', 'mm', 'px']);
/** Reads a physical size for each axis, all in one unit. */
const spacingSchema: ValueSchema<readonly { readonly value: number; readonly unit: string }[]> = {
  expected: 'a length for each axis, such as `1.76um x 1.76um x 2.04um`',
  read(value, context) {
    const sizes: readonly Value[] = value.type === 'dims' ? value.sizes : [value];
    if (sizes.length !== context.rank) {
      return reportRank('`spacing`', sizes.length, value.span, context);
    }
    const lengths = sizes.map((size) => length.read(size, context)).filter((size) => size !== undefined);
    if (lengths.length < sizes.length) return undefined;
    const first = lengths[0]?.unit ?? 'um';
    const other = lengths.find((size) => size.unit !== first);
    if (other) return context.reporter.report('unit-mismatch', value.span, { a: first, b: other.unit });
    return lengths;
  },
};

/**
 * The attributes of `unet`. Reading, checking, inheritance, the types of the resolved settings, the fields that networks
 * are compared by, suggestions and the reference all follow from this table.
 */
export const attributeTable = {
  input: define('network', inputSize, 'the channels and the size of the input', { required: true }),
  classes: define('network', integer(1, 65_535), 'the channels of the output', { required: true }),
  depth: define('network', integer(1, 12), 'the number of poolings', { fallback: '4' }),
  doubling: define('network', doublingSchema, 'where the channels double', { fallback: 'after_pool' }),
  head: define('network', headSchema, 'what follows the last 1x1 conv', { fallback: 'softmax' }),
  deep_supervision: define('network', deepSupervisionSchema, 'outputs of inner levels', { fallback: 'none' }),
  spacing: define('network', spacingSchema, 'the physical size of a pixel or voxel'),
  normalize: define('network', normalizationSchema, 'what is done to the stored values of an image', {
    fallback: 'none',
  }),
  stem: define('network', blockUse, 'the block between the input and level 1'),
  time: define('network', blockUse, 'the block that embeds a time step, the second input of the network'),
  head_block: define('network', blockUse, 'the block that computes the classes, instead of a 1x1 conv'),
  bottleneck: define('network', blockUse, 'the block of the bottleneck', {
    replaces: 'block',
  }),
  channels: define('levels-and-bottleneck', channelCount, 'the channels of a level', {
    fallback: '64',
    doubles: true,
  }),
  decoder_channels: define('levels', channelCount, 'the channels of a decoder level', {
    like: 'channels',
  }),
  block: define('levels-and-bottleneck', blockUse, 'the block of a level', { fallback: 'double' }),
  decoder_block: define('levels', blockUse, 'the block of a decoder level', {
    like: 'block',
  }),
  repeat: define('levels-and-bottleneck', integer(1, 10_000), 'the number of convs in a level', {
    fallback: '2',
  }),
  kernel: define('levels-and-bottleneck', kernel, 'the kernel of the convs', { fallback: '3' }),
  padding: define('levels-and-bottleneck', paddingSchema, 'what convs see beyond the border of a map', {
    fallback: 'valid',
  }),
  norm: define('levels-and-bottleneck', normSchema, 'the normalisation after a conv', { fallback: 'none' }),
  activation: define('levels-and-bottleneck', activationSchema, 'the activation', { fallback: 'relu' }),
  bias: define('levels-and-bottleneck', boolean, 'whether convs have a bias', { fallback: 'true' }),
  dropout: define('levels-and-bottleneck', real(0, 0.999), 'the dropout rate', { fallback: '0' }),
  init: define('levels-and-bottleneck', initSchema, 'how the weights of convs start', {
    fallback: 'he_normal',
  }),
  stride: define('levels', stride, 'the factor by which `pool` reduces a map and `up` enlarges it', {
    fallback: '2',
  }),
  pool: define('levels', poolSchema, 'how a level is reduced to the level below', { fallback: 'max' }),
  up: define('levels', upSchema, 'how the level below is enlarged', { fallback: 'transpose' }),
  skip: define('levels', skipSchema, 'how the encoder joins the decoder', { fallback: 'concat' }),
  crop: define('levels', cropSchema, 'what happens if the skip and the decoder differ in size', {
    fallback: 'center',
  }),
} as const satisfies Readonly<Record<string, AttributeDefinition>>;

export type UnetAttributes = typeof attributeTable;
export type AttributeName = keyof UnetAttributes;
export type AttributeValue<N extends AttributeName> = SchemaValue<UnetAttributes[N]['schema']>;

export type Norm = AttributeValue<'norm'>;
export type Activation = AttributeValue<'activation'>;
export type Padding = AttributeValue<'padding'>['kind'];
export type SkipSetting = AttributeValue<'skip'>;
export type UpChannels = SchemaValue<typeof upChannels>;
