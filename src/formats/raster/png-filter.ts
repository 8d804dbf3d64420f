/** The one of left, above and the pixel left of above that is nearest to left + above - that pixel. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

// `as number`: every index below lies inside of the rows, and a check would cost time at every byte.

function undoPaeth(
  result: Uint8Array,
  start: number,
  length: number,
  hasAbove: boolean,
  pixelBytes: number,
): void {
  // Without a row above, the nearest is always the left one; in the first pixel, always the one above.
  if (!hasAbove) {
    for (let i = start + pixelBytes; i < start + length; i++) {
      result[i] = (result[i] as number) + (result[i - pixelBytes] as number);
    }
    return;
  }
  for (let i = start; i < start + pixelBytes; i++) {
    result[i] = (result[i] as number) + (result[i - length] as number);
  }
  for (let i = start + pixelBytes; i < start + length; i++) {
    const above = i - length;
    const nearest = paeth(
      result[i - pixelBytes] as number,
      result[above] as number,
      result[above - pixelBytes] as number,
    );
    result[i] = (result[i] as number) + nearest;
  }
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
          result[i] = (result[i] as number) + (result[i - pixelBytes] as number);
        }
        break;
      case 2:
        if (row > 0)
          for (let i = start; i < start + length; i++)
            result[i] = (result[i] as number) + (result[i - length] as number);
        break;
      case 3:
        for (let i = 0; i < length; i++) {
          const left = i < pixelBytes ? 0 : (result[start + i - pixelBytes] as number);
          const up = row === 0 ? 0 : (result[above + i] as number);
          result[start + i] = (result[start + i] as number) + ((left + up) >> 1);
        }
        break;
      case 4:
        undoPaeth(result, start, length, row > 0, pixelBytes);
        break;
      default:
        return undefined;
    }
  }
  return result;
}
