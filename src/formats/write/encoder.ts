import type { WriteProblem } from '../../diagnostics/codes/formats.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { reordered } from '../axis-order.js';
import { elementBytes, encodeElements, type StoredData } from '../element.js';
import type { Region } from '../open-array.js';
import { type ArrayHeader, type Axis, type AxisName, sizesOf } from '../stored-array.js';

/**
 * The elements of an array that is written: those of a box, row-major in the order of the header's axes. An encoder asks for
 * boxes in the order of its file, so that an array that is larger than memory can be written.
 */
export type BoxReader = (region: Region) => StoredData;

/** A file, in the order in which it is made. */
export interface EncodedFile {
  readonly chunks: Iterable<Uint8Array>;
  /** Once all chunks are made: what takes the place of the first ones, of the same length. */
  readonly start?: () => Uint8Array;
}

/** Files of a folder, with their paths inside of it. */
export interface EncodedFolder {
  readonly files: Iterable<{ readonly name: string; readonly chunks: Iterable<Uint8Array> }>;
  /** Files by which an older folder of the format is known. */
  readonly marks: readonly string[];
}

/** Writes arrays of one format. Nothing is read before the result is used. */
export type Encoder = (
  path: string,
  header: ArrayHeader,
  boxes: BoxReader,
) => EncodedFile | EncodedFolder | Failure;

/** So many bytes of elements are encoded at once. */
const PIECE_BYTES = 2 ** 22;

export function notWritable(path: string, format: string, problem: WriteProblem, found: string): Failure {
  return failure('array-not-writable', { path, format, problem, found });
}

export function axesText(axes: readonly Axis[]): string {
  return axes.map(({ name, size }) => `${name} ${size}`).join(' x ');
}

/** The size of an axis; 1 where the array does not have it. */
export function axisSize(axes: readonly Axis[], name: AxisName): number {
  return axes.find((axis) => axis.name === name)?.size ?? 1;
}

/** Whether the axes are some of `names`, each at most once, with x and y among them. */
export function hasOnly(axes: readonly Axis[], names: readonly AxisName[]): boolean {
  const found = axes.map(({ name }) => name);
  const distinct = new Set(found).size === found.length;
  return (
    distinct && found.includes('x') && found.includes('y') && found.every((name) => names.includes(name))
  );
}

/** The box of all positions whose axes are in `ranges`: from <= position < to. */
export function boxOf(
  axes: readonly Axis[],
  ranges: Readonly<Partial<Record<AxisName, readonly [number, number]>>>,
): Region {
  return axes.map(({ name, size }) => ranges[name] ?? [0, size]);
}

/** The little-endian bytes of a box with its axes in `order`, slowest first. */
export function bytesOfBox(
  { axes, type }: ArrayHeader,
  boxes: BoxReader,
  region: Region,
  order: readonly AxisName[],
): Uint8Array {
  const positions = order.flatMap((name) => {
    const at = axes.findIndex((axis) => axis.name === name);
    return at < 0 ? [] : [at];
  });
  const sizes = region.map(([from, to]) => to - from);
  return encodeElements(reordered(boxes(region), type, sizes, positions), type);
}

/** Boxes that follow each other in an array of `sizes`, of at most `most` elements each, row-major. */
export function* boxesInOrder(sizes: readonly number[], most: number): Generator<Region> {
  let inner = 1;
  let axis = sizes.length - 1;
  while (axis > 0 && inner * (sizes[axis] ?? 1) <= most) inner *= sizes[axis--] ?? 1;
  const size = sizes[axis] ?? 1;
  const step = Math.max(1, Math.floor(most / inner));
  const outer = sizes.slice(0, Math.max(0, axis));
  const count = outer.reduce((product, one) => product * one, 1);
  for (let index = 0; index < count; index++) {
    let rest = index;
    const before = outer
      .toReversed()
      .map((one): readonly [number, number] => {
        const at = rest % one;
        rest = Math.floor(rest / one);
        return [at, at + 1];
      })
      .reverse();
    for (let from = 0; from < size; from += step) {
      const after = sizes.slice(axis + 1).map((one) => [0, one] as const);
      yield sizes.length === 0 ? [] : [...before, [from, Math.min(size, from + step)], ...after];
    }
  }
}

/** All elements as little-endian bytes, with the axes in `order`, slowest first, piece by piece. */
export function* elementsIn(
  header: ArrayHeader,
  boxes: BoxReader,
  order: readonly AxisName[],
): Generator<Uint8Array> {
  const { axes, type } = header;
  const sorted = order.flatMap((name) => axes.filter((axis) => axis.name === name));
  for (const box of boxesInOrder(sizesOf(sorted), PIECE_BYTES / elementBytes[type])) {
    const ranges = Object.fromEntries(sorted.map(({ name }, i) => [name, box[i] ?? [0, 0]]));
    yield bytesOfBox(header, boxes, boxOf(axes, ranges), order);
  }
}
