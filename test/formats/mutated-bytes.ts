/** A small generator of numbers that a seed decides (mulberry32). */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Bytes that headers are sensitive to. */
const SPECIAL = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x0a, 0x20, 0x30, 0x39, 0x2d];

/** A file that was cut, or of which some bytes were changed, most of them near its start or end. */
export function mutated(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
  if (next(5) === 0) return bytes.slice(0, next(bytes.length));
  const result = Uint8Array.from(bytes);
  for (let count = 1 + next(next(3) === 0 ? 24 : 3); count > 0; count--) {
    const at = next(2) === 0 ? next(Math.min(600, bytes.length)) : next(bytes.length);
    result[at] = next(2) === 0 ? (SPECIAL[next(SPECIAL.length)] ?? 0) : next(256);
  }
  return result;
}
