import { Failure } from '../../diagnostics/failure.js';

/** A length as a recipe has it: px, um or mm. */
export interface Length {
  readonly value: number;
  readonly unit: string;
}

/** Micrometres. */
const UNITS: Readonly<Record<string, number>> = { um: 1, mm: 1000 };

/**
 * A length in positions of each of `rank` axes, which are `spacing` micrometres apart. Pixels are the same number on every
 * axis. Fails for a length in another unit without a spacing; `what` begins the message.
 */
export function lengthInPositions(
  { value, unit }: Length,
  rank: number,
  spacing: readonly number[] | undefined,
  what: string,
): number[] | Failure {
  if (unit === 'px') return Array.from({ length: rank }, () => value);
  const micrometres = UNITS[unit];
  if (micrometres === undefined) throw new Error(`${unit} is no unit of a recipe`);
  if (spacing === undefined) {
    return new Failure(
      `${what} is ${value}${unit}, but the network does not say how far apart positions are: give it a \`spacing\`, or the length in px`,
    );
  }
  return spacing.map((step) => (value * micrometres) / step);
}
