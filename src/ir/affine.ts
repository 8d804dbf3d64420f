/**
 * A spatial size as a function of the network's input size n along one axis: (p n + q) / d, in lowest terms, d > 0. It
 * is an integer for every n that the constraints of the ops before it allow.
 */
export interface Affine {
  readonly p: number;
  readonly q: number;
  readonly d: number;
}

/** The size of the input itself. */
export const INPUT_SIZE: Affine = { p: 1, q: 0, d: 1 };

/** One position for every size of the input, such as the result of a mean over all positions. */
export const ONE_POSITION: Affine = { p: 0, q: 1, d: 1 };

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** (p n + q) / d in lowest terms, or undefined if a coefficient is too large for an exact integer. */
export function affine(p: number, q: number, d: number): Affine | undefined {
  if (![p, q, d].every(Number.isSafeInteger)) return undefined;
  const g = gcd(gcd(p, q), d) || 1;
  return { p: p / g, q: q / g, d: d / g };
}

/** a + k for an integer k. */
export function shift(a: Affine, k: number): Affine | undefined {
  return affine(a.p, a.q + k * a.d, a.d);
}

/** (a + k) / s: exact if s divides a + k. */
export function shiftThenDivide(a: Affine, k: number, s: number): Affine | undefined {
  return affine(a.p, a.q + k * a.d, a.d * s);
}

/** a s + k. */
export function scaleThenShift(a: Affine, s: number, k: number): Affine | undefined {
  return affine(a.p * s, a.q * s + k * a.d, a.d);
}

/** Whether a value has one position along each axis for every size of the input. */
export function isOnePosition(spatial: readonly Affine[]): boolean {
  return spatial.every((size) => sameAffine(size, ONE_POSITION));
}

export function sameAffine(a: Affine, b: Affine): boolean {
  return a.p === b.p && a.q === b.q && a.d === b.d;
}

/** a - b as an exact fraction; undefined if it depends on n. */
export function constantDifference(
  a: Affine,
  b: Affine,
): { readonly numerator: number; readonly denominator: number } | undefined {
  if (a.p * b.d !== b.p * a.d) return undefined;
  const difference = affine(0, a.q * b.d - b.q * a.d, a.d * b.d);
  return difference && { numerator: difference.q, denominator: difference.d };
}

/** The size for one input size n; not an integer if n is not admissible. */
export function evaluateAffine(a: Affine, n: number): number {
  return (a.p * n + a.q) / a.d;
}

/** The formula as people write it, with `symbol` for the input size: `H/16 - 7`, `2*H + 3`, `12`. */
export function affineText(a: Affine, symbol: string): string {
  if (a.p === 0) return String(a.q / a.d);
  const factor = a.p === 1 ? symbol : `${a.p}*${symbol}`;
  const wholeShift = a.q % a.d === 0;
  const term = (size: number) => (size === 0 ? '' : size < 0 ? ` - ${-size}` : ` + ${size}`);
  if (a.d === 1) return factor + term(a.q);
  return wholeShift ? `${factor}/${a.d}${term(a.q / a.d)}` : `(${factor}${term(a.q)})/${a.d}`;
}
