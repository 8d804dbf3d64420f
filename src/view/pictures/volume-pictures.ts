import type { ClassTable, StackSize, ViewedImage, ViewedMask } from '../viewed-image.js';
import { overlayPicture, type PictureOptions, type PngPicture } from './overlay-picture.js';
import { planeName, type StackAxis } from './plane-of-stack.js';

/** A picture of a plane of a volume. */
export interface PlanePicture extends PngPicture {
  readonly axis: StackAxis;
  /** "axial", or "slice" where the file does not tell how the body lies. */
  readonly plane: string;
}

/**
 * The slice, row and column with most to see: where the first two masks differ at most positions. Without a difference,
 * or with one mask, where most are labelled; otherwise the middle.
 */
export function fullestPlanes(size: StackSize, masks: readonly ViewedMask[]): StackSize {
  const [first, second] = masks;
  const middle: StackSize = [Math.floor(size[0] / 2), Math.floor(size[1] / 2), Math.floor(size[2] / 2)];
  if (first === undefined) return middle;
  const different = second && fullest(size, (i) => first.labels[i] !== second.labels[i]);
  return different ?? fullest(size, (i) => first.labels[i] !== 0 || (second?.labels[i] ?? 0) !== 0) ?? middle;
}

/** The indices along each axis at which most positions are marked; undefined if none is. */
function fullest(
  [slices, rows, columns]: StackSize,
  isMarked: (index: number) => boolean,
): StackSize | undefined {
  const counts = [slices, rows, columns].map((size) => new Float64Array(size));
  const [ofSlices, ofRows, ofColumns] = counts;
  if (ofSlices === undefined || ofRows === undefined || ofColumns === undefined) return undefined;
  let i = 0;
  for (let z = 0; z < slices; z++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++, i++) {
        if (!isMarked(i)) continue;
        ofSlices[z] = (ofSlices[z] ?? 0) + 1;
        ofRows[y] = (ofRows[y] ?? 0) + 1;
        ofColumns[x] = (ofColumns[x] ?? 0) + 1;
      }
    }
  }
  const most = (values: Float64Array) => values.indexOf(Math.max(...values));
  return Math.max(...ofSlices) === 0 ? undefined : [most(ofSlices), most(ofRows), most(ofColumns)];
}

/**
 * Three planes of a volume with masks over them: where the first two masks differ most, or else where most is labelled.
 * Bodies lie as niivue shows them: right at the right, and the head or, of an axial plane, the front at the top.
 */
export function volumePictures(
  content: { readonly image: ViewedImage; readonly masks: readonly ViewedMask[]; readonly table: ClassTable },
  options: Omit<PictureOptions, 'axis' | 'index'> = {},
): readonly PlanePicture[] {
  const { image, masks } = content;
  const [slice, row, column] = fullestPlanes(image.size, masks);
  const planes: readonly (readonly [StackAxis, number])[] = [
    ['slices', slice],
    ['rows', row],
    ['columns', column],
  ];
  return planes.map(([axis, index]) => ({
    ...overlayPicture(content, { ...options, axis, index }),
    ...{ axis, plane: planeName(image, axis) },
  }));
}
