import type { Argument } from '../../../grammar/ast.js';
import type { Extras, Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import { didYouMean, suggestionFor } from '../../diagnostics/suggest.js';
import { evaluate, reportUnknownName } from '../expressions/evaluate.js';
import {
  type NumberValue,
  numberText,
  type SymbolValue,
  type Value,
  valueText,
} from '../expressions/values.js';

/** What a reader of values needs to know. */
export interface ReadContext {
  readonly reporter: Reporter;
  /** The spatial axes of the network: 2 or 3. */
  readonly rank: number;
  /**
   * Set where no network is known yet: what is written an axis may have 2 or 3 of them, whatever `rank` says, and a
   * single number stays alone.
   */
  readonly anyRank?: boolean;
  /** What is read, for messages: `kernel`, `eps of batch`. */
  readonly what: string;
  /** The line that decides the rank, for messages. */
  readonly rankFrom?: Span;
}

/** A kind of value: what it expects, in words, and how it is read. Reading reports and returns undefined. */
export interface ValueSchema<T> {
  readonly expected: string;
  read(value: Value, context: ReadContext): T | undefined;
}

export type SchemaValue<K> = K extends ValueSchema<infer T> ? T : never;

function reportWrongKind(
  kind: ValueSchema<unknown>,
  value: Value,
  context: ReadContext,
  extras?: Extras,
): undefined {
  // A bare word where no word may stand is most likely a misspelt param. Only choices have words: the cast asks
  // whether this kind is one.
  if (value.type === 'symbol' && !value.args && !(kind as Partial<ChoiceSchema>).words) {
    const near = didYouMean(value.name, value.scope.names());
    if (near !== undefined)
      return reportUnknownName(value.name, value.nameSpan, value.scope, context.reporter);
  }
  return context.reporter.report(
    'wrong-kind',
    value.span,
    { what: `\`${context.what}\``, expected: kind.expected, found: valueText(value) },
    extras,
  );
}

/** What the range of a number says beside its bounds. */
export interface RangeOptions {
  /** The bound that is not in the range itself: none when left out. */
  readonly open?: 'minimum' | 'maximum';
  /** What to do instead, for a number out of the range. */
  readonly help?: string;
}

/** A number between two bounds. */
export function real(minimum: number, maximum: number, options: RangeOptions = {}): ValueSchema<number> {
  const kind: ValueSchema<number> = {
    expected: `a number ${rangeText(minimum, maximum, options)}`,
    read(value, context) {
      if (value.type !== 'number' || value.unit) return reportWrongKind(kind, value, context);
      return inRange(value, minimum, maximum, context, options);
    },
  };
  return kind;
}

/** "from 0 to 1", "above 0, at most 1", "from 0, below 1". */
function rangeText(minimum: number, maximum: number, { open }: RangeOptions): string {
  const [low, high] = [numberText(minimum), numberText(maximum)];
  if (open === 'minimum') return `above ${low}, at most ${high}`;
  return open === 'maximum' ? `from ${low}, below ${high}` : `from ${low} to ${high}`;
}

function inRange(
  value: NumberValue,
  minimum: number,
  maximum: number,
  context: ReadContext,
  { open, help }: RangeOptions = {},
): number | undefined {
  const number = value.value;
  const isAbove = open === 'minimum' ? number > minimum : number >= minimum;
  const isBelow = open === 'maximum' ? number < maximum : number <= maximum;
  if (isAbove && isBelow) return number;
  return context.reporter.report(
    'out-of-range',
    value.span,
    {
      what: `\`${context.what}\``,
      value: numberText(number),
      minimum: numberText(minimum),
      maximum: numberText(maximum),
      open,
    },
    { help },
  );
}

/** A whole number between two bounds. */
export function integer(minimum: number, maximum: number): ValueSchema<number> {
  const kind: ValueSchema<number> = {
    expected: `a whole number from ${numberText(minimum)} to ${numberText(maximum)}`,
    read(value, context) {
      if (value.type !== 'number' || value.unit || !Number.isInteger(value.value)) {
        return reportWrongKind(kind, value, context);
      }
      return inRange(value, minimum, maximum, context);
    },
  };
  return kind;
}

/** An even whole number between two bounds. */
export function evenInteger(minimum: number, maximum: number): ValueSchema<number> {
  const whole = integer(minimum, maximum);
  const kind: ValueSchema<number> = {
    expected: `an even ${whole.expected.replace(/^a /, '')}`,
    read(value, context) {
      if (value.type === 'number' && value.value % 2 !== 0) return reportWrongKind(kind, value, context);
      return whole.read(value, context);
    },
  };
  return kind;
}

/** Lengths may not be longer than this, in whatever unit: more is a slip of the keyboard. */
const LONGEST = 1e6;

/** A length above 0 with a unit; `px` only where `pixels` is set. */
export function quantity(
  units: readonly string[],
): ValueSchema<{ readonly value: number; readonly unit: string }> {
  const kind: ValueSchema<{ readonly value: number; readonly unit: string }> = {
    expected: `a number with a unit (${units.join(', ')})`,
    read(value, context) {
      if (value.type !== 'number' || !value.unit || !units.includes(value.unit)) {
        const bare = value.type === 'number' && !value.unit;
        const help = bare ? `write the unit behind the number: \`${value.value}${units[0]}\`` : undefined;
        return reportWrongKind(kind, value, context, { help });
      }
      const number = inRange(value, 0, LONGEST, context, { open: 'minimum' });
      return number === undefined ? undefined : { value: number, unit: value.unit };
    },
  };
  return kind;
}

export const boolean: ValueSchema<boolean> = {
  expected: '`true` or `false`',
  read: (value, context) =>
    value.type === 'boolean' ? value.value : reportWrongKind(boolean, value, context),
};

/** One number an axis of `rank`: a single one holds for all. */
export function repeated(numbers: readonly number[], rank: number): readonly number[] {
  const [first = 0] = numbers;
  return numbers.length === 1 ? Array.from({ length: rank }, () => first) : numbers;
}

/** One whole number an axis, `3x3`; a single number holds for every axis. */
export function perAxis(minimum: number, maximum: number): ValueSchema<readonly number[]> {
  const each = integer(minimum, maximum);
  const kind: ValueSchema<readonly number[]> = {
    expected: 'one whole number an axis, such as `3x3`',
    read(value, context) {
      if (value.type === 'number') {
        const one = each.read(value, context);
        return one === undefined ? undefined : repeated([one], context.anyRank ? 1 : context.rank);
      }
      if (value.type !== 'dims') return reportWrongKind(kind, value, context);
      const { length } = value.sizes;
      const fits = length === context.rank || (context.anyRank === true && (length === 2 || length === 3));
      if (!fits) {
        return reportRank(`\`${context.what}\``, length, value.span, context);
      }
      const sizes = value.sizes.map((size) => each.read(size, context));
      const whole = sizes.filter((size) => size !== undefined);
      return whole.length === sizes.length ? whole : undefined;
    },
  };
  return kind;
}

/** Reports a value with more or fewer axes than the network. */
export function reportRank(what: string, found: number, span: Span, context: ReadContext): undefined {
  const { rank, rankFrom } = context;
  return context.reporter.report(
    'rank-mismatch',
    span,
    { what, found, rank },
    rankFrom ? { notes: [{ message: `\`input\` has channels and ${rank} axes`, span: rankFrom }] } : {},
  );
}

/** An item or a list of items. */
export function listOf<T>(item: ValueSchema<T>): ValueSchema<readonly T[]> {
  return {
    expected: `a list of items, each ${item.expected}`,
    read(value, context) {
      const values = value.type === 'list' ? value.items : [value];
      const items = values.map((one) => item.read(one, context));
      const whole = items.filter((one) => one !== undefined);
      return whole.length === items.length ? whole : undefined;
    },
  };
}

/** One of several kinds: the first whose shape fits the value. */
export function either<A, B>(
  a: ValueSchema<A>,
  fits: (value: Value) => boolean,
  b: ValueSchema<B>,
): ValueSchema<A | B> {
  return {
    expected: `${a.expected}, or ${b.expected}`,
    read: (value, context) => (fits(value) ? a.read(value, context) : b.read(value, context)),
  };
}

/** An option of a word in a choice. Without a fallback it is undefined when left out. */
export interface Option<T> {
  readonly kind: ValueSchema<T>;
  readonly fallback?: T;
}
export type Options = Readonly<Record<string, Option<unknown>>>;

/** Makes an option; with a fallback its type has no undefined. */
export function option<T>(kind: ValueSchema<T>): Option<T>;
export function option<T>(kind: ValueSchema<T>, fallback: T): Required<Option<T>>;
export function option<T>(kind: ValueSchema<T>, fallback?: T): Option<T> {
  return fallback === undefined ? { kind } : { kind, fallback };
}

export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Required<Option<infer T>>
    ? T
    : O[K] extends Option<infer T>
      ? T | undefined
      : never;
};

/** What a choice knows beside its kind: its words. */
export interface ChoiceSchema {
  readonly words: readonly string[];
}

/** The values of a choice: the word as `kind`, and its options. */
export type ChoiceValue<S extends Readonly<Record<string, Options>>> = {
  [K in keyof S & string]: { readonly kind: K } & OptionValues<S[K]>;
}[keyof S & string];

/** A closed set of words, each with its options: `batch(affine: false)`. Options in order may go unnamed. */
export function choice<const S extends Readonly<Record<string, Options>>>(
  schema: S,
): ValueSchema<ChoiceValue<S>> & ChoiceSchema & { readonly schema: S } {
  const words = Object.keys(schema);
  const kind: ValueSchema<ChoiceValue<S>> & ChoiceSchema & { readonly schema: S } = {
    words,
    schema,
    expected:
      words.length === 1 ? `\`${words[0]}\`` : `one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    read(value, context) {
      if (value.type === 'string' && words.includes(value.value)) {
        const { span, value: newText } = value;
        const fixes = [{ title: `Change to \`${newText}\``, edits: [{ span, newText }] }];
        return reportWrongKind(kind, value, context, { help: `write \`${newText}\` without quotes`, fixes });
      }
      if (value.type !== 'symbol') return reportWrongKind(kind, value, context);
      const options = Object.hasOwn(schema, value.name) ? schema[value.name] : undefined;
      if (!options) return reportUnknownOption(value, words, context);
      const values = readOptions(value, options, context);
      // readOptions fills exactly the keys of `options`, each read by its own kind.
      return values && ({ kind: value.name, ...values } as ChoiceValue<S>);
    },
  };
  return kind;
}

function reportUnknownOption(value: SymbolValue, words: readonly string[], context: ReadContext): undefined {
  return context.reporter.report(
    'unknown-option',
    value.nameSpan,
    { what: `\`${context.what}\``, option: value.name },
    suggestionFor(value.name, value.nameSpan, words),
  );
}

/** Reads the arguments of a word by its options. */
export function readOptions(
  value: SymbolValue,
  options: Options,
  context: ReadContext,
): Record<string, unknown> | undefined {
  const matched = matchArguments(value.args ?? [], Object.keys(options), value.name, context.reporter);
  let failed = matched === undefined;
  const result: Record<string, unknown> = {};
  for (const [name, { kind, fallback }] of Object.entries(options)) {
    const argument = matched?.get(name);
    if (!argument) {
      result[name] = fallback;
      continue;
    }
    const evaluated = evaluate(argument.value, value.scope, context.reporter);
    const read = evaluated && kind.read(evaluated, { ...context, what: `${name} of ${value.name}` });
    if (read === undefined) failed = true;
    result[name] = read;
  }
  return failed ? undefined : result;
}

/**
 * Gives each argument its parameter: named ones by name, the others in order. Unknown, doubled and superfluous
 * arguments are reported, all of them; then the result is undefined.
 */
export function matchArguments(
  args: readonly Argument[],
  names: readonly string[],
  callee: string,
  reporter: Reporter,
): Map<string, Argument> | undefined {
  const matched = new Map<string, Argument>();
  let failed = false;
  let next = 0;
  for (const argument of args) {
    const name = argument.name?.name ?? names[next];
    if (!argument.name) next += 1;
    const span = argument.name?.span ?? argument.span;
    const earlier = name === undefined ? undefined : matched.get(name);
    if (name === undefined || !names.includes(name)) {
      failed = true;
      if (name === undefined) {
        reporter.report('too-many-arguments', span, { callee, limit: names.length });
      } else {
        reporter.report(
          'unknown-argument',
          span,
          { callee, name },
          suggestionFor(name, span, names, `\`${callee}\` takes no arguments`),
        );
      }
    } else if (earlier) {
      failed = true;
      const notes = [{ message: 'first given here', span: earlier.span }];
      reporter.report('duplicate-argument', span, { callee, name }, { notes });
    } else {
      matched.set(name, argument);
    }
  }
  return failed ? undefined : matched;
}
