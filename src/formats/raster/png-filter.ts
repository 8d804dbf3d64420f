/** The one of left, above and the pixel left of above that is nearest to left + above - that pixel. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

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
  for (let row = 0; row < rows; row++) {
    const from = row * (length + 1);
    const start = row * length;
    const above = start - length;
    const filter = filtered[from] ?? 0;
    result.set(filtered.subarray(from + 1, from + 1 + length), start);
    switch (filter) {
      case 0:
        break;
      case 1:
        for (let i = start + pixelBytes; i < start + length; i++) {
          result[i] = (result[i] ?? 0) + (result[i - pixelBytes] ?? 0);
        }
        break;
      case 2:
        if (row > 0)
          for (let i = 0; i < length; i++)
            result[start + i] = (result[start + i] ?? 0) + (result[above + i] ?? 0);
        break;
      case 3:
        for (let i = 0; i < length; i++) {
          const left = i < pixelBytes ? 0 : (result[start + i - pixelBytes] ?? 0);
          const up = row === 0 ? 0 : (result[above + i] ?? 0);
          result[start + i] = (result[start + i] ?? 0) + ((left + up) >> 1);
        }
        break;
      case 4:
        for (let i = 0; i < length; i++) {
          const left = i < pixelBytes ? 0 : (result[start + i - pixelBytes] ?? 0);
          const up = row === 0 ? 0 : (result[above + i] ?? 0);
          const corner = i < pixelBytes || row === 0 ? 0 : (result[above + i - pixelBytes] ?? 0);
          result[start + i] = (result[start + i] ?? 0) + paeth(left, up, corner);
        }
        break;
      default:
        return undefined;
    }
  }
  return result;
}
