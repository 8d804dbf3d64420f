import { elementBytes, newData, type StoredType } from '../../src/formats/element.js';
import {
  type ArrayHeader,
  type AxisName,
  countOf,
  type StoredArray,
  sizesOf,
} from '../../src/formats/stored-array.js';

export type Sizes = readonly (readonly [AxisName, number])[];

/** An array as a reader returns it; each element is its own index unless `values` are given. */
export function stored(
  format: ArrayHeader['format'],
  sizes: Sizes,
  extra: Partial<ArrayHeader> = {},
  values?: readonly (number | bigint)[],
): StoredArray {
  const type: StoredType = extra.type ?? 'float64';
  const header: ArrayHeader = {
    ...{ path: 'a', format, type, bits: 8 * elementBytes[type], scale: undefined, colour: 'none', notes: [] },
    axes: sizes.map(([name, size]) => ({ name, size })),
    ...extra,
  };
  const data = newData(type, countOf(sizesOf(header.axes)));
  for (let i = 0; i < data.length; i++) {
    const value = values ? (values[i] ?? 0) : i;
    data[i] = (typeof data[0] === 'bigint' ? BigInt(value) : Number(value)) as never; // the element type of `data`
  }
  return { header, data };
}

/** The index of the element at a position that is given by the names of the axes; an axis that is left out is at 0. */
export function elementAt(sizes: Sizes, at: Readonly<Partial<Record<AxisName, number>>>): number {
  let index = 0;
  for (const [name, size] of sizes) index = index * size + (at[name] ?? 0);
  return index;
}

/** All positions of a box, the last axis fastest. */
export function positions(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((one) => Array.from({ length: size }, (_, i) => [...one, i])),
    [[]],
  );
}
