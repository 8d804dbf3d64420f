/**
 * Decodes BMP's run lengths of 8 or 4 bits, which begin with the lowest row, to rows from the top. What the runs skip
 * is index 0. Undefined where they lead outside of the image or end before its end mark.
 */
export function decodeRunLengths(
  packed: Uint8Array,
  width: number,
  height: number,
  bits: number,
): Uint8Array | undefined {
  const data = new Uint8Array(width * height);
  const small = bits === 4;
  let [x, row, at] = [0, 0, 0];
  const put = (index: number): boolean => {
    if (x >= width || row >= height) return false;
    data[(height - 1 - row) * width + x++] = index;
    return true;
  };
  const nibble = (byte: number, i: number) => (small ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
  while (at + 1 < packed.length) {
    const [count, value] = [packed[at] ?? 0, packed[at + 1] ?? 0];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) if (!put(nibble(value, i))) return undefined;
    } else if (value === 0) {
      x = 0;
      row++;
    } else if (value === 1) {
      return data;
    } else if (value === 2) {
      x += packed[at] ?? 0;
      row += packed[at + 1] ?? 0;
      at += 2;
    } else {
      const bytes = small ? Math.ceil(value / 2) : value;
      if (at + bytes > packed.length) return undefined;
      for (let i = 0; i < value; i++) {
        if (!put(nibble(packed[at + (small ? i >> 1 : i)] ?? 0, i))) return undefined;
      }
      // Runs of single indices are padded to words.
      at += bytes + (bytes % 2);
    }
  }
  return row >= height ? data : undefined;
}
