import { type Failure, failure } from '../../diagnostics/failure.js';

/** A length of a recipe: px, um or mm. */
export interface Length {
  readonly value: number;
  readonly unit: string;
}

/** What a length of a recipe sets: the `std` of blur in `augment`. */
export interface LengthUse {
  readonly attribute: 'augment' | 'weight_map';
  readonly setting: 'std' | 'sigma';
  readonly of: string;
}

/** Micrometres. */
const UNITS: Readonly<Record<string, number>> = { um: 1, mm: 1000 };

/**
 * A length in positions of each of `rank` axes, which are `spacing` micrometres apart. A length in pixels is the same number
 * on every axis. Fails for a length in another unit without a spacing.
 */
export function lengthInPositions(
  { value, unit }: Length,
  rank: number,
  spacing: readonly number[] | undefined,
  use: LengthUse,
): number[] | Failure {
  if (unit === 'px') return Array.from({ length: rank }, () => value);
  const micrometres = UNITS[unit];
  if (micrometres === undefined) throw new Error(`${unit} is not a unit of a recipe`);
  if (spacing === undefined) return failure('spacing-missing', { ...use, length: { value, unit } });
  return spacing.map((distance) => (value * micrometres) / distance);
}
