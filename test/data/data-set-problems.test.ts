import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openDataSet } from '../../src/data/open-data-set.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { freshFolder, ok, problemsOf, put, putPng } from './folder.js';
import { niftiOf } from './read-volume.js';
import { tiff } from './tiff.js';

const ramp = (count: number, step = 1) => Array.from({ length: count }, (_, i) => i * step);
const nifti = (shape: readonly number[], values: readonly number[], spacing = [1, 1, 1]) =>
  niftiOf(shape, spacing, Uint8Array.from(values));

describe('a failure lists everything that is wrong', () => {
  test('files without a partner, other sizes, other pages, no image, damaged ones', async () => {
    const folder = freshFolder();
    const at = (name: string) => join(folder, name);
    const four = [0, 1, 1, 0];
    const page = Uint8Array.from(four);
    const damaged = new Uint8Array(
      await sharp(
        new Uint8Array(4096).map((_, i) => (i * i) % 251),
        { raw: { width: 64, height: 64, channels: 1 } },
      )
        .png()
        .toBuffer(),
    );
    await putPng(at('images/alone.png'), four, 2);
    await putPng(at('masks/orphan.png'), four, 2);
    await putPng(at('images/size.png'), [...four, 0, 0], 2);
    await putPng(at('masks/size.png'), four, 2);
    put(at('images/text.png'), 'no image');
    await putPng(at('masks/text.png'), four, 2);
    put(at('images/empty.png'), '');
    await putPng(at('masks/empty.png'), four, 2);
    put(at('images/pages.tif'), tiff([page, page], 2));
    put(at('masks/pages.tif'), tiff([page, page, page], 2));
    put(at('images/half.png'), damaged.subarray(0, damaged.length / 2));
    await putPng(
      at('masks/half.png'),
      ramp(4096).map((i) => i % 2),
      64,
    );
    await putPng(at('images/twice.png'), four, 2);
    put(at('images/twice.tif'), tiff([page], 2));
    await putPng(at('masks/twice.png'), four, 2);
    const result = await openDataSet(folder, { thorough: true });
    const problems = problemsOf(result);
    const expected = [
      {
        code: 'partner-missing',
        args: { path: at('images/alone.png'), missing: 'mask', folder: at('masks') },
      },
      {
        code: 'partner-missing',
        args: { path: at('masks/orphan.png'), missing: 'image', folder: at('images') },
      },
      {
        code: 'pair-mismatch',
        args: {
          path: at('images/size.png'),
          mask: at('masks/size.png'),
          difference: { case: 'size', image: [3, 2], mask: [2, 2] },
        },
      },
      { message: expect.stringContaining(at('images/text.png')) },
      { message: expect.stringContaining(at('images/empty.png')) },
      {
        code: 'pair-mismatch',
        args: {
          path: at('images/pages.tif'),
          mask: at('masks/pages.tif'),
          difference: { case: 'pages', image: 2, mask: 3 },
        },
      },
      { message: expect.stringContaining(at('images/half.png')) },
      {
        code: 'ambiguous-pair',
        args: {
          clash: {
            case: 'images',
            paths: [at('images/twice.png'), at('images/twice.tif')],
            mask: 'twice.png',
          },
        },
      },
    ];
    expect(problems).toHaveLength(expected.length);
    for (const one of expected) expect(problems).toContainEqual(expect.objectContaining(one));
    const { message = '' } = result instanceof Failure ? result : {};
    expect(message.split('\n')).toHaveLength(9);
  });

  test('volumes: sizes, spacing, axes, channels', async () => {
    const folder = freshFolder();
    const [shape, values] = [[2, 2, 2], ramp(8).map((i) => i % 2)];
    const pair = (name: string, image: Uint8Array, mask: Uint8Array) => {
      put(join(folder, `imagesTr/${name}_0000.nii.gz`), image);
      put(join(folder, `labelsTr/${name}.nii.gz`), mask);
    };
    pair('a', nifti(shape, values), nifti(shape, values));
    pair('size', nifti([2, 2, 3], ramp(12)), nifti(shape, values));
    pair('spacing', nifti(shape, values, [1, 1, 2]), nifti(shape, values));
    put(join(folder, 'imagesTr/a_0001.nii.gz'), nifti(shape, values));
    pair('one', nifti(shape, values), nifti(shape, values));
    pair('gap', nifti(shape, values), nifti(shape, values));
    put(join(folder, 'imagesTr/gap_0002.nii.gz'), nifti(shape, values));
    const at = (name: string) => join(folder, 'imagesTr', `${name}_0000.nii.gz`);
    const problems = problemsOf(await openDataSet(folder));
    const expected = [
      {
        code: 'pair-mismatch',
        args: { path: at('size'), difference: { case: 'size', image: [2, 2, 3], mask: shape } },
      },
      {
        code: 'pair-mismatch',
        args: { path: at('spacing'), difference: { case: 'spacing', image: [1, 1, 2], mask: [1, 1, 1] } },
      },
      {
        code: 'channel-count',
        args: {
          path: at('one'),
          problem: { case: 'other-file', channels: 1, other: at('a'), otherChannels: 2 },
        },
      },
      { code: 'channel-numbers', args: { path: at('gap'), channels: [0, 2] } },
    ];
    expect(problems).toHaveLength(expected.length);
    for (const { code, args } of expected) {
      expect(problems).toContainEqual(expect.objectContaining({ code, args: expect.objectContaining(args) }));
    }
  });

  test('a mask that is mirrored beside its image', async () => {
    const folder = freshFolder();
    const whole = nifti([2, 2, 2], [0, 1, 0, 1, 0, 1, 0, 1]);
    const bytes = gunzipSync(whole);
    // srow_x[0]: the first axis of the file points the other way.
    bytes.writeFloatLE(-1, 280);
    put(join(folder, 'images/a.nii.gz'), whole);
    put(join(folder, 'masks/a.nii'), bytes);
    const path = join(folder, 'images/a.nii.gz');
    expect(problemsOf(await openDataSet(folder))).toMatchObject([
      { code: 'pair-mismatch', args: { path, difference: { case: 'directions' } } },
    ]);
    put(join(folder, 'masks/a.nii'), gunzipSync(whole));
    expect(ok(await openDataSet(folder)).samples.length).toBe(1);
  });

  test.each([
    ['nothing', [], 'nothing'],
    ['no masks', ['images/a.png'], 'no-masks'],
    ['no images', ['masks/a.png'], 'no-images'],
    ['other files', ['images/a.txt', 'masks/b.txt'], 'empty'],
  ])('a folder with %s', async (_, names, problem) => {
    const folder = freshFolder();
    for (const name of names) await putPng(join(folder, name), [0, 1], 2);
    expect(await openDataSet(folder)).toMatchObject({
      code: 'images-missing',
      args: { problem: { case: problem } },
    });
  });

  test('a folder without masks by their names', async () => {
    const folder = freshFolder();
    const paths = ['a.png', 'b.png'].map((name) => join(folder, name));
    for (const path of paths) await putPng(path, [0, 1], 2);
    expect(problemsOf(await openDataSet(folder))).toMatchObject(
      paths.map((path) => ({ code: 'partner-missing', args: { path, missing: 'mask' } })),
    );
  });

  test('no folder', async () =>
    expect(await openDataSet('/nowhere')).toMatchObject({ message: expect.stringContaining('/nowhere') }));
});
