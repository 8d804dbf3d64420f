import type { Span } from '../../diagnostics/span.js';
import { type NumberValue, numberText } from '../expressions/values.js';
import { type ReadContext, reportWrongKind, type ValueSchema } from './value-schema.js';

/** More about a range than its two bounds. */
export interface RangeOptions {
  /** The bound that the range itself excludes; without it, the range includes both. */
  readonly open?: 'minimum' | 'maximum';
  /** The remedy for a number outside the range. */
  readonly help?: string;
}

/** A number between two bounds. */
export function real(minimum: number, maximum: number, options: RangeOptions = {}): ValueSchema<number> {
  const schema: ValueSchema<number> = {
    expected: `a number ${rangeText(minimum, maximum, options)}`,
    read(value, context) {
      if (value.type !== 'number' || value.unit) return reportWrongKind(schema, value, context);
      return inRange(value, minimum, maximum, context, options);
    },
  };
  return schema;
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
  const schema: ValueSchema<number> = {
    expected: `a whole number from ${numberText(minimum)} to ${numberText(maximum)}`,
    read(value, context) {
      if (value.type !== 'number' || value.unit || !Number.isInteger(value.value)) {
        return reportWrongKind(schema, value, context);
      }
      return inRange(value, minimum, maximum, context);
    },
  };
  return schema;
}

/** An even whole number between two bounds. */
export function evenInteger(minimum: number, maximum: number): ValueSchema<number> {
  const whole = integer(minimum, maximum);
  const schema: ValueSchema<number> = {
    expected: `an even ${whole.expected.replace(/^a /, '')}`,
    read(value, context) {
      if (value.type === 'number' && value.value % 2 !== 0) return reportWrongKind(schema, value, context);
      return whole.read(value, context);
    },
  };
  return schema;
}

/** The longest length in any unit; a longer one is a typing mistake. */
const LONGEST = 1e6;

/** A length above 0 with one of the units. */
export function quantity(
  units: readonly string[],
): ValueSchema<{ readonly value: number; readonly unit: string }> {
  const schema: ValueSchema<{ readonly value: number; readonly unit: string }> = {
    expected: `a number with a unit (${units.join(', ')})`,
    read(value, context) {
      if (value.type !== 'number' || !value.unit || !units.includes(value.unit)) {
        const bare = value.type === 'number' && !value.unit;
        const help = bare
          ? `write the unit directly after the number: \`${value.value}${units[0]}\``
          : undefined;
        return reportWrongKind(schema, value, context, { help });
      }
      const number = inRange(value, 0, LONGEST, context, { open: 'minimum' });
      return number === undefined ? undefined : { value: number, unit: value.unit };
    },
  };
  return schema;
}

/** A number for each of `rank` axes: a single number is repeated for all of them. */
export function repeated(numbers: readonly number[], rank: number): readonly number[] {
  const [first = 0] = numbers;
  return numbers.length === 1 ? Array.from({ length: rank }, () => first) : numbers;
}

/** A whole number for each axis, `3x3`, or a single number for all axes. */
export function perAxis(minimum: number, maximum: number): ValueSchema<readonly number[]> {
  const each = integer(minimum, maximum);
  const schema: ValueSchema<readonly number[]> = {
    expected: 'a whole number for each axis, such as `3x3`',
    read(value, context) {
      if (value.type === 'number') {
        const one = each.read(value, context);
        return one === undefined ? undefined : repeated([one], context.anyRank ? 1 : context.rank);
      }
      if (value.type !== 'dims') return reportWrongKind(schema, value, context);
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
  return schema;
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
