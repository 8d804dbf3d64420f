import { reflect } from '../../runtime/inference/tile.js';
import { elementCount, stridesOf } from '../../runtime/tensor.js';
import { IGNORED } from '../labels/label-map.js';
import { marginsOf, type PatchSize } from '../patches/patch-size.js';
import { eachSource, type Geometry } from './geometry.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** What a patch is cut from; all but the image is (...spatial). */
export interface PatchSource {
  readonly spatial: readonly number[];
  /** (C, ...spatial). */
  readonly image: Float32Array;
  readonly classes: Uint16Array;
  /** The border weight of each position; undefined if there are none. */
  readonly border: Float32Array | undefined;
}

/** A patch: its image has the network's input size; the rest has the output size, and lies in the middle of the image. */
export interface Patch {
  /** (C, ...input). Mirrored where it extends over the borders of the image. */
  readonly image: Float32Array;
  /** (...output). IGNORED outside of the image, where nobody has labelled anything. */
  readonly classes: Uint16Array;
  /** (...output). */
  readonly border: Float32Array | undefined;
}

/**
 * For each axis of the patch and each position on it, the offset in the image: the sum over the axes is the index. Undefined
 * if the geometry does more than move, flip and exchange axes by whole positions.
 */
function offsetTables({ size, centre, matrix, displacement }: Geometry, spatial: readonly number[]) {
  if (displacement !== undefined) return undefined;
  const strides = stridesOf(spatial);
  const tables: { offsets: Int32Array; inside: Uint8Array }[] = [];
  const taken = new Set<number>();
  for (const [j, length] of size.entries()) {
    const entries = matrix.flatMap((row, k) => (row[j] === 0 ? [] : [{ k, factor: row[j] ?? 0 }]));
    const [one, another] = entries;
    if (one === undefined || another !== undefined || Math.abs(one.factor) !== 1 || taken.has(one.k))
      return undefined;
    taken.add(one.k);
    const first = (centre[one.k] ?? 0) - (one.factor * (length - 1)) / 2;
    if (!Number.isInteger(first)) return undefined;
    const [extent, stride] = [spatial[one.k] ?? 1, strides[one.k] ?? 1];
    const positions = Int32Array.from({ length }, (_, i) => first + one.factor * i);
    tables.push({
      offsets: positions.map((position) => reflect(position, extent) * stride),
      inside: Uint8Array.from(positions, (position) => (position >= 0 && position < extent ? 1 : 0)),
    });
  }
  return tables;
}

/** Calls `visit` with the index in the patch's part, the index in the image, and whether the position is inside of the image. */
function eachOffset(
  tables: NonNullable<ReturnType<typeof offsetTables>>,
  first: readonly number[],
  part: readonly number[],
  visit: (index: number, from: number, inside: boolean) => void,
): void {
  let index = 0;
  const walk = (axis: number, from: number, inside: boolean): void => {
    const { offsets = new Int32Array(), inside: within = new Uint8Array() } = tables[axis] ?? {};
    const [begin = 0, length = 0] = [first[axis], part[axis]];
    for (let i = begin; i < begin + length; i++) {
      // The part lies inside of the patch, whose size is the length of the table.
      const next = from + (offsets[i] as number);
      const also = inside && within[i] === 1;
      if (axis === part.length - 1) visit(index++, next, also);
      else walk(axis + 1, next, also);
    }
  };
  walk(0, 0, true);
}

/** Linear interpolation between the neighbours of a point; beyond its borders, the image is mirrored. */
class Interpolation {
  private readonly spatial: Int32Array;
  private readonly strides: Int32Array;
  private readonly near: Int32Array;
  private readonly far: Int32Array;
  private readonly parts: Float64Array;
  /** Of the neighbours: 4 in 2D, 8 in 3D. */
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

  /** Fills `offsets` and `weights` for a point. */
  moveTo(point: Float64Array): void {
    const { offsets, weights } = this;
    const [spatial, strides] = [this.spatial, this.strides];
    const [near, far, parts] = [this.near, this.far, this.parts];
    for (let axis = 0; axis < spatial.length; axis++) {
      // `axis` is below the rank, the length of all of these.
      const [size, stride] = [spatial[axis] as number, strides[axis] as number];
      const low = Math.floor(point[axis] as number);
      parts[axis] = (point[axis] as number) - low;
      const inside = low >= 0 && low + 1 < size;
      near[axis] = (inside ? low : reflect(low, size)) * stride;
      far[axis] = (inside ? low + 1 : reflect(low + 1, size)) * stride;
    }
    for (let corner = 0; corner < weights.length; corner++) {
      let [offset, weight] = [0, 1];
      for (let axis = 0; axis < parts.length; axis++) {
        const isFar = (corner >> axis) & 1;
        // `axis` is below the rank.
        offset += (isFar ? far[axis] : near[axis]) as number;
        weight *= isFar ? (parts[axis] as number) : 1 - (parts[axis] as number);
      }
      offsets[corner] = offset;
      weights[corner] = weight;
    }
  }

  /** The value at the point, of numbers that begin at `base`. */
  read(values: Float32Array, base: number): number {
    const { offsets, weights } = this;
    let sum = 0;
    for (let corner = 0; corner < weights.length; corner++) {
      // Offsets come from reflect(), so they are inside of the image.
      const weight = weights[corner] as number;
      if (weight !== 0) sum += weight * (values[base + (offsets[corner] as number)] as number);
    }
    return sum;
  }
}

/** The index of the position nearest to a point; -1 outside of the image. */
function nearest(point: Float64Array, spatial: readonly number[], strides: readonly number[]): number {
  let index = 0;
  for (let axis = 0; axis < spatial.length; axis++) {
    // `axis` is below the rank, the length of all of these.
    const position = Math.floor((point[axis] as number) + 0.5);
    if (position < 0 || position >= (spatial[axis] as number)) return -1;
    index += position * (strides[axis] as number);
  }
  return index;
}

/**
 * Cuts a patch. If the geometry only moves, flips and exchanges axes by whole positions, numbers are copied. Otherwise the
 * image and `border` are interpolated linearly, and each label is the label of the nearest position.
 */
export function cutPatch(source: PatchSource, geometry: Geometry, patch: PatchSize): Patch {
  const { spatial, image, classes, border } = source;
  const [inputCount, outputCount] = [elementCount(patch.input), elementCount(patch.output)];
  const positions = elementCount(spatial);
  const channels = image.length / positions;
  const [origin, margins] = [patch.input.map(() => 0), marginsOf(patch)];
  const cut = {
    image: new Float32Array(channels * inputCount),
    classes: new Uint16Array(outputCount).fill(IGNORED),
    border: border === undefined ? undefined : new Float32Array(outputCount),
  };
  const tables = offsetTables(geometry, spatial);
  if (tables !== undefined) {
    eachOffset(tables, origin, patch.input, (i, from) => {
      // `from` comes from reflect(), so it is inside of the image.
      for (let c = 0; c < channels; c++)
        cut.image[c * inputCount + i] = image[c * positions + from] as number;
    });
    eachOffset(tables, margins, patch.output, (i, from, inside) => {
      if (!inside) return;
      // `from` is inside of the image.
      cut.classes[i] = classes[from] as number;
      if (border !== undefined && cut.border !== undefined) cut.border[i] = border[from] as number;
    });
    return cut;
  }
  const interpolation = new Interpolation(spatial);
  const strides = stridesOf(spatial);
  eachSource(geometry, origin, patch.input, (i, point) => {
    interpolation.moveTo(point);
    for (let c = 0; c < channels; c++)
      cut.image[c * inputCount + i] = interpolation.read(image, c * positions);
  });
  eachSource(geometry, margins, patch.output, (i, point) => {
    const from = nearest(point, spatial, strides);
    if (from < 0) return;
    // nearest() gives an index inside of the image.
    cut.classes[i] = classes[from] as number;
    if (border === undefined || cut.border === undefined) return;
    interpolation.moveTo(point);
    cut.border[i] = interpolation.read(border, 0);
  });
  return cut;
}
