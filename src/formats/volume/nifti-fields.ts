import type { StoredType } from '../element.js';
import { affineOf, type LengthUnit, type WorldAffine } from '../geometry.js';

/** NIfTI-1 (nifti1.h) and NIfTI-2 (nifti2.h): the same fields in other places and sizes. */
export interface NiftiVersion {
  readonly name: 'NIfTI-1' | 'NIfTI-2';
  readonly headerSize: number;
  /** Where the voxels begin at the earliest: after the header and four bytes for extensions. */
  readonly dataStart: number;
  readonly at: Readonly<
    Record<
      | 'magic'
      | 'datatype'
      | 'bitpix'
      | 'dim'
      | 'pixdim'
      | 'voxOffset'
      | 'slope'
      | 'calMax'
      | 'qformCode'
      | 'sformCode'
      | 'quatern'
      | 'qoffset'
      | 'srow'
      | 'units'
      | 'intentCode'
      | 'intentName'
      | 'intentParameters'
      | 'description',
      number
    >
  >;
}

export const NIFTI_1: NiftiVersion = {
  name: 'NIfTI-1',
  headerSize: 348,
  dataStart: 352,
  at: {
    magic: 344,
    datatype: 70,
    bitpix: 72,
    dim: 40,
    pixdim: 76,
    voxOffset: 108,
    slope: 112,
    calMax: 124,
    qformCode: 252,
    sformCode: 254,
    quatern: 256,
    qoffset: 268,
    srow: 280,
    units: 123,
    intentCode: 68,
    intentName: 328,
    intentParameters: 56,
    description: 148,
  },
};

export const NIFTI_2: NiftiVersion = {
  name: 'NIfTI-2',
  headerSize: 540,
  dataStart: 544,
  at: {
    magic: 4,
    datatype: 12,
    bitpix: 14,
    dim: 16,
    pixdim: 104,
    voxOffset: 168,
    slope: 176,
    calMax: 192,
    qformCode: 344,
    sformCode: 348,
    quatern: 352,
    qoffset: 376,
    srow: 400,
    units: 500,
    intentCode: 504,
    intentName: 508,
    intentParameters: 80,
    description: 240,
  },
};

interface VoxelType {
  readonly type: StoredType;
  /** Numbers in a voxel: 3 and 4 for colours. */
  readonly samples: 1 | 3 | 4;
}

const plain = (type: StoredType): VoxelType => ({ type, samples: 1 });

/** The types of a voxel that are read, by their code in the header. */
export const VOXEL_TYPES: Readonly<Record<number, VoxelType>> = {
  2: plain('uint8'),
  4: plain('int16'),
  8: plain('int32'),
  16: plain('float32'),
  64: plain('float64'),
  128: { type: 'uint8', samples: 3 },
  256: plain('int8'),
  512: plain('uint16'),
  768: plain('uint32'),
  1024: plain('int64'),
  1280: plain('uint64'),
  2304: { type: 'uint8', samples: 4 },
};

/** The types that the format has and that are not read. */
export const UNREAD_VOXEL_TYPES: Readonly<Record<number, string>> = {
  1: 'single bits',
  32: 'complex64',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
};

export const NIFTI_UNITS: Readonly<Record<number, LengthUnit>> = { 1: 'm', 2: 'mm', 3: 'um' };

/** The fields of a header as numbers, in its version and order of bytes. */
export class NiftiFields {
  readonly #view: DataView;
  readonly #wide: boolean;

  constructor(
    readonly bytes: Uint8Array,
    readonly version: NiftiVersion,
    readonly little: boolean,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, version.headerSize);
    this.#wide = version.name === 'NIfTI-2';
  }

  /** A number in floating point: the float32 of NIfTI-1, the float64 of NIfTI-2. */
  #float(at: number, index: number): number {
    const { little } = this;
    return this.#wide
      ? this.#view.getFloat64(at + 8 * index, little)
      : this.#view.getFloat32(at + 4 * index, little);
  }

  setFloat(field: keyof NiftiVersion['at'], index: number, value: number): void {
    const at = this.version.at[field];
    if (this.#wide) this.#view.setFloat64(at + 8 * index, value, this.little);
    else this.#view.setFloat32(at + 4 * index, value, this.little);
  }

  setVoxOffset(value: number): void {
    const at = this.version.at.voxOffset;
    if (this.#wide) this.#view.setBigInt64(at, BigInt(value), this.little);
    else this.#view.setFloat32(at, value, this.little);
  }

  setDim(index: number, value: number): void {
    const at = this.version.at.dim;
    if (this.#wide) this.#view.setBigInt64(at + 8 * index, BigInt(value), this.little);
    else this.#view.setInt16(at + 2 * index, value, this.little);
  }

  /** A field of 16 bits in NIfTI-1 and of 32 in NIfTI-2. */
  setCode(field: 'qformCode' | 'sformCode' | 'intentCode', value: number): void {
    const at = this.version.at[field];
    if (this.#wide) this.#view.setInt32(at, value, this.little);
    else this.#view.setInt16(at, value, this.little);
  }

  setType(code: number, bits: number): void {
    this.#view.setInt16(this.version.at.datatype, code, this.little);
    this.#view.setInt16(this.version.at.bitpix, bits, this.little);
  }

  setUnits(value: number): void {
    if (this.#wide) this.#view.setInt32(this.version.at.units, value, this.little);
    else this.#view.setUint8(this.version.at.units, value);
  }

  #code(field: 'qformCode' | 'sformCode' | 'intentCode'): number {
    const at = this.version.at[field];
    return this.#wide ? this.#view.getInt32(at, this.little) : this.#view.getInt16(at, this.little);
  }

  get datatype(): number {
    return this.#view.getInt16(this.version.at.datatype, this.little);
  }

  get qformCode(): number {
    return this.#code('qformCode');
  }

  get sformCode(): number {
    return this.#code('sformCode');
  }

  get intentCode(): number {
    return this.#code('intentCode');
  }

  get intentName(): string {
    const at = this.version.at.intentName;
    return Buffer.from(this.bytes.subarray(at, at + 16))
      .toString('latin1')
      .replace(/\0.*$/s, '');
  }

  /** The rank, then the size of each axis, x first. */
  dim(index: number): number {
    const at = this.version.at.dim;
    return this.#wide
      ? Number(this.#view.getBigInt64(at + 8 * index, this.little))
      : this.#view.getInt16(at + 2 * index, this.little);
  }

  pixdim(index: number): number {
    return this.#float(this.version.at.pixdim, index);
  }

  get voxOffset(): number {
    const at = this.version.at.voxOffset;
    return this.#wide
      ? Number(this.#view.getBigInt64(at, this.little))
      : this.#view.getFloat32(at, this.little);
  }

  get slope(): number {
    return this.#float(this.version.at.slope, 0);
  }

  get intercept(): number {
    return this.#float(this.version.at.slope, 1);
  }

  get units(): number {
    const at = this.version.at.units;
    return this.#wide ? this.#view.getInt32(at, this.little) : this.#view.getUint8(at);
  }

  get sform(): WorldAffine {
    const row = (i: number) => [0, 1, 2, 3].map((j) => this.#float(this.version.at.srow, 4 * i + j));
    return [row(0), row(1), row(2), [0, 0, 0, 1]];
  }

  /** The rotation of the quaternion with the spacings of pixdim, as nifti1.h describes method 2. */
  get qform(): WorldAffine {
    const [b, c, d] = [0, 1, 2].map((i) => this.#float(this.version.at.quatern, i)) as [
      number,
      number,
      number,
    ]; // three
    const rest = 1 - (b * b + c * c + d * d);
    // Rounding may leave a sum of squares slightly over 1; then it is the whole of a rotation by 180 degrees.
    const norm = rest < 0 ? Math.hypot(b, c, d) : 1;
    const [x, y, z, w] = [b / norm, c / norm, d / norm, Math.sqrt(Math.max(0, rest))];
    const mirror = this.pixdim(0) < 0 ? -1 : 1;
    const [dx, dy, dz] = [1, 2, 3].map((i) => Math.abs(this.pixdim(i))) as [number, number, number]; // three
    return affineOf(
      [
        [w * w + x * x - y * y - z * z, 2 * (x * y + w * z), 2 * (x * z - w * y)].map((value) => value * dx),
        [2 * (x * y - w * z), w * w + y * y - x * x - z * z, 2 * (y * z + w * x)].map((value) => value * dy),
        [2 * (x * z + w * y), 2 * (y * z - w * x), w * w + z * z - x * x - y * y].map(
          (value) => value * dz * mirror,
        ),
      ],
      [0, 1, 2].map((i) => this.#float(this.version.at.qoffset, i)),
    );
  }
}

const ascii = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** The fields of a header and whether the voxels are in the same file; undefined where it is no NIfTI header. */
export function niftiFields(bytes: Uint8Array): { fields: NiftiFields; single: boolean } | undefined {
  for (const version of [NIFTI_1, NIFTI_2]) {
    if (bytes.length < version.headerSize) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = ascii(bytes, version.at.magic, 3);
    const digit = version.name === 'NIfTI-1' ? '1' : '2';
    if (magic !== `n+${digit}` && magic !== `ni${digit}`) continue;
    for (const little of [true, false]) {
      if (view.getInt32(0, little) !== version.headerSize) continue;
      return { fields: new NiftiFields(bytes, version, little), single: magic[1] === '+' };
    }
  }
  return undefined;
}
