import type { Extras, Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { reportUnknownName } from '../expressions/evaluate.js';
import { type Value, valueText } from '../expressions/values.js';

/** What the reader of a value needs to know. */
export interface ReadContext {
  readonly reporter: Reporter;
  /** The number of spatial axes of the network: 2 or 3. */
  readonly rank: number;
  /**
   * Set where the network is not known yet. Then a value may have 2 or 3 axes, whatever `rank` is, and a single number
   * is not repeated.
   */
  readonly anyRank?: boolean;
  /** What is being read, for messages: `kernel`, `eps of batch`. */
  readonly what: string;
  /** The line that sets the rank, for messages. */
  readonly rankFrom?: Span;
}

/** Describes a kind of value and reads it. If the value is wrong, `read` reports that and returns undefined. */
export interface ValueSchema<T> {
  /** The values that it accepts, as a message names them. */
  readonly expected: string;
  read(value: Value, context: ReadContext): T | undefined;
}

/** The type of the values that a schema reads. */
export type SchemaValue<S> = S extends ValueSchema<infer T> ? T : never;

/** A schema that accepts words. */
export interface WordSchema {
  readonly words: readonly string[];
}

/** Reports a value of the wrong kind. A misspelt param is reported as an unknown name instead. */
export function reportWrongKind(
  schema: ValueSchema<unknown> & Partial<WordSchema>,
  value: Value,
  context: ReadContext,
  extras?: Extras,
): undefined {
  // If the schema accepts no words, a bare word is most likely a misspelt param.
  if (value.type === 'symbol' && !value.args && !schema.words) {
    const near = didYouMean(value.name, value.scope.names());
    if (near !== undefined)
      return reportUnknownName(value.name, value.nameSpan, value.scope, context.reporter);
  }
  return context.reporter.report(
    'wrong-kind',
    value.span,
    { what: `\`${context.what}\``, expected: schema.expected, found: valueText(value) },
    extras,
  );
}

export const boolean: ValueSchema<boolean> = {
  expected: '`true` or `false`',
  read: (value, context) =>
    value.type === 'boolean' ? value.value : reportWrongKind(boolean, value, context),
};

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

/** The first schema for values that `isFirst` accepts, the second schema for all others. */
export function either<A, B>(
  first: ValueSchema<A>,
  isFirst: (value: Value) => boolean,
  second: ValueSchema<B>,
): ValueSchema<A | B> {
  return {
    expected: `${first.expected}, or ${second.expected}`,
    read: (value, context) => (isFirst(value) ? first.read(value, context) : second.read(value, context)),
  };
}
