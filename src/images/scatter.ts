import { Failure } from '../diagnostics/failure.js';
import { elementBytes, newData, type StoredType } from '../formats/element.js';
import {
  type ArrayHeader,
  type Axis,
  type AxisName,
  countOf,
  isSpatial,
  type StoredArray,
  sizesOf,
} from '../formats/stored-array.js';
import type { Turn } from '../resample/orientation.js';
import { type ImageLayout, type LayoutOptions, layoutOf, startOf, turnedLayout } from './image-layout.js';

/** Numbers, one for each position of an image. */
export type Plane = Uint8Array | Uint16Array | Int32Array | Float32Array;

/**
 * One array of the results for each image of a file, (...spatial) each, on the grid of the file and in its place: slices
 * become the volume again, and pages become pages. The results lie as the image does after a `turn`. What the file's numbers mean (scale, colours, intent) does not apply.
 */
export function onGridOf(
  image: ArrayHeader,
  shown: ImageLayout,
  options: LayoutOptions,
  results: readonly Plane[],
  type: StoredType,
  turn?: Turn,
): StoredArray | Failure {
  const header = gridHeader(image, shown, type);
  const own = layoutOf(header, options);
  if (own instanceof Failure) return own;
  const layout = turn ? turnedLayout(own, turn) : own;
  const data = newData(type, countOf(sizesOf(header.axes)));
  // `newData` makes an array of one of these types for the types of results.
  for (const [index, plane] of results.entries()) scatter(plane, layout, index, data as Plane);
  return { header, data };
}

/** The header of an array on the grid of a file, which has images of the layout `shown`: see onGridOf. */
export function gridHeader(image: ArrayHeader, shown: ImageLayout, type: StoredType): ArrayHeader {
  const isTurned = image.notes.some(({ kind }) => kind === 'turned-when-shown');
  const { path, format, geometry } = image;
  return {
    ...{ path, format, axes: gridAxes(image, shown, isTurned), type, bits: elementBytes[type] * 8 },
    ...{ scale: undefined, colour: 'none' },
    ...(geometry && !isTurned ? { geometry } : {}),
    notes: [],
  };
}

const NAMES: readonly AxisName[] = ['z', 'y', 'x'];

/** The axes of positions: without channels, and without an axis of time that counts as channels. */
function gridAxes(
  { axes }: ArrayHeader,
  { along, axes: own, spatial, images }: ImageLayout,
  isTurned: boolean,
): readonly Axis[] {
  const shown = spatial.map((size, i): Axis => ({ name: NAMES.slice(-spatial.length)[i] ?? 'x', size }));
  // The rows and columns of an image that is shown turned are as they are shown.
  if (isTurned) return [...(images > 1 ? [{ name: 'page', size: images } as const] : []), ...shown];
  if (axes.some(({ name }) => name === 'unnamed')) return shown;
  return axes
    .filter(({ name }) => isSpatial(name) || own.includes(name) || along.includes(name))
    .map((axis) => (own.includes(axis.name) && !isSpatial(axis.name) ? { ...axis, name: 'z' } : axis));
}

/** An array for a format without pages: they are its depth. */
export function pagesAsDepth<Held extends { readonly header: ArrayHeader }>(array: Held): Held {
  const { header } = array;
  const hasDepth = header.axes.some(({ name }) => name === 'z');
  const axes = header.axes.map((axis) =>
    axis.name === 'page' && !hasDepth ? { ...axis, name: 'z' as const } : axis,
  );
  return { ...array, header: { ...header, axes } };
}

/** Copies the numbers of one image to where the layout has them. */
function scatter(source: Plane, layout: ImageLayout, image: number, target: Plane): void {
  const { steps } = layout;
  let at = 0;
  const copy = (axis: number, to: number): void => {
    const { size = 1, stride = 0 } = steps[axis] ?? {};
    for (let i = 0; i < size; i++) {
      if (axis < steps.length - 1) copy(axis + 1, to + i * stride);
      // The layout's steps stay inside of the array, and `source` has a number for each.
      else target[to + i * stride] = source[at++] as number;
    }
  };
  copy(0, startOf(layout, image));
}
