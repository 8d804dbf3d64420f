import type { NiftiDamage, NiftiKind } from '../../diagnostics/codes/data-sets/files.js';
import { type Failure, failure } from '../../diagnostics/failure.js';

/**
 * The header of NIfTI-1: https://nifti.nimh.nih.gov/nifti-1 (nifti1.h). Its first axis changes fastest, so its axes x, y,
 * z are our W, H, D: the numbers of a file, in their order, are (..., D, H, W) in row-major order.
 */

export const HEADER_SIZE = 348;

/** The types of voxels that can be read, by their code in the header. */
const TYPES = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float32',
  64: 'float64',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
  1280: 'uint64',
} as const;

export type VoxelType = (typeof TYPES)[keyof typeof TYPES];

export const VOXEL_BYTES: Readonly<Record<VoxelType, number>> = {
  uint8: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

const UNITS = { 1: 'm', 2: 'mm', 3: 'um' } as const;
export type SpacingUnit = (typeof UNITS)[keyof typeof UNITS];

export interface NiftiHeader {
  /** (...spatial) or (C, ...spatial): the file's sizes in reverse, without axes of size 1 in front. */
  readonly shape: readonly number[];
  /** How many of the last axes are spatial: 3, or 2 for a single slice. */
  readonly spatialRank: 2 | 3;
  /** The distance between voxels on each spatial axis, in the order of `shape`. */
  readonly spacing: readonly number[];
  /** Undefined if the file does not give it. */
  readonly unit: SpacingUnit | undefined;
  /**
   * The direction of each spatial axis in the world, in the order of `shape`: unit vectors (x, y, z). Empty if the file
   * does not give it.
   */
  readonly directions: readonly (readonly number[])[];
  readonly type: VoxelType;
  readonly littleEndian: boolean;
  /** Where the voxels begin. */
  readonly offset: number;
  /** What a stored number means: slope * number + intercept. */
  readonly slope: number;
  readonly intercept: number;
}

function typeOf(code: number): VoxelType | undefined {
  return Object.entries(TYPES).find(([key]) => Number(key) === code)?.[1];
}

function unitOf(code: number): SpacingUnit | undefined {
  return Object.entries(UNITS).find(([key]) => Number(key) === (code & 7))?.[1];
}

/** The rows of the affine in the header without its last column: from sform, else from the quaternion. */
function affineRows(view: DataView, little: boolean): number[][] {
  const at = (offset: number) => view.getFloat32(offset, little);
  if (view.getInt16(254, little) > 0) {
    return [280, 296, 312].map((row) => [at(row), at(row + 4), at(row + 8)]);
  }
  if (view.getInt16(252, little) <= 0) return [];
  const [b, c, d] = [at(256), at(260), at(264)];
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  // A negative pixdim[0] mirrors the third axis.
  const mirror = at(76) < 0 ? -1 : 1;
  return [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c) * mirror],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b) * mirror],
    [2 * (b * d - a * c), 2 * (c * d + a * b), (a * a + d * d - b * b - c * c) * mirror],
  ];
}

/** Unit vectors of the spatial axes in our order: the columns of the affine, last first. */
function directionsOf(view: DataView, little: boolean, spatialRank: number): number[][] {
  const rows = affineRows(view, little);
  if (rows.length === 0) return [];
  return Array.from({ length: spatialRank }, (_, i) => {
    const column = rows.map((row) => row[spatialRank - 1 - i] ?? 0);
    const length = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0));
    return length > 0 ? column.map((value) => value / length) : column;
  });
}

/** Decodes the first 348 bytes of a file. */
export function decodeHeader(bytes: Uint8Array, path: string): NiftiHeader | Failure {
  const damaged = (damage: NiftiDamage) => failure('nifti-damaged', { path, damage });
  const unsupported = (kind: NiftiKind) => failure('nifti-unsupported', { path, kind });
  if (bytes.length < HEADER_SIZE) return damaged({ case: 'header-cut-off' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
  const little = view.getInt32(0, true) === HEADER_SIZE;
  if (!little && view.getInt32(0, false) !== HEADER_SIZE) {
    const isSecond = [true, false].some((end) => view.getInt32(0, end) === 540);
    return unsupported({ case: isSecond ? 'nifti-2' : 'other-format' });
  }
  const magic = String.fromCharCode(...bytes.subarray(344, 347));
  if (magic !== 'n+1') {
    return unsupported({ case: magic === 'ni1' ? 'separate-voxels' : 'other-format' });
  }
  const rank = view.getInt16(40, little);
  if (rank < 1 || rank > 7) return damaged({ case: 'header' });
  const dims = Array.from({ length: 7 }, (_, i) => (i < rank ? view.getInt16(42 + 2 * i, little) : 1));
  if (dims.some((size) => size < 1)) return damaged({ case: 'header' });
  const code = view.getInt16(70, little);
  const type = typeOf(code);
  if (type === undefined) return unsupported({ case: 'voxel-type', type: code });
  const spatialRank = (dims[2] ?? 1) > 1 ? 3 : 2;
  const spatial = dims.slice(0, spatialRank).toReversed();
  const channels = dims.slice(3).filter((size) => size > 1);
  if (channels.length > 1) return unsupported({ case: 'axes', shape: dims.slice(0, rank) });
  const offset = view.getFloat32(108, little);
  if (!(offset >= HEADER_SIZE && Number.isInteger(offset))) return damaged({ case: 'header' });
  const [slope, intercept] = [view.getFloat32(112, little), view.getFloat32(116, little)];
  // A slope of 0 means that the stored numbers are the values.
  const scaled = slope !== 0 && Number.isFinite(slope) && Number.isFinite(intercept);
  return {
    shape: [...channels, ...spatial],
    spatialRank,
    spacing: spatial.map((_, i) => Math.abs(view.getFloat32(76 + 4 * (spatialRank - i), little)) || 1),
    unit: unitOf(view.getUint8(123)),
    directions: directionsOf(view, little, spatialRank),
    type,
    littleEndian: little,
    offset,
    slope: scaled ? slope : 1,
    intercept: scaled ? intercept : 0,
  };
}

export interface NewNifti {
  /** (D, H, W) or (H, W). */
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly unit: SpacingUnit;
  readonly type: VoxelType;
  readonly slope?: number;
  readonly description?: string;
}

/** A little-endian header and the four bytes after it that mean "no extension": the voxels begin at 352. */
export function encodeHeader(volume: NewNifti): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + 4);
  const view = new DataView(bytes.buffer);
  const sizes = volume.shape.toReversed();
  const spacing = volume.spacing.toReversed();
  const numberOf = (table: Readonly<Record<string, string>>, word: string) =>
    Number(Object.entries(table).find(([, value]) => value === word)?.[0]);
  view.setInt32(0, HEADER_SIZE, true);
  view.setInt16(40, sizes.length, true);
  for (let i = 0; i < 7; i++) view.setInt16(42 + 2 * i, sizes[i] ?? 1, true);
  view.setInt16(70, numberOf(TYPES, volume.type), true);
  view.setInt16(72, 8 * VOXEL_BYTES[volume.type], true);
  for (let i = 0; i < 8; i++) view.setFloat32(76 + 4 * i, i === 0 ? 1 : (spacing[i - 1] ?? 1), true);
  view.setFloat32(108, HEADER_SIZE + 4, true);
  view.setFloat32(112, volume.slope ?? 1, true);
  view.setUint8(123, numberOf(UNITS, volume.unit));
  const text = new TextEncoder().encode(volume.description ?? '').subarray(0, 79);
  bytes.set(text, 148);
  // Both transforms: axes along the world's, voxel 0 in its origin.
  view.setInt16(252, 1, true);
  view.setInt16(254, 1, true);
  for (let i = 0; i < 3; i++) view.setFloat32(280 + 20 * i, spacing[i] ?? 1, true);
  bytes.set(new TextEncoder().encode('n+1'), 344);
  return bytes;
}

/**
 * The header of a file of labels with one byte per voxel, made from the header of the volume that they label: at the same
 * place in the world, but without the axis of channels, without a scale, and without extensions, so that the voxels begin
 * at 352.
 */
export function labelHeader(
  bytes: Uint8Array,
  { littleEndian: little, spatialRank }: NiftiHeader,
): Uint8Array {
  const result = new Uint8Array(HEADER_SIZE + 4);
  result.set(bytes.subarray(0, HEADER_SIZE));
  const view = new DataView(result.buffer);
  view.setInt16(40, spatialRank, little);
  for (let i = spatialRank; i < 7; i++) view.setInt16(42 + 2 * i, 1, little);
  // uint8, 8 bits.
  view.setInt16(70, 2, little);
  view.setInt16(72, 8, little);
  view.setFloat32(108, HEADER_SIZE + 4, little);
  // Slope, intercept, and the range of gray values to show.
  for (const [offset, value] of [
    [112, 1],
    [116, 0],
    [124, 0],
    [128, 0],
  ] as const) {
    view.setFloat32(offset, value, little);
  }
  return result;
}
