import type { Rgb } from '../colours.js';

/** Red, green and blue of each label, one after the other. */
export function colourBytes(colours: readonly Rgb[]): Uint8Array {
  return Uint8Array.from(colours.flat());
}

/** The number of the entry of DIFFERENCES for each position of two masks with one table. */
export function differenceLabels(
  first: Uint8Array | Uint16Array | Uint32Array,
  second: Uint8Array | Uint16Array | Uint32Array,
): Uint8Array {
  const result = new Uint8Array(first.length);
  for (let i = 0; i < result.length; i++) {
    const [a, b] = [first[i], second[i]];
    if (a === b) result[i] = a === 0 ? 0 : 1;
    else if (b === 0) result[i] = 2;
    else result[i] = a === 0 ? 3 : 4;
  }
  return result;
}
