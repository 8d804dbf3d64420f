import type {
  ChannelNormalizations,
  Normalization,
  OneNormalization,
} from '../../normalize/normalization.js';
import { numberText, type SymbolValue, type Value } from '../expressions/values.js';
import { type ChoiceSchema, type ChoiceValue, choice, option } from './choice-schema.js';
import { real } from './number-schemas.js';
import { boolean, either, type ReadContext, type ValueSchema, type WordSchema } from './value-schema.js';

/** The largest number that a file stores and a spec names; a larger one is a typing mistake. */
const LARGEST = 1e12;
const value = real(-LARGEST, LARGEST);
const percent = real(0, 100);
const clip = option(boolean, true);
const extent = { nonzero: option(boolean, false), per_channel: option(boolean, false) };

const words = {
  none: {},
  minmax: extent,
  zscore: extent,
  percentile: { low: option(percent, 0.5), high: option(percent, 99.5), clip, ...extent },
  range: { low: option(value), high: option(value), clip },
  ct: {
    low: option(either(value, ({ type }) => type !== 'symbol', choice({ auto: {} }))),
    high: option(value),
    mean: option(value),
    std: option(real(0, LARGEST, { open: 'minimum' })),
  },
} as const;

const wordSchema = choice(words);
type Written = ChoiceValue<typeof words>;

export interface NormalizationSchema extends ValueSchema<Normalization>, WordSchema {
  readonly optionsOf: ChoiceSchema<typeof words>['optionsOf'];
  /** For the reference: a list has an item for each channel. */
  readonly takesChannels: true;
}

/** A normalisation for the whole image, or a list with one for each channel. */
export const normalizationSchema: NormalizationSchema = {
  words: wordSchema.words,
  optionsOf: wordSchema.optionsOf,
  takesChannels: true,
  expected: `${wordSchema.expected}, or a list of these for the channels`,
  read(written, context) {
    return written.type === 'list' ? readList(written.items, context) : readOne(written, context);
  },
};

function readList(items: readonly Value[], context: ReadContext): ChannelNormalizations | undefined {
  const read = items.map((item) => readOne(item, context));
  const channels = read.filter((one) => one !== undefined);
  if (channels.length < read.length) return undefined;
  // An item has one channel: its statistics are that channel's in either case.
  const plain = channels.map((one) => ('per_channel' in one ? { ...one, per_channel: false } : one));
  return { kind: 'channels', channels: plain };
}

function readOne(written: Value, context: ReadContext): OneNormalization | undefined {
  const read = wordSchema.read(written, context);
  // `choice` reads symbols only.
  return read && complete(read, written as SymbolValue, context);
}

/** The normalisation, if its numbers are all there and in order. */
function complete(read: Written, written: SymbolValue, context: ReadContext): OneNormalization | undefined {
  switch (read.kind) {
    case 'percentile':
      return inOrder(read.low, read.high, written, context) ? read : undefined;
    case 'range': {
      const { low, high, clip } = read;
      if (low === undefined) return missing('`low` and `high`', written, context);
      if (high === undefined) return missing('`high`', written, context);
      return inOrder(low, high, written, context) ? { kind: 'range', low, high, clip } : undefined;
    }
    case 'ct': {
      const { low, high, mean, std } = read;
      if (typeof low === 'object') return measured(written, context);
      if (low === undefined) return missing('`auto`, or `low`, `high`, `mean` and `std`', written, context);
      if (high === undefined) return missing('`high`, `mean` and `std`', written, context);
      if (mean === undefined) return missing('`mean` and `std`', written, context);
      if (std === undefined) return missing('`std`', written, context);
      return inOrder(low, high, written, context) ? { kind: 'ct', low, high, mean, std } : undefined;
    }
    default:
      return read;
  }
}

/** `ct(auto)`, which takes nothing else. */
function measured({ args = [] }: SymbolValue, { reporter }: ReadContext): OneNormalization | undefined {
  const [, more] = args;
  if (!more) return { kind: 'ct_auto' };
  return reporter.report('too-many-arguments', more.span, { callee: 'ct(auto)', limit: 0 });
}

function missing(what: string, { name, nameSpan }: SymbolValue, { reporter }: ReadContext): undefined {
  const help =
    name === 'ct'
      ? 'write `ct(auto)` to measure the numbers on the training images, or `ct(low, high, mean, std)`'
      : 'write `range(0, 4095)` for images of 12 bits';
  return reporter.report('missing-argument', nameSpan, { callee: name, what }, { help });
}

function inOrder(low: number, high: number, written: SymbolValue, { reporter }: ReadContext): boolean {
  if (low < high) return true;
  reporter.report(
    'contradiction',
    written.span,
    { problem: 'empty-range', word: written.name, low: numberText(low), high: numberText(high) },
    { help: 'write the smaller number first' },
  );
  return false;
}
