import type { Argument } from '../../../grammar/ast.js';
import type { Span } from '../../diagnostics/span.js';
import type { Scope } from '../expressions/values.js';
import { type Value, valueText } from '../expressions/values.js';
import {
  boolean,
  type ChoiceSchema,
  choice,
  either,
  integer,
  option,
  perAxis,
  quantity,
  real,
  reportRank,
  type SchemaValue,
  type ValueSchema,
} from './value-schema.js';

/** Sizes above this are typing mistakes; products of a few of them stay exact integers. */
export const SIZE_LIMIT = 1_000_000;
/** The most channels that a value may have. */
export const CHANNEL_LIMIT = 1_048_576;
const KERNEL_LIMIT = 1_023;
const STRIDE_LIMIT = 64;

export interface InputSize {
  readonly channels: number;
  readonly spatial: readonly number[];
  /** Where each spatial size is written. */
  readonly spans: readonly Span[];
}

/** `input = 1 x 572 x 572`: what fixes the rank, so it is read first. */
export const inputSize: ValueSchema<InputSize> = {
  expected: 'channels x height x width, or channels x depth x height x width',
  read(value, context) {
    if (value.type !== 'dims' || (value.sizes.length !== 3 && value.sizes.length !== 4)) {
      const flat = value.type === 'dims' && value.sizes.length === 2;
      return context.reporter.report(
        'wrong-kind',
        value.span,
        { what: '`input`', expected: inputSize.expected, found: valueText(value) },
        flat ? { help: `the channels come first: \`1 x ${valueText(value)}\`` } : {},
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

/** A block by name, with arguments that are evaluated where the block is used. */
export interface BlockUse {
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly Argument[];
  readonly scope: Scope;
  readonly span: Span;
}
const blockUse: ValueSchema<BlockUse> = {
  expected: 'the name of a block, such as `double` or `residual`',
  read(value, context) {
    if (value.type === 'symbol') {
      const { name, nameSpan, scope, span } = value;
      return { name, nameSpan, args: value.args ?? [], scope, span };
    }
    return context.reporter.report('wrong-kind', value.span, {
      what: `\`${context.what}\``,
      expected: blockUse.expected,
      found: valueText(value),
    });
  },
};

/** A block in the place of a word. */
export interface BlockWord {
  readonly kind: 'block';
  readonly use: BlockUse;
}

/** One of the words of a choice, or else the name of a block that does it; whether there is one is not known here. */
function orBlock<T, S>(words: ValueSchema<T> & ChoiceSchema & { readonly schema: S }) {
  const kind: ValueSchema<T | BlockWord> & ChoiceSchema & { readonly schema: S; readonly takesBlocks: true } =
    {
      words: words.words,
      schema: words.schema,
      takesBlocks: true,
      expected: `${words.expected}, or the name of a block`,
      read(value, context) {
        if (value.type !== 'symbol' || words.words.includes(value.name)) return words.read(value, context);
        const use = blockUse.read(value, context);
        return use && { kind: 'block', use };
      },
    };
  return kind;
}

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

/** Channels after going up: half of what came, all of it, as many as the skip has, or a number. */
const upChannels = either(
  integer(1, CHANNEL_LIMIT),
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
/** The skip modes. Each has a file in elaborate/skip that joins it; one without is a type error there. */
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
/** What becomes of the outputs of inner levels: outputs of their own, or parts of the one. */
const fuse = option(choice({ none: {}, sum: {}, concat: {} }), { kind: 'none' as const });
const deepSupervisionSchema = choice({ none: {}, levels: { n: option(integer(1, 12), 1), fuse } });
const length = quantity(['um', 'mm', 'px']);
/** A physical size for each axis, in one unit. */
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
 * Where an attribute may be set: for the whole network, for any level with the bottleneck, or only for
 * levels that have a pooling.
 */
export type AttributeScope = 'network' | 'levels-and-bottleneck' | 'levels';

export interface AttributeDefinition<T> {
  readonly kind: ValueSchema<T>;
  readonly reach: AttributeScope;
  /** The value as it would be written; left out where the attribute is required or may stay unset. */
  readonly fallback?: string;
  readonly required?: boolean;
  readonly summary: string;
}

function define<T>(
  reach: AttributeScope,
  kind: ValueSchema<T>,
  summary: string,
  fallback?: string,
  required = false,
): AttributeDefinition<T> {
  return { kind, reach, summary, required, ...(fallback === undefined ? {} : { fallback }) };
}

/** The attributes of `unet`: the one list that reading, checking, suggestions and the reference use. */
export const attributeTable = {
  input: define('network', inputSize, 'channels and size of the input', undefined, true),
  classes: define('network', integer(1, 65_535), 'channels of the output', undefined, true),
  depth: define('network', integer(1, 12), 'number of poolings', '4'),
  doubling: define('network', doublingSchema, 'where the channels double', 'after_pool'),
  head: define('network', headSchema, 'what follows the last 1x1 conv', 'softmax'),
  deep_supervision: define('network', deepSupervisionSchema, 'outputs of inner levels', 'none'),
  spacing: define('network', spacingSchema, 'physical size of a pixel or voxel'),
  stem: define('network', blockUse, 'a block between the input and level 1'),
  time: define('network', blockUse, 'the block that embeds a time step, the second input of the network'),
  head_block: define('network', blockUse, 'the block that makes the classes, where it is no 1x1 conv'),
  bottleneck: define('network', blockUse, 'the block of the bottleneck, where it is another'),
  channels: define('levels-and-bottleneck', integer(1, CHANNEL_LIMIT), 'channels of a level', '64'),
  decoder_channels: define(
    'levels',
    integer(1, CHANNEL_LIMIT),
    'channels of a decoder level, where they differ',
  ),
  block: define('levels-and-bottleneck', blockUse, 'the block of a level', 'double'),
  decoder_block: define('levels', blockUse, 'the block of a decoder level, where it is another'),
  repeat: define('levels-and-bottleneck', integer(1, 10_000), 'convs of a level', '2'),
  kernel: define('levels-and-bottleneck', kernel, 'kernel of the convs', '3'),
  padding: define('levels-and-bottleneck', paddingSchema, 'what the convs see outside the map', 'valid'),
  norm: define('levels-and-bottleneck', normSchema, 'normalisation after a conv', 'none'),
  activation: define('levels-and-bottleneck', activationSchema, 'activation', 'relu'),
  bias: define('levels-and-bottleneck', boolean, 'whether convs have a bias', 'true'),
  dropout: define('levels-and-bottleneck', real(0, 0.999), 'dropout rate', '0'),
  init: define('levels-and-bottleneck', initSchema, 'how conv weights start', 'he_normal'),
  stride: define(
    'levels',
    stride,
    'what a level is reduced by on the way down, and enlarged by on the way up',
    '2',
  ),
  pool: define('levels', poolSchema, 'how a level goes down', 'max'),
  up: define('levels', upSchema, 'how a level comes up', 'transpose'),
  skip: define('levels', skipSchema, 'how encoder and decoder are joined', 'concat'),
  crop: define('levels', cropSchema, 'what happens where the skip and the decoder differ in size', 'center'),
} as const;

export type AttributeName = keyof typeof attributeTable;
export type AttributeValue<N extends AttributeName> = SchemaValue<(typeof attributeTable)[N]['kind']>;

export const attributeNames = Object.keys(attributeTable) as readonly AttributeName[]; // keys of a closed literal

export function isAttributeName(name: string): name is AttributeName {
  return Object.hasOwn(attributeTable, name);
}

export type Norm = AttributeValue<'norm'>;
export type Activation = AttributeValue<'activation'>;
export type Padding = AttributeValue<'padding'>['kind'];
export type SkipSetting = AttributeValue<'skip'>;
export type UpChannels = SchemaValue<typeof upChannels>;
