import type { StoredData } from '../formats/element.js';

/** Stored numbers. */
export type StoredNumbers = Exclude<StoredData, BigInt64Array | BigUint64Array>;

/** Unsigned codes that stand for numbers: `slope * code + intercept`. */
export interface CodedValues {
  readonly codes: Uint8Array | Uint16Array;
  readonly slope: number;
  readonly intercept: number;
  /** Whether NOT_FINITE stands for NaN and infinite numbers. */
  readonly hasGaps: boolean;
  /** Whether the codes keep the numbers as they are; otherwise they are rounded to a step of `slope`. */
  readonly exact: boolean;
}

/** The code of NaN and infinite numbers. */
export const NOT_FINITE = 65535;
const MOST = 65535;

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  readonly hasGaps: boolean;
}

function rangeOf(values: StoredNumbers): Range {
  let [least, most, whole, hasGaps] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true, false];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number; // within the length
    if (!Number.isFinite(value)) {
      hasGaps = true;
      continue;
    }
    if (value < least) least = value;
    if (value > most) most = value;
    if (whole && !Number.isInteger(value)) whole = false;
  }
  return least > most ? { least: 0, most: 0, whole: true, hasGaps } : { least, most, whole, hasGaps };
}

/**
 * StoredNumbers as codes of 8 or 16 bits. Whole numbers whose range fits keep their values; others are rounded to the nearest
 * of 65,535 steps between the least and the largest.
 *
 * @param scale what a stored number means; the codes stand for the values after it
 */
export function codeValues(
  values: StoredNumbers,
  scale: { readonly slope: number; readonly intercept: number } = { slope: 1, intercept: 0 },
): CodedValues {
  const { least, most, whole, hasGaps } = rangeOf(values);
  const largest = hasGaps ? MOST - 1 : MOST;
  const exact = whole && most - least <= largest;
  // Codes are the stored numbers themselves where they can be.
  const start = exact && least >= 0 && most <= largest ? 0 : least;
  const step = exact || most === least ? 1 : (most - least) / largest;
  const isSmall = exact && !hasGaps && most - start <= 255;
  const codes = isSmall ? new Uint8Array(values.length) : new Uint16Array(values.length);
  if (step === 1 && start === 0 && !hasGaps) codes.set(values);
  else {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number; // within the length
      codes[i] = Number.isFinite(value) ? Math.round((value - start) / step) : NOT_FINITE;
    }
  }
  return {
    ...{ codes, hasGaps, exact: exact || most === least },
    slope: step * scale.slope,
    intercept: start * scale.slope + scale.intercept,
  };
}

/** The number of a code; NaN for one that has none. */
export function valueOfCode({ slope, intercept, hasGaps }: Omit<CodedValues, 'codes'>, code: number): number {
  return hasGaps && code === NOT_FINITE ? Number.NaN : slope * code + intercept;
}

/** How often each code occurs, without NOT_FINITE. */
export function codeCounts({ codes, hasGaps }: Pick<CodedValues, 'codes' | 'hasGaps'>): Float64Array {
  const counts = new Float64Array(codes instanceof Uint8Array ? 256 : 65536);
  // `as number`: every index is inside its array.
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  if (hasGaps) counts[NOT_FINITE] = 0;
  return counts;
}

/** The codes at these parts, 0 .. 1, of all counted codes; 0 where none is counted. */
export function codesAt(counts: Float64Array, parts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return parts.map(() => 0);
  return parts.map((part) => {
    let sum = 0;
    for (let code = 0; code < counts.length; code++) {
      sum += counts[code] ?? 0;
      if (sum > 0 && sum >= part * total) return code;
    }
    return counts.length - 1;
  });
}

/** The gray level, 0 .. 255, of each code in a window from `low` to `high`; black for a code without a number. */
export function windowTable(
  { codes, hasGaps }: Pick<CodedValues, 'codes' | 'hasGaps'>,
  low: number,
  high: number,
): Uint8Array {
  const table = new Uint8Array(codes instanceof Uint8Array ? 256 : 65536);
  const range = Math.max(high - low, 1e-9);
  for (let code = 0; code < table.length; code++) {
    table[code] = Math.round(255 * Math.min(1, Math.max(0, (code - low) / range)));
  }
  if (hasGaps) table[NOT_FINITE] = 0;
  return table;
}
