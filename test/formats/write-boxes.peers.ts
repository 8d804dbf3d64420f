import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { cutRegion } from '../../src/formats/axis-order.js';
import { newData, type StoredType } from '../../src/formats/element.js';
import type { WorldGeometry } from '../../src/formats/geometry.js';
import { type AxisName, countOf, sizesOf } from '../../src/formats/stored-array.js';
import { type BoxedArray, encodeBoxes } from '../../src/formats/write.js';
import { writeFilesAtomically } from '../../src/runtime/files/write-file.js';
import { ok } from '../data/folder.js';
import { stored } from '../images/stored.js';
import { peersPython } from './peers-python.js';

const python = peersPython();
const folder = mkdtempSync(join(tmpdir(), 'unet-streamed-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Sizes = readonly (readonly [AxisName, number])[];
const volume: Sizes = [
  ['z', 9],
  ['y', 700],
  ['x', 1030],
];
const flat: Sizes = [
  ['y', 2500],
  ['x', 2100],
];
const dtypes = { uint8: 'u1', uint16: 'u2', int32: 'i4', float32: 'f4' } as const;

function write(name: string, array: BoxedArray): void {
  expect(writeFilesAtomically([ok(encodeBoxes(join(folder, name), array))])).toBeUndefined();
}

function headerOf(type: StoredType, sizes: Sizes, geometry?: WorldGeometry) {
  const { header } = stored(
    'NPY',
    sizes.map(([name]) => [name, 1] as const),
    { type },
  );
  return {
    ...header,
    axes: sizes.map(([name, size]) => ({ name, size })),
    ...(geometry ? { geometry } : {}),
  };
}

test.skipIf(python === undefined)('peers read what is written piece by piece', { timeout: 300_000 }, () => {
  const list: object[] = [];
  for (const [type, dtype] of Object.entries(dtypes) as [keyof typeof dtypes, string][]) {
    // `as`: the keys of `dtypes`.
    for (const [kind, sizes] of [['flat', flat] as const, ['volume', volume] as const]) {
      const lengths = sizes.map(([, size]) => size);
      const rng = new Rng(6, `${type}${kind}`);
      const data = newData(type, countOf(lengths));
      for (let i = 0; i < data.length; i++) {
        data[i] = ((i >> 10) % 4 === 0 ? rng.index(250) : (i >> 14) % 9) as never; // a number, by `type`
      }
      const file = `${type}-${kind}.raw`;
      writeFileSync(join(folder, file), new Uint8Array(data.buffer));
      const spacing = kind === 'flat' ? [0.5, 0.25] : [3, 0.5, 0.25];
      const geometry = { affine: undefined, spacing, unit: 'um', orientation: undefined } as const;
      const header = headerOf(type, sizes, geometry);
      const boxes: BoxedArray['boxes'] = (region) => cutRegion(data, type, sizesOf(header.axes), region);
      const letters = sizes.map(([name]) => name).join('');
      const endings = [
        'nii',
        'nii.gz',
        'mha',
        'nrrd',
        'npy',
        'tif',
        'zarr',
        ...(kind === 'flat' ? ['png'] : []),
      ];
      for (const ending of endings) {
        if (ending === 'png' && (type === 'int32' || type === 'float32')) continue;
        const name = `${type}-${kind}.${ending}`;
        write(name, { header, boxes });
        const facts = { axes: letters, scale: spacing, resolution: [1e4 / 0.25, 1e4 / 0.5] };
        list.push({ name, data: file, dtype, shape: lengths, ...facts });
      }
      const axes = header.axes.map((axis) => ({ name: axis.name, type: 'space', unit: 'micrometer' }));
      const transformations = [{ type: 'scale', values: spacing } as const];
      const native = {
        form: 'ome-zarr',
        version: '0.4',
        axes,
        transformations,
        imageTransformations: [],
      } as const;
      const name = `${type}-${kind}-04.zarr`;
      write(name, { header: { ...header, geometry: { ...geometry, native } }, boxes });
      list.push({ name, data: file, dtype, shape: lengths, axes: letters, scale: spacing });
    }
  }
  const side = 66_000;
  const [y, x] = [65_000, 40_003];
  const boxes: BoxedArray['boxes'] = (region) => {
    const [[top, bottom] = [0, 0], [left, right] = [0, 0]] = region;
    const part = new Uint8Array((bottom - top) * (right - left));
    if (y >= top && y < bottom && x >= left && x < right) part[(y - top) * (right - left) + x - left] = 5;
    return part;
  };
  const sizes: Sizes = [
    ['y', side],
    ['x', side],
  ];
  write('big.tif', { header: headerOf('uint8', sizes), boxes });
  list.push({ name: 'big.tif', shape: [side, side], at: [y, x], value: 5 });
  writeFileSync(join(folder, 'wanted.json'), JSON.stringify(list));
  execFileSync(python ?? '', [join(import.meta.dirname, 'peers', 'read_streamed.py'), folder], {
    stdio: 'ignore',
  });
  expect(JSON.parse(readFileSync(join(folder, 'wrong.json'), 'utf8'))).toEqual([]);
  expect(list.length).toBeGreaterThan(60);
});
