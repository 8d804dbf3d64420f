import { Failure } from '../diagnostics/failure.js';
import { cutRegion } from '../formats/axis-order.js';
import { elementBytes, newData, type StoredData, type StoredType } from '../formats/element.js';
import type { Region } from '../formats/open-array.js';
import { type ArrayHeader, countOf, sizesOf } from '../formats/stored-array.js';
import type { BoxReader } from '../formats/write/encoder.js';
import type { BoxedArray } from '../formats/write.js';
import type { Turn } from '../resample/orientation.js';
import { stridesOf } from '../runtime/tensor.js';
import { type ImageLayout, type LayoutOptions, layoutOf, turnedLayout } from './image-layout.js';
import { gridHeader } from './scatter.js';

/** Results for the images of a file, one number for each position, in the order in which a network sees them. */
export interface GatheredNumbers {
  readonly type: StoredType;
  /** Elements of all images, (images, ...spatial) after the turn, row-major: `count` from `first` on, which the caller keeps. */
  readonly read: (first: number, count: number) => StoredData;
}

/** The file whose images the results belong to, and how they lie in it. */
export interface GridOfImages {
  readonly header: ArrayHeader;
  readonly layout: ImageLayout;
  readonly options: LayoutOptions;
  /** From the file's axes to those of the results. */
  readonly turn?: Turn;
}

/** So many bytes of the grid are held where it has another order of axes than the results. */
const SLAB_BYTES = 2 ** 27;

/** So many elements of the results are read at once. */
const READ_ELEMENTS = 2 ** 21;

/**
 * Results as an array on the grid of their file and in its place, box by box: see onGridOf. Where the turn, or the way that
 * slices were cut, permutes axes, the results are read once for each slab of 128 MB.
 */
export function gridBoxes(grid: GridOfImages, numbers: GatheredNumbers): BoxedArray | Failure {
  const header = gridHeader(grid.header, grid.layout, numbers.type);
  const own = layoutOf(header, grid.options);
  if (own instanceof Failure) return own;
  const layout = grid.turn ? turnedLayout(own, grid.turn) : own;
  const fill: BoxReader = (region) => filledBox(header, layout, numbers, region);
  return { header, boxes: isInOrder(layout) ? fill : heldSlabs(header, fill) };
}

/** Whether a box of few rows of the grid lies in few rows of the results. */
function isInOrder({ imageSteps, steps }: ImageLayout): boolean {
  const strides = [...imageSteps, ...steps]
    .filter(({ size }) => size > 1)
    .map(({ stride }) => Math.abs(stride));
  return strides.every((stride, i) => i === 0 || stride < (strides[i - 1] ?? 0));
}

/** A box around `region` of about SLAB_BYTES: all of the last axes, and as much as fits of the axis before them. */
function slabAround(region: Region, sizes: readonly number[], most: number): Region {
  const slab = [...region];
  const lengths = region.map(([from, to]) => to - from);
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const [size, length, [from] = [0, 0]] = [sizes[axis] ?? 1, lengths[axis] ?? 1, region[axis]];
    const others = countOf(lengths) / length;
    if (others * size <= most) {
      slab[axis] = [0, size];
      lengths[axis] = size;
      continue;
    }
    const longer = Math.min(size - from, Math.max(length, Math.floor(most / others)));
    slab[axis] = [from, from + longer];
    break;
  }
  return slab;
}

/** Answers boxes from a large one that is filled at once. */
function heldSlabs({ axes, type }: ArrayHeader, fill: BoxReader): BoxReader {
  const sizes = sizesOf(axes);
  let slab: Region = [];
  let held: StoredData = newData(type, 0);
  return (region) => {
    const isInside =
      slab.length > 0 &&
      region.every(([from, to], i) => from >= (slab[i]?.[0] ?? 0) && to <= (slab[i]?.[1] ?? 0));
    if (!isInside) {
      // Two would be held while the next one is filled.
      held = newData(type, 0);
      slab = slabAround(region, sizes, SLAB_BYTES / elementBytes[type]);
      held = fill(slab);
    }
    return cutRegion(
      held,
      type,
      slab.map(([from, to]) => to - from),
      region.map(([from, to], i) => [from - (slab[i]?.[0] ?? 0), to - (slab[i]?.[0] ?? 0)] as const),
    );
  };
}

/** An axis of an image in a box: the positions that the box has of it, and how the box steps along them. */
interface BoxAxis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
  /** In elements of the box, from position `from` on. */
  readonly step: number;
}

/** Reads what a box needs of the results, and copies it to its places. */
function filledBox(
  { axes, type }: ArrayHeader,
  layout: ImageLayout,
  { read }: GatheredNumbers,
  region: Region,
): StoredData {
  const lengths = region.map(([from, to]) => to - from);
  const data = newData(type, countOf(lengths));
  const strides = stridesOf(lengths);
  const rangeOf = (name: string) => {
    const at = axes.findIndex((axis) => axis.name === name);
    return { range: region[at] ?? ([0, 1] as const), stride: strides[at] ?? 0 };
  };
  let start = 0;
  const own = layout.steps.map(({ size, stride }, i): BoxAxis => {
    const { range, stride: step } = rangeOf(layout.axes[i] ?? 'x');
    const [from, to] = range;
    if (stride >= 0) return { size, from, to, step };
    start += (to - from - 1) * step;
    return { size, from: size - to, to: size - from, step: -step };
  });
  for (const { image, at } of imagesIn(layout, rangeOf)) fillImage(own, image, start + at, read, data);
  return data;
}

/** The images of a file that a box has, and where each begins in it. */
function* imagesIn(
  { along, imageSteps }: ImageLayout,
  rangeOf: (name: string) => { readonly range: readonly [number, number]; readonly stride: number },
): Generator<{ readonly image: number; readonly at: number }> {
  const ranges = along.map((name, i) => ({ ...rangeOf(name), size: imageSteps[i]?.size ?? 1 }));
  const counts = ranges.map(({ range: [from, to] }) => to - from);
  for (let index = 0; index < countOf(counts); index++) {
    let [rest, image, at, factor] = [index, 0, 0, 1];
    for (const [i, { range, stride, size }] of [...ranges.entries()].reverse()) {
      const position = rest % (counts[i] ?? 1);
      rest = Math.floor(rest / (counts[i] ?? 1));
      image += (range[0] + position) * factor;
      factor *= size;
      at += position * stride;
    }
    yield { image, at };
  }
}

/** Copies the part of one image that a box has, row by row along its first axis. */
function fillImage(
  axes: readonly BoxAxis[],
  image: number,
  start: number,
  read: GatheredNumbers['read'],
  target: StoredData,
): void {
  const [rows, second, ...others] = axes;
  if (!rows || !second) return;
  const inner = others.reduce((product, { size }) => product * size, 1);
  const line = second.size * inner;
  // Rows whose lines all belong to the box follow each other; of others, the lines of one row are read at once.
  const isWhole = second.to - second.from === second.size;
  const together = isWhole ? Math.max(1, Math.floor(READ_ELEMENTS / line)) : 1;
  for (let row = rows.from; row < rows.to; row += together) {
    const count = Math.min(together, rows.to - row);
    const first = (image * rows.size + row) * line + second.from * inner;
    const numbers = read(first, isWhole ? count * line : (second.to - second.from) * inner);
    const held = { ...rows, from: 0, to: count };
    const at = start + (row - rows.from) * rows.step;
    copyBox(numbers, [held, { ...second, from: 0, to: second.to - second.from }, ...others], target, at);
  }
}

/** Copies from rows that follow each other, (rows, lines, ...others), to a box. */
function copyBox(numbers: StoredData, axes: readonly BoxAxis[], target: StoredData, start: number): void {
  const last = axes.length - 1;
  // The first two axes were cut when they were read.
  const lengths = axes.map(({ from, to, size }, i) => (i < 2 ? to - from : size));
  const strides = stridesOf(lengths);
  const copy = (axis: number, source: number, to: number): void => {
    const { from, to: end, step } = axes[axis] ?? { from: 0, to: 0, step: 0 };
    const stride = strides[axis] ?? 1;
    if (axis < last) {
      for (let i = from; i < end; i++) copy(axis + 1, source + i * stride, to + (i - from) * step);
    } else if (step === 1) {
      // `as never`: both have the array type of the results.
      target.set(numbers.subarray(source + from, source + end) as never, to);
    } else {
      // As above.
      for (let i = from; i < end; i++) target[to + (i - from) * step] = numbers[source + i] as never;
    }
  };
  copy(0, 0, start);
}
