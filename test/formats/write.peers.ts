import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { encodeElements, newData, type StoredType } from '../../src/formats/element.js';
import { readArray } from '../../src/formats/read.js';
import { type Axis, countOf, type StoredArray, sizesOf } from '../../src/formats/stored-array.js';
import { quaternionOf } from '../../src/formats/write/quaternion.js';
import { arrayLike, writeArray } from '../../src/formats/write.js';
import { allCases } from './mutations.js';
import { peersPython } from './peers-python.js';

const python = peersPython();
const folder = mkdtempSync(join(tmpdir(), 'unet-written-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dtypes: readonly (readonly [StoredType, string])[] = [
  ['uint8', 'u1'],
  ['int8', 'i1'],
  ['uint16', 'u2'],
  ['int16', 'i2'],
  ['uint32', 'u4'],
  ['int32', 'i4'],
  ['uint64', 'u8'],
  ['int64', 'i8'],
  ['float32', 'f4'],
  ['float64', 'f8'],
];

const sizes = { time: 2, page: 3, channel: 3, z: 4, y: 5, x: 6 };
const axes = (...names: (keyof typeof sizes)[]): Axis[] => names.map((name) => ({ name, size: sizes[name] }));
const flat = axes('y', 'x');
const volume = axes('z', 'y', 'x');
const channels = axes('channel', 'z', 'y', 'x');

const written: readonly (readonly [string, readonly Axis[]])[] = [
  ...['nii', 'nii.gz', 'mha', 'nrrd', 'tif', 'png', 'npy'].map((ending) => [`flat.${ending}`, flat] as const),
  ...['nii', 'nii.gz', 'mha', 'nrrd', 'tif', 'npy'].map((ending) => [`volume.${ending}`, volume] as const),
  ...['nii', 'mha', 'nrrd', 'tif'].map((ending) => [`channels.${ending}`, channels] as const),
  ['time.nii', axes('time', 'z', 'y', 'x')],
  ['time-channels.nii', axes('time', 'channel', 'z', 'y', 'x')],
  ['time-channels.tif', axes('time', 'channel', 'z', 'y', 'x')],
  ['pages.tif', axes('page', 'y', 'x')],
  ['bands.tif', axes('channel', 'y', 'x')],
  ['rgb.png', axes('channel', 'y', 'x')],
];

function wanted(name: string, { header, data }: StoredArray, dtype: string, extra: object) {
  return {
    name,
    axes: header.axes.map((axis) => [axis.name, axis.size]),
    dtype,
    data: Buffer.from(encodeElements(data, header.type)).toString('base64'),
    ...extra,
  };
}

if (python === undefined) {
  test.skip('there is no Python with the peers: run scripts/peers.sh', () => {});
} else {
  test('peers read what is written', async () => {
    const list: object[] = [];
    for (const [type, dtype] of dtypes) {
      for (const [name, shape] of written) {
        const data = newData(type, countOf(sizesOf(shape)));
        for (let i = 0; i < data.length; i++) {
          const value = (i * 37) % 120;
          data[i] = (typeof data[0] === 'bigint' ? BigInt(value) : value) as never; // the element type of `data`
        }
        const header = {
          path: '',
          format: 'NPY',
          axes: shape,
          type,
          bits: 8,
          scale: undefined,
          colour: 'none',
          notes: [],
        } as const;
        const array = { header, data };
        const problem = writeArray(join(folder, `${type}-${name}`), array);
        if (problem !== undefined) expect(problem.code).toBe('array-not-writable');
        else list.push(wanted(`${type}-${name}`, array, dtype, {}));
      }
    }
    const placed = allCases().filter(
      ({ name, affine }) => affine && /\.(nii|nii\.gz|mgz|nrrd|mha)$/.test(name),
    );
    for (const { name, files } of placed) {
      const path = join(folder, name);
      writeFileSync(path, Buffer.from(files[name] ?? '', 'base64'));
      const image = await readArray(path);
      if (image instanceof Failure) throw new Error(image.message);
      const grid = arrayLike(image.header, new Uint8Array(0), 'uint8').header.axes;
      const labels = Uint8Array.from({ length: countOf(sizesOf(grid)) }, (_, i) => i % 3);
      const like = arrayLike(image.header, labels, 'uint8');
      const affine = image.header.geometry?.affine;
      for (const ending of ['nii.gz', 'mha', 'nrrd']) {
        // NIfTI in metres keeps its unit, which nibabel does not apply.
        if (ending === 'nii.gz' && image.header.geometry?.unit !== 'mm') continue;
        const out = `labels-${name.replaceAll('.', '-')}.${ending}`;
        const quaternion = affine && quaternionOf(affine) !== undefined && !name.includes('differ');
        if (ending !== 'nii.gz' && !quaternion) continue;
        expect(writeArray(join(folder, out), like)).toBeUndefined();
        list.push(wanted(out, like, 'u1', { affine, quaternion }));
      }
    }
    writeFileSync(join(folder, 'wanted.json'), JSON.stringify(list));
    execFileSync(python, [join(import.meta.dirname, 'peers', 'read_written.py'), folder], {
      stdio: 'ignore',
    });
    expect(JSON.parse(readFileSync(join(folder, 'wrong.json'), 'utf8'))).toEqual([]);
    expect(list.length).toBeGreaterThan(300);
  });
}
