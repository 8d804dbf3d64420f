import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { encodeArray } from '../../src/formats/write.js';
import { freshFolder, ok, put } from './folder.js';
import { labelsLike, readVolume } from './read-volume.js';

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

describe('a NIfTI volume', () => {
  for (const [code, [size, set]] of Object.entries(setters)) {
    for (const little of [true, false]) {
      for (const packed of [true, false]) {
        test(`type ${code}, ${little ? 'little' : 'big'}-endian${packed ? ', compressed' : ''}`, async () => {
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
          const { volume, header } = ok(await readVolume(path));
          // x is fastest in the file and last here.
          expect(volume.shape).toEqual([4, 3, 2]);
          expect([...volume.data]).toEqual(values);
          expect(header.geometry?.spacing).toEqual([2, 0.75, 0.5]);
          expect(header.geometry?.unit).toBe('mm');
        });
      }
    }
  }

  test.each([
    [0, 7, (x: number) => x],
    [2, -10, (x: number) => 2 * x - 10],
    [Number.NaN, 1, (x: number) => x],
  ])('slope %d, intercept %d', async (slope, intercept, meant) => {
    const voxels = new Uint8Array(Int16Array.from({ length: COUNT }, (_, i) => i - 5).buffer);
    const scaling: Field[] = [
      { at: 112, type: 'f32', value: slope },
      { at: 116, type: 'f32', value: intercept },
    ];
    const path = put(join(freshFolder(), 'a.nii'), nifti(true, voxels, scaling));
    expect([...ok(await readVolume(path)).volume.data]).toEqual(
      Array.from({ length: COUNT }, (_, i) => meant(i - 5)),
    );
  });

  test('a fourth axis is channels; a single slice has two axes', async () => {
    const four: Field[] = [
      { at: 40, type: 'i16', value: 4 },
      { at: 48, type: 'i16', value: 2 },
    ];
    const path = put(join(freshFolder(), 'a.nii'), nifti(true, new Uint8Array(96), four));
    expect(ok(await readVolume(path)).volume.shape).toEqual([2, 4, 3, 2]);
    const flat: Field[] = [{ at: 46, type: 'i16', value: 1 }];
    const slice = ok(await readVolume(put(path, nifti(true, new Uint8Array(12), flat))));
    expect([slice.volume.shape, slice.layout.images]).toEqual([[3, 2], 1]);
  });

  test('axes point as sform says, else as the quaternion does', async () => {
    const path = join(freshFolder(), 'a.nii');
    /** The world's direction of a step along z, y and x. */
    const directions = async (fields: readonly Field[]) => {
      const { header } = ok(await readVolume(put(path, nifti(true, new Uint8Array(48), fields))));
      const { affine, spacing = [] } = header.geometry ?? {};
      return [2, 1, 0].map((j, axis) =>
        [0, 1, 2].map((i) => (affine?.[i]?.[j] ?? Number.NaN) / (spacing[axis] ?? 1) + 0),
      );
    };
    expect((await directions([])).flat().every(Number.isNaN)).toBe(true);
    // x to -x and y to z, in columns of an affine whose spacing is taken out.
    const rows = [-0.5, 0, 0, 9, 0, 0, 2, 9, 0, 0.75, 0, 9];
    const sform = rows.map((value, i): Field => ({ at: 280 + 4 * i, type: 'f32', value }));
    const both: Field[] = [...sform, { at: 254, type: 'i16', value: 1 }, { at: 252, type: 'i16', value: 1 }];
    expect(await directions(both)).toEqual([
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
    expect(await directions(turn)).toEqual([
      [0, 0, -1],
      [0, -1, 0],
      [-1, 0, 0],
    ]);
  });

  test('what was written is read', async () => {
    const data = Uint16Array.from({ length: COUNT }, (_, i) => i * 2000);
    const header: ArrayHeader = {
      ...{ path: 'made', format: 'NIfTI-1', type: 'uint16', bits: 16, colour: 'none', notes: [] },
      axes: (['z', 'y', 'x'] as const).map((name, i) => ({ name, size: 2 + i })),
      scale: { slope: 0.5, intercept: 0 },
      geometry: { affine: undefined, spacing: [2, 1, 0.5], unit: 'um', orientation: undefined },
    };
    const bytes = Buffer.concat([...ok(encodeArray('a.nii.gz', { header, data }))]);
    const read = ok(await readVolume(put(join(freshFolder(), 'a.nii.gz'), bytes)));
    expect([...read.volume.data]).toEqual([...data].map((value) => value / 2));
    expect(read.volume.shape).toEqual([2, 3, 4]);
    expect(read.header.geometry).toMatchObject({ spacing: [2, 1, 0.5], unit: 'um' });
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
  test.each<[string, Uint8Array, string]>([
    ['text', new Uint8Array(400).fill(65), 'header-damaged'],
    ['the size of another version', patched({ at: 0, type: 'i32', value: 540 }), 'header-damaged'],
    ['a header of a pair', magic('ni1'), 'data-file-missing'],
    ['no magic', magic('abc'), 'header-damaged'],
    ['complex', patched({ at: 70, type: 'i16', value: 32 }), 'element-type-unread'],
    ['empty', new Uint8Array(0), 'file-empty'],
    ['short', whole.subarray(0, 200), 'header-damaged'],
    ['0 axes', patched({ at: 40, type: 'i16', value: 0 }), 'header-damaged'],
    ['size -1', patched({ at: 42, type: 'i16', value: -1 }), 'header-damaged'],
    ['offset', patched({ at: 108, type: 'f32', value: 3 }), 'header-damaged'],
    ['cut off', whole.subarray(0, 390), 'elements-missing'],
    ['damaged gzip', gzipSync(whole).fill(7, 20, 60), 'header-damaged'],
    ['cut gzip', gzipSync(whole).subarray(0, -12), 'header-damaged'],
    [
      'longer than its header says',
      gzipSync(Buffer.concat([whole, new Uint8Array(1 << 22)])),
      'elements-damaged',
    ],
  ])('%s', async (_, bytes, code) => {
    const path = put(join(freshFolder(), 'a.nii'), bytes);
    expect(await readVolume(path)).toMatchObject({
      code,
      args: { path },
      message: expect.not.stringContaining('\n'),
    });
  });

  test('missing', async () =>
    expect(await readVolume('/nowhere/a.nii')).toMatchObject({
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

  test.each([true, false])('of little-endian %s', async (little) => {
    const folder = freshFolder();
    const source = nifti(little, new Uint8Array(2 * COUNT), place);
    const path = put(join(folder, 'a.nii'), source);
    const plain = ok(await labelsLike(path, data, false));
    const packed = put(join(folder, 'labels.nii.gz'), ok(await labelsLike(path, data, true)));
    const { header, volume } = ok(await readVolume(packed));
    expect([...volume.data]).toEqual([...data]);
    const from = ok(await readVolume(path)).header;
    expect(header.geometry?.affine).toEqual(from.geometry?.affine);
    expect(header).toMatchObject({ type: 'uint8', scale: undefined, axes: from.axes });
    expect(header.geometry?.affine).toBeDefined();
    // Both transforms, byte for byte: qform_code to the end of srow_z.
    expect([...plain.subarray(252, 328)]).toEqual([...source.subarray(252, 328)]);
    expect(plain.length).toBe(352 + COUNT);
  });

  test('of a volume with channels: without that axis', async () => {
    const folder = freshFolder();
    const channels: readonly Field[] = [
      { at: 40, type: 'i16', value: 4 },
      { at: 48, type: 'i16', value: 5 },
    ];
    const path = put(join(folder, 'a.nii'), nifti(true, new Uint8Array(2 * 5 * COUNT), channels));
    expect(ok(await readVolume(path)).volume.shape).toEqual([5, 4, 3, 2]);
    const labels = put(join(folder, 'b.nii'), ok(await labelsLike(path, data, false)));
    expect(ok(await readVolume(labels)).volume.shape).toEqual([4, 3, 2]);
  });
});
