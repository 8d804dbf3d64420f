import { reflect } from '../../runtime/inference/tile.js';
import { elementCount, stridesOf } from '../../runtime/tensor.js';
import { IGNORED } from '../labels/label-map.js';
import { marginsOf, type PatchSize } from '../patches/patch-size.js';
import { eachSource, type Geometry } from './geometry.js';

/** What a patch is cut from, (...spatial) except for the image. */
export interface PatchSource {
  readonly spatial: readonly number[];
  /** (C, ...spatial). */
  readonly image: Float32Array;
  readonly classes: Uint8Array;
  /** A number of each position beside the classes; undefined where there is none. */
  readonly border: Float32Array | undefined;
}

/** A patch: the image of the network's input size, the rest of its output size in the middle of it. */
export interface Patch {
  /** (C, ...input). Mirrored where it reaches over the image's borders. */
  readonly image: Float32Array;
  /** (...output). IGNORED outside of the image, where nobody has labelled anything. */
  readonly classes: Uint8Array;
  /** (...output). */
  readonly border: Float32Array | undefined;
}

/**
 * For each axis of the patch and each position on it, how far into the image it leads: their sum is the index. Undefined
 * where the geometry does more than to move, flip and exchange axes by whole positions.
 */
function wholeSteps({ size, centre, matrix, displacement }: Geometry, spatial: readonly number[]) {
  if (displacement !== undefined) return undefined;
  const strides = stridesOf(spatial);
  const tables: { offsets: Int32Array; inside: Uint8Array }[] = [];
  const taken = new Set<number>();
  for (const [j, length] of size.entries()) {
    const leads = matrix.flatMap((row, k) => (row[j] === 0 ? [] : [{ k, step: row[j] ?? 0 }]));
    const [one, another] = leads;
    if (one === undefined || another !== undefined || Math.abs(one.step) !== 1 || taken.has(one.k))
      return undefined;
    taken.add(one.k);
    const first = (centre[one.k] ?? 0) - (one.step * (length - 1)) / 2;
    if (!Number.isInteger(first)) return undefined;
    const [extent, stride] = [spatial[one.k] ?? 1, strides[one.k] ?? 1];
    const positions = Int32Array.from({ length }, (_, i) => first + one.step * i);
    tables.push({
      offsets: positions.map((position) => reflect(position, extent) * stride),
      inside: Uint8Array.from(positions, (position) => (position >= 0 && position < extent ? 1 : 0)),
    });
  }
  return tables;
}

/** Calls `visit` with the index in the patch's part and in the image, and whether it is inside of it. */
function eachStep(
  tables: NonNullable<ReturnType<typeof wholeSteps>>,
  first: readonly number[],
  part: readonly number[],
  visit: (index: number, from: number, inside: boolean) => void,
): void {
  let index = 0;
  const walk = (axis: number, from: number, inside: boolean): void => {
    const { offsets = new Int32Array(), inside: within = new Uint8Array() } = tables[axis] ?? {};
    const [begin = 0, length = 0] = [first[axis], part[axis]];
    for (let i = begin; i < begin + length; i++) {
      const next = from + (offsets[i] as number);
      const also = inside && within[i] === 1;
      if (axis === part.length - 1) visit(index++, next, also);
      else walk(axis + 1, next, also);
    }
  };
  walk(0, 0, true);
}

/** Linear interpolation between the neighbours of a place, beyond the borders of the mirrored image. */
class Interpolation {
  private readonly spatial: Int32Array;
  private readonly strides: Int32Array;
  private readonly near: Int32Array;
  private readonly far: Int32Array;
  private readonly parts: Float64Array;
  /** Of the corners of the cell of neighbours: 4 in 2D, 8 in 3D. */
  readonly offsets: Int32Array;
  readonly weights: Float64Array;

  constructor(spatial: readonly number[]) {
    const rank = spatial.length;
    this.spatial = Int32Array.from(spatial);
    this.strides = Int32Array.from(stridesOf(spatial));
    this.near = new Int32Array(rank);
    this.far = new Int32Array(rank);
    this.parts = new Float64Array(rank);
    this.offsets = new Int32Array(2 ** rank);
    this.weights = new Float64Array(2 ** rank);
  }

  /** Fills `offsets` and `weights`. Every index below is less than the rank, or than 2^rank. */
  moveTo(place: Float64Array): void {
    const { offsets, weights } = this;
    const [spatial, strides] = [this.spatial, this.strides];
    const [near, far, parts] = [this.near, this.far, this.parts];
    for (let axis = 0; axis < spatial.length; axis++) {
      const [size, stride] = [spatial[axis] as number, strides[axis] as number];
      const low = Math.floor(place[axis] as number);
      parts[axis] = (place[axis] as number) - low;
      const inside = low >= 0 && low + 1 < size;
      near[axis] = (inside ? low : reflect(low, size)) * stride;
      far[axis] = (inside ? low + 1 : reflect(low + 1, size)) * stride;
    }
    for (let corner = 0; corner < weights.length; corner++) {
      let [offset, weight] = [0, 1];
      for (let axis = 0; axis < parts.length; axis++) {
        const isFar = (corner >> axis) & 1;
        offset += (isFar ? far[axis] : near[axis]) as number;
        weight *= isFar ? (parts[axis] as number) : 1 - (parts[axis] as number);
      }
      offsets[corner] = offset;
      weights[corner] = weight;
    }
  }

  /** The value there, of numbers that begin at `base`. */
  read(values: Float32Array, base: number): number {
    const { offsets, weights } = this;
    let sum = 0;
    for (let corner = 0; corner < weights.length; corner++) {
      const weight = weights[corner] as number;
      if (weight !== 0) sum += weight * (values[base + (offsets[corner] as number)] as number);
    }
    return sum;
  }
}

/** The index of the position nearest to a place; -1 outside of the image. */
function nearest(place: Float64Array, spatial: readonly number[], strides: readonly number[]): number {
  let index = 0;
  for (let axis = 0; axis < spatial.length; axis++) {
    const position = Math.floor((place[axis] as number) + 0.5);
    if (position < 0 || position >= (spatial[axis] as number)) return -1;
    index += position * (strides[axis] as number);
  }
  return index;
}

/**
 * Cuts a patch. Where the geometry only moves, flips and exchanges axes by whole positions, numbers are copied. Else the
 * image, and `border`, are interpolated linearly, and each label is that of the nearest position.
 */
export function cutPatch(source: PatchSource, geometry: Geometry, patch: PatchSize): Patch {
  const { spatial, image, classes, border } = source;
  const [inputCount, outputCount] = [elementCount(patch.input), elementCount(patch.output)];
  const positions = elementCount(spatial);
  const channels = image.length / positions;
  const [origin, margins] = [patch.input.map(() => 0), marginsOf(patch)];
  const cut = {
    image: new Float32Array(channels * inputCount),
    classes: new Uint8Array(outputCount).fill(IGNORED),
    border: border === undefined ? undefined : new Float32Array(outputCount),
  };
  // All indexes come from reflect() or were found inside of the image.
  const steps = wholeSteps(geometry, spatial);
  if (steps !== undefined) {
    eachStep(steps, origin, patch.input, (i, from) => {
      for (let c = 0; c < channels; c++)
        cut.image[c * inputCount + i] = image[c * positions + from] as number;
    });
    eachStep(steps, margins, patch.output, (i, from, inside) => {
      if (!inside) return;
      cut.classes[i] = classes[from] as number;
      if (border !== undefined && cut.border !== undefined) cut.border[i] = border[from] as number;
    });
    return cut;
  }
  const interpolation = new Interpolation(spatial);
  const strides = stridesOf(spatial);
  eachSource(geometry, origin, patch.input, (i, place) => {
    interpolation.moveTo(place);
    for (let c = 0; c < channels; c++)
      cut.image[c * inputCount + i] = interpolation.read(image, c * positions);
  });
  eachSource(geometry, margins, patch.output, (i, place) => {
    const from = nearest(place, spatial, strides);
    if (from < 0) return;
    cut.classes[i] = classes[from] as number;
    if (border === undefined || cut.border === undefined) return;
    interpolation.moveTo(place);
    cut.border[i] = interpolation.read(border, 0);
  });
  return cut;
}
