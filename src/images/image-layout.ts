import { type Failure, failure } from '../diagnostics/failure.js';
import type { ArrayHeader, Axis, AxisName, FormatName } from '../formats/stored-array.js';
import { sizesOf } from '../formats/stored-array.js';
import { type Step, type Turn, turnedAxes, turnedSteps } from '../resample/orientation.js';
import { stridesOf } from '../runtime/tensor.js';

/** How the elements of a stored array form images. */
export interface ImageLayout {
  /** (...spatial) of one image. */
  readonly spatial: readonly number[];
  /** The names of these axes. */
  readonly axes: readonly AxisName[];
  /** Stored numbers per position. */
  readonly samples: number;
  /** How many images the array contains. */
  readonly images: number;
  /** The axes along which the images lie, slowest first; empty for one image. */
  readonly along: readonly AxisName[];
  /** Where each axis of an image lies in the array; its stride is negative where it runs backwards. */
  readonly steps: readonly Step[];
  readonly sampleStride: number;
  /** The first element of each image, by the axes of `along`. */
  readonly imageSteps: readonly Step[];
  /** The element of the first position. */
  readonly start: number;
}

export interface LayoutOptions {
  /** Spatial axes of an image: 2 or 3. */
  readonly rank: number;
  /** The axis of a volume along which its slices lie, for images with two axes: z when left out. */
  readonly sliceAxis?: SliceAxis;
}

export const sliceAxes = ['x', 'y', 'z'] as const;
export type SliceAxis = (typeof sliceAxes)[number];

/** Formats whose time axis holds what a network calls channels, as the sequences of a scan. */
const VOLUMES: readonly FormatName[] = ['NIfTI-1', 'NIfTI-2', 'MGH', 'NRRD', 'MetaImage', 'DICOM'];

export function isVolumeFormat(format: FormatName): boolean {
  return VOLUMES.includes(format);
}

/** How many spatial axes the images of a file have, by what the file says; undefined where it has no names for its axes. */
export function storedRank({ axes, format }: ArrayHeader): 2 | 3 | undefined {
  if (axes.some(({ name }) => name === 'unnamed')) return undefined;
  // The pages of a TIFF may be anything, also where a program calls them slices.
  if (!isVolumeFormat(format) && format !== 'HDF5' && format !== 'OME-Zarr') return 2;
  return (axes.find(({ name }) => name === 'z')?.size ?? 1) > 1 ? 3 : 2;
}

/** Finds the images in an array. Fails if its axes are not (C, ...spatial) in any order that its format names. */
export function layoutOf(header: ArrayHeader, options: LayoutOptions): ImageLayout | Failure {
  const named = header.axes.every(({ name }) => name !== 'unnamed');
  const found = named ? namedLayout(header, options) : unnamedLayout(header.axes, options);
  const shown = found && !found.spatial.includes(0) ? turned(found, header) : undefined;
  return (
    shown ??
    failure('unexpected-axes', {
      path: header.path,
      shape: sizesOf(header.axes),
      axes: header.axes.map(({ name }) => name),
      rank: options.rank,
      sliceAxis: options.rank === 2 ? options.sliceAxis : undefined,
    })
  );
}

interface NamedStep extends Step {
  readonly name: AxisName;
}

function layout(
  spatial: readonly NamedStep[],
  channel: Step | undefined,
  along: readonly NamedStep[],
): ImageLayout {
  const several = along.filter(({ size }) => size > 1);
  return {
    spatial: spatial.map(({ size }) => size),
    axes: spatial.map(({ name }) => name),
    samples: channel?.size ?? 1,
    images: several.reduce((product, { size }) => product * size, 1),
    along: several.map(({ name }) => name),
    steps: spatial,
    sampleStride: channel?.stride ?? 0,
    imageSteps: several,
    start: 0,
  };
}

function stepsOf(axes: readonly Axis[]): NamedStep[] {
  const strides = stridesOf(sizesOf(axes));
  return axes.map(({ name, size }, i) => ({ name, size, stride: strides[i] ?? 1 }));
}

function namedLayout(header: ArrayHeader, { rank, sliceAxis = 'z' }: LayoutOptions): ImageLayout | undefined {
  const axes = stepsOf(header.axes);
  const get = (name: AxisName) => axes.find((axis) => axis.name === name);
  const [x, y, z, page, time] = [get('x'), get('y'), get('z'), get('page'), get('time')];
  let channel: Step | undefined = get('channel');
  if (x === undefined || y === undefined) return undefined;
  const outer: NamedStep[] = [];
  if (time !== undefined) {
    if (!isVolumeFormat(header.format)) outer.push(time);
    else if (channel === undefined) channel = time;
    else if (time.size > 1) return undefined;
  }
  if (page !== undefined) outer.push(page);
  if (rank === 3) {
    // Pages without a name, or frames that a program calls time, are the depth.
    const depth = z ?? outer.pop();
    return depth && layout([depth, y, x], channel, outer);
  }
  if (rank !== 2) return undefined;
  if (z === undefined) return sliceAxis === 'z' ? layout([y, x], channel, outer) : undefined;
  const slices = { x, y, z }[sliceAxis];
  return layout(
    [z, y, x].filter((axis) => axis !== slices),
    channel,
    [...outer, slices],
  );
}

/** (...spatial), (C, ...spatial) or (1, C, ...spatial); slices along another axis than z need names. */
function unnamedLayout(
  axes: readonly Axis[],
  { rank, sliceAxis = 'z' }: LayoutOptions,
): ImageLayout | undefined {
  if (rank === 2 && sliceAxis !== 'z') return undefined;
  const steps = stepsOf(axes);
  const before = steps.slice(0, -rank);
  if (steps.length < rank || before.length > 2) return undefined;
  if (before.length === 2 && before[0]?.size !== 1) return undefined;
  return layout(steps.slice(-rank), before.at(-1), []);
}

/** What EXIF and TIFF call the orientation, by its number, as a turn of (y, x). */
const TURNS: Readonly<Record<number, Turn>> = {
  2: { order: [0, 1], reversed: [false, true] },
  3: { order: [0, 1], reversed: [true, true] },
  4: { order: [0, 1], reversed: [true, false] },
  5: { order: [1, 0], reversed: [false, false] },
  6: { order: [1, 0], reversed: [false, true] },
  7: { order: [1, 0], reversed: [true, true] },
  8: { order: [1, 0], reversed: [true, false] },
};

/**
 * The layout as the file asks viewers to show it: people draw masks on what they see. Undefined for slices across the
 * rows or columns, which no viewer turns.
 */
function turned(stored: ImageLayout, { notes }: ArrayHeader): ImageLayout | undefined {
  const note = notes.find(({ kind }) => kind === 'turned-when-shown');
  const turn = note?.kind === 'turned-when-shown' ? TURNS[note.orientation] : undefined;
  if (turn === undefined || stored.steps.length < 2) return stored;
  if (stored.axes.slice(-2).join() !== 'y,x') return undefined;
  const outer = stored.steps.slice(0, -2).map((_, i) => i);
  return turnedLayout(stored, {
    order: [...outer, ...turn.order.map((axis) => outer.length + axis)],
    reversed: [...outer.map(() => false), ...turn.reversed],
  });
}

/** The layout of the same images with their axes permuted and reversed. */
export function turnedLayout(layout: ImageLayout, turn: Turn): ImageLayout {
  const { steps, start } = turnedSteps(layout.steps, layout.start, turn);
  return {
    ...layout,
    steps,
    start,
    axes: turnedAxes(layout.axes, turn),
    spatial: steps.map(({ size }) => size),
  };
}

/** The element at which an image begins. */
export function startOf({ start, imageSteps }: ImageLayout, image: number): number {
  let rest = image;
  return imageSteps.reduceRight((sum, { size, stride }) => {
    const index = rest % size;
    rest = Math.floor(rest / size);
    return sum + index * stride;
  }, start);
}

/** The layout of the rows from <= row < to of one image, along its first axis. */
export function rowsLayout(layout: ImageLayout, image: number, from: number, to: number): ImageLayout {
  const [first = { size: 1, stride: 0 }, ...rest] = layout.steps;
  return {
    ...layout,
    spatial: [to - from, ...layout.spatial.slice(1)],
    steps: [{ ...first, size: to - from }, ...rest],
    start: startOf(layout, image) + from * first.stride,
    images: 1,
    along: [],
    imageSteps: [],
  };
}

/** Whether a file is a volume of several slices, whose axes have names. */
export function hasSlices({ axes }: ArrayHeader): boolean {
  return axes.some(({ name, size }) => name === 'z' && size > 1);
}
