import type { WriteProblem } from '../../diagnostics/codes/formats.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { reordered } from '../axis-order.js';
import { encodeElements } from '../element.js';
import { type Axis, type AxisName, countOf, type StoredArray, sizesOf } from '../stored-array.js';

/** The bytes of a file, in order. */
export type Encoder = (path: string, array: StoredArray) => Iterable<Uint8Array> | Failure;

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

/** The little-endian bytes of the elements with their axes in `order`, slowest first. */
export function elementsIn({ header, data }: StoredArray, order: readonly AxisName[]): Uint8Array {
  const { axes, type } = header;
  const positions = order.flatMap((name) => {
    const at = axes.findIndex((axis) => axis.name === name);
    return at < 0 ? [] : [at];
  });
  return encodeElements(reordered(data, type, sizesOf(axes), positions), type);
}

/** Whether the data have as many elements as the axes. */
export function isWhole({ header, data }: StoredArray): boolean {
  return data.length === countOf(sizesOf(header.axes));
}
