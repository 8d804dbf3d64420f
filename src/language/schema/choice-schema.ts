import { suggestionFor } from '../../diagnostics/suggest.js';
import { evaluate } from '../expressions/evaluate.js';
import type { SymbolValue } from '../expressions/values.js';
import { matchArguments } from './match-arguments.js';
import { type ReadContext, reportWrongKind, type ValueSchema, type WordSchema } from './value-schema.js';

/** An option of a word. If it is left out, it has the fallback, or is undefined if there is none. */
export interface Option<T> {
  readonly schema: ValueSchema<T>;
  readonly fallback?: T;
}
export type Options = Readonly<Record<string, Option<unknown>>>;

/** Makes an option. With a fallback, its value is never undefined, and its type says so. */
export function option<T>(schema: ValueSchema<T>): Option<T>;
export function option<T>(schema: ValueSchema<T>, fallback: T): Required<Option<T>>;
export function option<T>(schema: ValueSchema<T>, fallback?: T): Option<T> {
  return fallback === undefined ? { schema } : { schema, fallback };
}

export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Required<Option<infer T>>
    ? T
    : O[K] extends Option<infer T>
      ? T | undefined
      : never;
};

/** The words of a choice, each with its options. */
export type Words = Readonly<Record<string, Options>>;

/** A value of a choice: the word as `kind`, and its options. */
export type ChoiceValue<W extends Words> = {
  [K in keyof W & string]: { readonly kind: K } & OptionValues<W[K]>;
}[keyof W & string];

/** Reads one of several words with its options. */
export interface ChoiceSchema<W extends Words> extends ValueSchema<ChoiceValue<W>>, WordSchema {
  readonly optionsOf: W;
}

/** One of the given words, each with its options: `batch(affine: false)`. Options in order need no names. */
export function choice<const W extends Words>(optionsOf: W): ChoiceSchema<W> {
  const words = Object.keys(optionsOf);
  const schema: ChoiceSchema<W> = {
    words,
    optionsOf,
    expected:
      words.length === 1 ? `\`${words[0]}\`` : `one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    read(value, context) {
      if (value.type === 'string' && words.includes(value.value)) {
        const { span, value: newText } = value;
        const fixes = [{ title: `Change to \`${newText}\``, edits: [{ span, newText }] }];
        return reportWrongKind(schema, value, context, {
          help: `write \`${newText}\` without quotes`,
          fixes,
        });
      }
      if (value.type !== 'symbol') return reportWrongKind(schema, value, context);
      const options = Object.hasOwn(optionsOf, value.name) ? optionsOf[value.name] : undefined;
      if (!options) return reportUnknownOption(value, words, context);
      const values = readOptions(value, options, context);
      // readOptions fills exactly the keys of `options`, each read by its own schema.
      return values && ({ kind: value.name, ...values } as ChoiceValue<W>);
    },
  };
  return schema;
}

function reportUnknownOption(value: SymbolValue, words: readonly string[], context: ReadContext): undefined {
  return context.reporter.report(
    'unknown-option',
    value.nameSpan,
    { what: `\`${context.what}\``, option: value.name },
    suggestionFor(value.name, value.nameSpan, words),
  );
}

/** Reads the arguments of a word as its options. */
function readOptions(
  value: SymbolValue,
  options: Options,
  context: ReadContext,
): Record<string, unknown> | undefined {
  const matched = matchArguments(value.args ?? [], Object.keys(options), value.name, context.reporter);
  let failed = matched === undefined;
  const result: Record<string, unknown> = {};
  for (const [name, { schema, fallback }] of Object.entries(options)) {
    const argument = matched?.get(name);
    if (!argument) {
      result[name] = fallback;
      continue;
    }
    const evaluated = evaluate(argument.value, value.scope, context.reporter);
    const read = evaluated && schema.read(evaluated, { ...context, what: `${name} of ${value.name}` });
    if (read === undefined) failed = true;
    result[name] = read;
  }
  return failed ? undefined : result;
}
