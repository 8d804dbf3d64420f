import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elementBytes } from '../../src/formats/element.js';
import { readArray } from '../../src/formats/read.js';
import { countOf, sizesOf } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { ok } from '../data/folder.js';
import { type Sizes, stored } from '../images/stored.js';
import { numbersFrom } from './mutated-bytes.js';

const root = join(import.meta.dirname, '../..');
mkdirSync(join(root, 'out'), { recursive: true });
// Inside the project, so that packages are found.
const folder = mkdtempSync(join(root, 'out/memory-'));
const child = join(folder, 'child.mjs');
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  await build({
    ...{ entryPoints: [join(import.meta.dirname, 'memory-child.ts')], outfile: child, bundle: true },
    ...{ platform: 'node', format: 'esm', packages: 'external', logLevel: 'warning' },
  });
});

const side = 1200;
const next = numbersFrom(1);
/** Numbers in runs, which each compression makes shorter. */
const values = new Uint8Array(side * side);
for (let i = 0; i < values.length; ) {
  const end = i + 1 + next(40);
  values.fill(next(256), i, end);
  i = end;
}

const plane: Sizes = [
  ['y', side],
  ['x', side],
];
const volume: Sizes = [
  ['z', 8],
  ['y', side / 8],
  ['x', side],
];
const image = () => sharp(values, { raw: { width: side, height: side, channels: 1 } });

const written = (path: string, sizes: Sizes) => {
  expect(
    writeArray(join(folder, path), stored('NIfTI-1', sizes, { type: 'uint8' }, [...values])),
  ).toBeUndefined();
};
const drawn = async (path: string, picture: Sharp) =>
  writeFileSync(join(folder, path), await picture.toBuffer());

const files: Readonly<Record<string, (path: string) => unknown>> = {
  'a.nii': (path) => written(path, volume),
  'a.nii.gz': (path) => written(path, volume),
  'a.nrrd': (path) => written(path, volume),
  'a.mha': (path) => written(path, volume),
  'a.npy': (path) => written(path, volume),
  'own.tif': (path) => written(path, plane),
  'own.png': (path) => written(path, plane),
  'a.png': (path) => drawn(path, image().png()),
  'palette.png': (path) => drawn(path, image().png({ palette: true, colours: 16 })),
  'a.gif': (path) => drawn(path, image().gif()),
  'a.webp': (path) => drawn(path, image().webp({ lossless: true })),
  'a.jpg': (path) => drawn(path, image().jpeg()),
  'lzw.tif': (path) => drawn(path, image().tiff({ compression: 'lzw', predictor: 'horizontal' })),
  'deflate.tif': (path) => drawn(path, image().tiff({ compression: 'deflate', tile: true })),
  'packbits.tif': (path) => drawn(path, image().tiff({ compression: 'packbits' })),
  'jpeg.tif': (path) => drawn(path, image().tiff({ compression: 'jpeg' })),
  'group4.tif': (path) =>
    drawn(path, image().threshold(128).toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 })),
  'none.tif': (path) => drawn(path, image().tiff({ compression: 'none' })),
};
const each = Math.ceil(2000 / Object.keys(files).length);

test.each(
  Object.entries(files),
)('%s: no mutation takes 20 times the memory of the array', async (path, make) => {
  await make(path);
  const { header } = ok(await readArray(join(folder, path)));
  const decoded = countOf(sizesOf(header.axes)) * elementBytes[header.type];
  const text = execFileSync(process.execPath, ['--expose-gc', child, join(folder, path), String(each), '7'], {
    encoding: 'utf8',
  });
  const { grown, longest, largest } = JSON.parse(text);
  expect(grown / Math.max(decoded, largest)).toBeLessThan(20);
  expect(longest).toBeLessThan(5000);
});
