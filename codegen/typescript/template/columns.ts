import type { ArgumentRule } from '../analyse/layer-arguments.js';
import { type CodeText, call, list, object, property } from './layout.js';
import { type LiteralValue, literal, sameValue, uniform } from './value.js';

/** The values of one hole in all instances of a template, in the shortest form that the layer takes. */
export interface HoleColumn {
  readonly entries: readonly LiteralValue[];
  /** Whether each entry is a number in place of a list of equal numbers. */
  readonly uniform: boolean;
}

/** The values of an argument, one entry per instance. */
export function columnOf(values: readonly LiteralValue[], rule: ArgumentRule): HoleColumn {
  if (rule.form !== 'axes' && rule.form !== 'ends') return { entries: values, uniform: false };
  const numbers = values.map(uniform).filter((number) => number !== undefined);
  if (numbers.length === values.length) return { entries: numbers, uniform: true };
  return { entries: values.map((value) => shortened(value, rule)), uniform: false };
}

export function isConstant({ entries }: HoleColumn): boolean {
  return entries.every((entry) => sameValue(entry, entries[0]));
}

/** The code of an argument with one value; undefined if it is the layer's default. */
export function valueCode(value: LiteralValue, rule: ArgumentRule): CodeText | undefined {
  const given = rule.form === 'axes' ? uniform(value) : value;
  if (rule.defaultValue !== undefined && sameValue(given, rule.defaultValue)) return undefined;
  const code = literalCode(shortened(value, rule));
  return rule.form === 'constant' ? constantInitializer(code) : code;
}

/** A literal that can be broken into lines. */
export function literalCode(value: LiteralValue): CodeText {
  return typeof value === 'object' ? list(value.map(literalCode)) : literal(value);
}

/** The code of an argument whose values are in a variable; `value` is one of them, in full. */
export function variableCode(
  variable: string,
  column: HoleColumn,
  rule: ArgumentRule,
  value: LiteralValue,
): CodeText {
  if (rule.form === 'constant') return constantInitializer(variable);
  if (!column.uniform || rule.short || typeof value !== 'object') return variable;
  return list(value.map(() => (rule.form === 'ends' ? list([variable, variable]) : variable)));
}

function constantInitializer(value: CodeText): CodeText {
  return call('tf.initializers.constant', [object([property('value', value)])]);
}

/** A list as one number, or its pairs as one number each, if the entries are equal and the layer takes it. */
function shortened(value: LiteralValue, rule: ArgumentRule): LiteralValue {
  const number = rule.short ? uniform(value) : undefined;
  if (number !== undefined) return number;
  if (!rule.short || rule.form !== 'ends' || typeof value !== 'object') return value;
  const pairs = value.map(uniform).filter((size) => size !== undefined);
  return pairs.length === value.length ? pairs : value;
}
