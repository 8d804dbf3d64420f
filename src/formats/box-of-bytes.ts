import { Failure, failure } from '../diagnostics/failure.js';
import { commonOrder, cutRegion, reordered } from './axis-order.js';
import { decodeElements, elementBytes, newData, type StoredData, type StoredType } from './element.js';
import type { InflateProblem } from './inflate.js';
import type { Region } from './open-array.js';
import { type ArrayHeader, type Axis, countOf, sizesOf } from './stored-array.js';

/** Elements that follow each other as bytes, row-major. */
export interface ByteArray {
  readonly header: Pick<ArrayHeader, 'path' | 'format'>;
  /** In the order of the file, slowest first. */
  readonly axes: readonly Axis[];
  readonly type: StoredType;
  readonly littleEndian: boolean;
  /** `length` bytes from `offset` on, counted from the first element; fewer where the file ends. */
  readonly bytes: (offset: number, length: number) => Promise<Uint8Array | InflateProblem | Failure>;
}

/** So many bytes are read at once, if a box is of more, or of parts of lines. */
const PIECE_BYTES = 2 ** 23;

/** Reads boxes of such elements: a function of a box, [from, to) for each axis in the common order. */
export function boxReader({
  header: { path, format },
  axes,
  type,
  littleEndian,
  bytes,
}: ByteArray): (region: Region) => Promise<StoredData | Failure> {
  const order = commonOrder(axes);
  const sizes = sizesOf(axes);
  const size = elementBytes[type];
  return async (region) => {
    const box = axes.map((_, i): readonly [number, number] => region[order.indexOf(i)] ?? [0, 0]);
    const lengths = box.map(([from, to]) => to - from);
    const data = newData(type, countOf(lengths));
    // The last axes are read whole and then cut, as many as a piece holds.
    let inner = 1;
    let axis = sizes.length - 1;
    while (axis > 0 && inner * (sizes[axis] ?? 1) * size <= PIECE_BYTES) inner *= sizes[axis--] ?? 1;
    const [from, to] = box[axis] ?? [0, 1];
    const step = Math.max(1, Math.floor(PIECE_BYTES / (inner * size)));
    const outer = lengths.slice(0, Math.max(0, axis));
    const rest = { sizes: sizes.slice(axis + 1), box: box.slice(axis + 1) };
    let filled = 0;
    for (let index = 0; index < countOf(outer); index++) {
      const start = startOf(index, box, sizes, outer);
      for (let row = from; row < to; row += step) {
        const rows = Math.min(step, to - row);
        const first = (start * (sizes[axis] ?? 1) + row) * inner;
        const part = await bytes(first * size, rows * inner * size);
        if (part instanceof Failure) return part;
        if (!(part instanceof Uint8Array))
          return failure('elements-damaged', { path, format, reason: part.reason });
        if (part.length < rows * inner * size) {
          const found = first * size + part.length;
          return failure('elements-missing', { path, format, sizes, needed: countOf(sizes) * size, found });
        }
        const elements = decodeElements(part, type, rows * inner, littleEndian);
        const cut = cutRegion(elements, type, [rows, ...rest.sizes], [[0, rows], ...rest.box]);
        // `as never`: both have the array type of `type`.
        data.set(cut as never, filled);
        filled += cut.length;
      }
    }
    return reordered(data, type, lengths, order);
  };
}

/** The position on the axes of `outer`, in elements of these, that is the `index`-th of the box. */
function startOf(index: number, box: Region, sizes: readonly number[], outer: readonly number[]): number {
  let [rest, start, factor] = [index, 0, 1];
  for (let axis = outer.length - 1; axis >= 0; axis--) {
    const length = outer[axis] ?? 1;
    start += ((box[axis]?.[0] ?? 0) + (rest % length)) * factor;
    rest = Math.floor(rest / length);
    factor *= sizes[axis] ?? 1;
  }
  return start;
}
