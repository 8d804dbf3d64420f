/** The one of left, above and the pixel left of above that is nearest to left + above - that pixel. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

// `as number`: every index below lies inside of the rows, and a check would cost time at every byte.

/**
 * Undoes the filters of PNG's rows, each of which begins with the number of its filter (ISO/IEC 15948, 9). The result
 * is without these numbers; undefined where one of them is unknown.
 */
export function unfilter(
  filtered: Uint8Array,
  length: number,
  rows: number,
  pixelBytes: number,
): Uint8Array | undefined {
  const result = new Uint8Array(length * rows);
  // Rows of whole words are added four bytes at a time.
  const words = length % 4 === 0 ? new Uint32Array(result.buffer) : undefined;
  for (let row = 0; row < rows; row++) {
    const from = row * (length + 1) + 1;
    if (words && filtered[from - 1] === 2 && row > 0) {
      result.set(filtered.subarray(from, from + length), row * length);
      addAbove(words, (row * length) / 4, length / 4);
    } else if (!undoRow(result, row * length, filtered, from, length, pixelBytes)) return undefined;
  }
  return result;
}

/** Adds the row above, byte by byte, to the row of `count` words that begins at `start`. */
function addAbove(words: Uint32Array, start: number, count: number): void {
  for (let i = start; i < start + count; i++) {
    const a = words[i] as number; // within the length
    const b = words[i - count] as number; // as above
    // The lower seven bits of each byte cannot carry into the next one; the highest bit is added without a carry.
    words[i] = ((a & 0x7f7f7f7f) + (b & 0x7f7f7f7f)) ^ ((a ^ b) & 0x80808080);
  }
}

/** Undoes the filter of the row whose bytes begin at `from`, after its number; false where that is unknown. */
function undoRow(
  result: Uint8Array,
  start: number,
  filtered: Uint8Array,
  from: number,
  length: number,
  pixelBytes: number,
): boolean {
  const filter = filtered[from - 1] as number;
  const isFirst = start === 0;
  const [end, shift] = [start + length, from - start];
  // Above the first row there are zeros, and left of the first pixel as well.
  if (filter === 0 || (filter === 2 && isFirst)) {
    result.set(filtered.subarray(from, from + length), start);
    return true;
  }
  const inner = start + pixelBytes;
  switch (filter) {
    case 1:
      for (let i = start; i < inner; i++) result[i] = filtered[i + shift] as number;
      for (let i = inner; i < end; i++) {
        result[i] = (filtered[i + shift] as number) + (result[i - pixelBytes] as number);
      }
      return true;
    case 2:
      for (let i = start; i < end; i++) {
        result[i] = (filtered[i + shift] as number) + (result[i - length] as number);
      }
      return true;
    case 3:
      for (let i = start; i < end; i++) {
        const left = i < inner ? 0 : (result[i - pixelBytes] as number);
        const above = isFirst ? 0 : (result[i - length] as number);
        result[i] = (filtered[i + shift] as number) + ((left + above) >> 1);
      }
      return true;
    case 4:
      for (let i = start; i < end; i++) {
        const left = i < inner ? 0 : (result[i - pixelBytes] as number);
        const above = isFirst ? 0 : (result[i - length] as number);
        const corner = i < inner || isFirst ? 0 : (result[i - length - pixelBytes] as number);
        result[i] = (filtered[i + shift] as number) + paeth(left, above, corner);
      }
      return true;
    default:
      return false;
  }
}
