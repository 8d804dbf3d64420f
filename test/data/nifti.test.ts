import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeLabelsLike, encodeNiftiGz, readNifti, readNiftiHeader } from '../../src/data/files/nifti.js';
import type { NiftiDamage, NiftiKind } from '../../src/diagnostics/codes/data-sets/files.js';
import { freshFolder, ok, put } from './folder.js';

interface Field {
  readonly at: number;
  readonly type: 'i16' | 'i32' | 'f32' | 'u8';
  readonly value: number;
}

/** A file by the offsets of nifti1.h: 2 x 3 x 4 (x, y, z) of int16 unless `fields` say otherwise. */
function nifti(little: boolean, voxels: Uint8Array, fields: readonly Field[] = []): Uint8Array {
  const bytes = new Uint8Array(352 + voxels.length);
  const view = new DataView(bytes.buffer);
  const dims = [3, 2, 3, 4, 1, 1, 1, 1];
  const all: Field[] = [
    { at: 0, type: 'i32', value: 348 },
    ...dims.map((value, i): Field => ({ at: 40 + 2 * i, type: 'i16', value })),
    { at: 70, type: 'i16', value: 4 },
    { at: 72, type: 'i16', value: 16 },
    ...[1, 0.5, 0.75, 2].map((value, i): Field => ({ at: 76 + 4 * i, type: 'f32', value })),
    { at: 108, type: 'f32', value: 352 },
    { at: 123, type: 'u8', value: 2 },
    ...fields,
  ];
  for (const { at, type, value } of all) {
    if (type === 'i16') view.setInt16(at, value, little);
    if (type === 'i32') view.setInt32(at, value, little);
    if (type === 'f32') view.setFloat32(at, value, little);
    if (type === 'u8') view.setUint8(at, value);
  }
  bytes.set([0x6e, 0x2b, 0x31, 0], 344);
  bytes.set(voxels, 352);
  return bytes;
}

const COUNT = 24;

const setters = {
  2: [1, (v: DataView, at: number, x: number) => v.setUint8(at, x)],
  4: [2, (v: DataView, at: number, x: number, l: boolean) => v.setInt16(at, x, l)],
  8: [4, (v: DataView, at: number, x: number, l: boolean) => v.setInt32(at, x, l)],
  16: [4, (v: DataView, at: number, x: number, l: boolean) => v.setFloat32(at, x, l)],
  64: [8, (v: DataView, at: number, x: number, l: boolean) => v.setFloat64(at, x, l)],
  256: [1, (v: DataView, at: number, x: number) => v.setInt8(at, x)],
  512: [2, (v: DataView, at: number, x: number, l: boolean) => v.setUint16(at, x, l)],
  768: [4, (v: DataView, at: number, x: number, l: boolean) => v.setUint32(at, x, l)],
  1024: [8, (v: DataView, at: number, x: number, l: boolean) => v.setBigInt64(at, BigInt(x), l)],
  1280: [8, (v: DataView, at: number, x: number, l: boolean) => v.setBigUint64(at, BigInt(x), l)],
} as const;

/** The least and the largest value of each type, and some between. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  2: [0, 255],
  4: [-32768, 32767],
  8: [-8388608, 8388607],
  16: [-1.5, 2.25],
  64: [-1.5, 2.25],
  256: [-128, 127],
  512: [0, 65535],
  768: [0, 16777215],
  1024: [-16777215, 16777215],
  1280: [0, 16777215],
};

describe('readNifti', () => {
  for (const [code, [size, set]] of Object.entries(setters)) {
    for (const little of [true, false]) {
      for (const packed of [true, false]) {
        test(`type ${code}, ${little ? 'little' : 'big'}-endian${packed ? ', compressed' : ''}`, () => {
          const [low, high] = ranges[code] ?? [0, 0];
          const values = Array.from({ length: COUNT }, (_, i) => {
            const value = low + ((high - low) * i) / (COUNT - 1);
            return Number(code) === 16 || Number(code) === 64 ? Math.fround(value) : Math.round(value);
          });
          const voxels = new Uint8Array(COUNT * size);
          const view = new DataView(voxels.buffer);
          for (const [i, value] of values.entries()) set(view, i * size, value, little);
          const bytes = nifti(little, voxels, [{ at: 70, type: 'i16', value: Number(code) }]);
          const path = join(freshFolder(), packed ? 'a.nii.gz' : 'a.nii');
          put(path, packed ? gzipSync(bytes) : bytes);
          const { volume, header } = ok(readNifti(path));
          // x is fastest in the file and last here.
          expect(volume.shape).toEqual([4, 3, 2]);
          expect([...volume.data]).toEqual(values);
          expect(header.spacing).toEqual([2, 0.75, 0.5]);
          expect(header.unit).toBe('mm');
          expect(header.littleEndian).toBe(little);
        });
      }
    }
  }

  test.each([
    [0, 7, (x: number) => x],
    [2, -10, (x: number) => 2 * x - 10],
    [Number.NaN, 1, (x: number) => x],
  ])('slope %d, intercept %d', (slope, intercept, meant) => {
    const voxels = new Uint8Array(Int16Array.from({ length: COUNT }, (_, i) => i - 5).buffer);
    const scaling: Field[] = [
      { at: 112, type: 'f32', value: slope },
      { at: 116, type: 'f32', value: intercept },
    ];
    const path = put(join(freshFolder(), 'a.nii'), nifti(true, voxels, scaling));
    expect([...ok(readNifti(path)).volume.data]).toEqual(
      Array.from({ length: COUNT }, (_, i) => meant(i - 5)),
    );
  });

  test('a fourth axis is channels; a single slice has two axes', () => {
    const four: Field[] = [
      { at: 40, type: 'i16', value: 4 },
      { at: 48, type: 'i16', value: 2 },
    ];
    const path = put(join(freshFolder(), 'a.nii'), nifti(true, new Uint8Array(96), four));
    expect(ok(readNifti(path)).volume.shape).toEqual([2, 4, 3, 2]);
    const flat: Field[] = [{ at: 46, type: 'i16', value: 1 }];
    const slice = ok(readNiftiHeader(put(path, nifti(true, new Uint8Array(12), flat))));
    expect([slice.shape, slice.spatialRank, slice.spacing]).toEqual([[3, 2], 2, [0.75, 0.5]]);
  });

  test('axes point as sform says, else as the quaternion does', () => {
    const path = join(freshFolder(), 'a.nii');
    const directions = (fields: readonly Field[]) =>
      ok(readNiftiHeader(put(path, nifti(true, new Uint8Array(48), fields)))).directions;
    expect(directions([])).toEqual([]);
    // x to -x and y to z, in columns of an affine whose spacing is taken out.
    const rows = [-0.5, 0, 0, 9, 0, 0, 2, 9, 0, 0.75, 0, 9];
    const sform = rows.map((value, i): Field => ({ at: 280 + 4 * i, type: 'f32', value }));
    const both: Field[] = [...sform, { at: 254, type: 'i16', value: 1 }, { at: 252, type: 'i16', value: 1 }];
    expect(directions(both)).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [-1, 0, 0],
    ]);
    // Half a turn about z: (a, b, c, d) = (0, 0, 0, 1); pixdim[0] < 0 mirrors the third axis.
    const turn: Field[] = [
      { at: 252, type: 'i16', value: 1 },
      { at: 264, type: 'f32', value: 1 },
      { at: 76, type: 'f32', value: -1 },
    ];
    const turned = directions(turn).map((axis) => axis.map((value) => value + 0));
    expect(turned).toEqual([
      [0, 0, -1],
      [0, -1, 0],
      [-1, 0, 0],
    ]);
  });

  test('what was written is read', () => {
    const data = Uint16Array.from({ length: COUNT }, (_, i) => i * 2000);
    const volume = {
      shape: [2, 3, 4],
      spacing: [2, 1, 0.5],
      unit: 'um',
      type: 'uint16',
      slope: 0.5,
    } as const;
    const path = put(join(freshFolder(), 'a.nii.gz'), encodeNiftiGz(volume, data));
    const read = ok(readNifti(path));
    expect([...read.volume.data]).toEqual([...data].map((value) => value / 2));
    expect(read.header).toMatchObject({ shape: [2, 3, 4], spacing: [2, 1, 0.5], unit: 'um' });
    expect(read.header.directions).toEqual([
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ]);
  });
});

describe('a file that cannot be read fails with its path', () => {
  const voxels = new Uint8Array(48);
  const whole = nifti(true, voxels);
  const patched = (...fields: Field[]) => nifti(true, voxels, fields);
  const magic = (text: string) => {
    const bytes = whole.slice();
    bytes.set(new TextEncoder().encode(text), 344);
    return bytes;
  };
  test.each<[string, Uint8Array, NiftiKind]>([
    ['text', new Uint8Array(400).fill(65), { case: 'other-format' }],
    ['NIfTI-2', patched({ at: 0, type: 'i32', value: 540 }), { case: 'nifti-2' }],
    ['.img', magic('ni1'), { case: 'separate-voxels' }],
    ['no magic', magic('abc'), { case: 'other-format' }],
    ['complex', patched({ at: 70, type: 'i16', value: 32 }), { case: 'voxel-type', type: 32 }],
    [
      '5 axes',
      nifti(true, voxels, [
        { at: 48, type: 'i16', value: 2 },
        { at: 50, type: 'i16', value: 2 },
        { at: 40, type: 'i16', value: 5 },
      ]),
      { case: 'axes', shape: [2, 3, 4, 2, 2] },
    ],
  ])('another format: %s', (_, bytes, kind) => {
    const path = put(join(freshFolder(), 'a.nii'), bytes);
    expect(readNifti(path)).toMatchObject({
      code: 'nifti-unsupported',
      args: { path, kind },
      message: expect.not.stringContaining('\n'),
    });
  });

  const isCut: NiftiDamage['case'][] = ['compression', 'header-cut-off', 'voxels'];
  test.each<[string, Uint8Array, object]>([
    ['empty', new Uint8Array(0), { case: 'empty' }],
    ['short', whole.subarray(0, 200), { case: 'header-cut-off' }],
    ['0 axes', patched({ at: 40, type: 'i16', value: 0 }), { case: 'header' }],
    ['size -1', patched({ at: 42, type: 'i16', value: -1 }), { case: 'header' }],
    ['offset', patched({ at: 108, type: 'f32', value: 3 }), { case: 'header' }],
    ['cut off', whole.subarray(0, 390), { case: 'voxels', shape: [4, 3, 2], bytes: 38, expected: 48 }],
    ['damaged gzip', gzipSync(whole).fill(7, 20, 60), { case: 'compression' }],
    ['cut gzip', gzipSync(whole).subarray(0, -12), { case: expect.toSatisfy((one) => isCut.includes(one)) }],
    [
      'longer than its header says',
      gzipSync(Buffer.concat([whole, new Uint8Array(1 << 22)])),
      { case: 'too-long' },
    ],
  ])('damage: %s', (_, bytes, damage) => {
    const path = put(join(freshFolder(), 'a.nii'), bytes);
    expect(readNifti(path)).toMatchObject({
      code: 'nifti-damaged',
      args: { path, damage },
      message: expect.not.stringContaining('\n'),
    });
  });

  test('missing', () =>
    expect(readNifti('/nowhere/a.nii')).toMatchObject({
      message: expect.stringContaining('/nowhere/a.nii'),
    }));
});

describe('labels with the location of a volume', () => {
  const data = Uint8Array.from({ length: COUNT }, (_, i) => i % 3);
  // Turned and shifted: x goes along the world's y.
  const place: readonly Field[] = [
    { at: 254, type: 'i16', value: 1 },
    ...[0, -0.75, 0, 11, 0.5, 0, 0, -7, 0, 0, 2, 3].map(
      (value, i): Field => ({ at: 280 + 4 * i, type: 'f32', value }),
    ),
    { at: 112, type: 'f32', value: 0.5 },
    { at: 116, type: 'f32', value: 9 },
  ];

  test.each([true, false])('of little-endian %s', (little) => {
    const folder = freshFolder();
    const source = nifti(little, new Uint8Array(2 * COUNT), place);
    const path = put(join(folder, 'a.nii'), source);
    const plain = ok(encodeLabelsLike(path, { shape: [4, 3, 2], data }, false));
    const packed = put(
      join(folder, 'labels.nii.gz'),
      ok(encodeLabelsLike(path, { shape: [4, 3, 2], data }, true)),
    );
    const { header, volume } = ok(readNifti(packed));
    expect([...volume.data]).toEqual([...data]);
    const from = ok(readNiftiHeader(path));
    expect(header).toEqual({ ...from, type: 'uint8', slope: 1, intercept: 0 });
    expect(header.directions).not.toEqual([]);
    // Both transforms, byte for byte: qform_code to the end of srow_z.
    expect([...plain.subarray(252, 328)]).toEqual([...source.subarray(252, 328)]);
    expect(plain.length).toBe(352 + COUNT);
  });

  test('of a volume with channels: without that axis', () => {
    const folder = freshFolder();
    const channels: readonly Field[] = [
      { at: 40, type: 'i16', value: 4 },
      { at: 48, type: 'i16', value: 5 },
    ];
    const path = put(join(folder, 'a.nii'), nifti(true, new Uint8Array(2 * 5 * COUNT), channels));
    expect(ok(readNiftiHeader(path)).shape).toEqual([5, 4, 3, 2]);
    const labels = put(join(folder, 'b.nii'), ok(encodeLabelsLike(path, { shape: [4, 3, 2], data }, false)));
    expect(ok(readNifti(labels)).volume.shape).toEqual([4, 3, 2]);
  });

  test('of another size', () => {
    const path = put(join(freshFolder(), 'a.nii'), nifti(true, new Uint8Array(2 * COUNT)));
    expect(encodeLabelsLike(path, { shape: [4, 3, 1], data }, false)).toMatchObject({
      code: 'label-volume-size',
      args: { labels: [4, 3, 1], path, volume: [4, 3, 2] },
    });
  });
});
