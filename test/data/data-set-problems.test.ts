import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { DataSetFailure, openDataSet } from '../../src/data/data-set.js';
import { encodeNiftiGz } from '../../src/data/files/nifti.js';
import { freshFolder, messageOf, ok, put, putPng } from './folder.js';
import { tiff } from './tiff.js';

const ramp = (count: number, step = 1) => Array.from({ length: count }, (_, i) => i * step);
const nifti = (shape: readonly number[], values: readonly number[], spacing = [1, 1, 1]) =>
  encodeNiftiGz({ shape, spacing, unit: 'mm', type: 'uint8' }, Uint8Array.from(values));

describe('all that is wrong is said at once, a line each with the path', () => {
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
    if (!(result instanceof DataSetFailure)) throw new Error('it opens');
    const expected = [
      /images\/alone\.png: there is no mask for it in .*masks$/,
      /masks\/orphan\.png: there is no image for this mask in .*images$/,
      /images\/size\.png: the size is 3 x 2, but that of its mask .*size\.png is 2 x 2$/,
      /^cannot read .*images\/text\.png: it is not a PNG, JPEG or TIFF/,
      /^cannot read .*images\/empty\.png: it is empty$/,
      /images\/pages\.tif: it has 2 pages, but its mask .* has 3$/,
      /^cannot read .*images\/half\.png: the image is damaged/,
      /images\/twice\.png and .*images\/twice\.tif: both belong to the mask twice\.png$/,
    ];
    for (const line of expected)
      expect(
        result.problems.filter((one) => line.test(one)),
        String(line),
      ).toHaveLength(1);
    expect(messageOf(result).split('\n').length).toBe(9);
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
    const text = messageOf(await openDataSet(folder));
    expect(text).toMatch(/size_0000.nii.gz: the size is 2 x 2 x 3, but that of its mask/);
    expect(text).toMatch(/spacing_0000.nii.gz: the spacing is 1 x 1 x 2, but that of its mask is 1 x 1 x 1/);
    expect(text).toMatch(/one_0000.nii.gz: its channels are 1, but .*a_0000.nii.gz has 2/);
    expect(text).toMatch(/gap_0000.nii.gz: the channels are 0, 2; they are counted from 0 without a gap/);
    expect(text.split('\n').length).toBe(5);
  });

  test('a mask that is mirrored beside its image', async () => {
    const folder = freshFolder();
    const whole = nifti([2, 2, 2], [0, 1, 0, 1, 0, 1, 0, 1]);
    const bytes = gunzipSync(whole);
    // srow_x[0]: the first axis of the file points the other way.
    bytes.writeFloatLE(-1, 280);
    put(join(folder, 'images/a.nii.gz'), whole);
    put(join(folder, 'masks/a.nii'), bytes);
    expect(messageOf(await openDataSet(folder))).toMatch(
      /images.a\.nii\.gz: its axes point elsewhere .* turned or mirrored$/,
    );
    put(join(folder, 'masks/a.nii'), gunzipSync(whole));
    expect(ok(await openDataSet(folder)).samples.length).toBe(1);
  });

  test.each([
    ['nothing', [], /has no images: there are neither folders images and masks/],
    ['no masks', ['images/a.png'], /has images in images, but no folder masks$/],
    ['no images', ['masks/a.png'], /has masks in masks, but no folder images$/],
    ['other files', ['images/a.txt', 'masks/b.txt'], /are empty: no PNG/],
    ['no mask by name', ['a.png', 'b.png'], /a\.png: there is no mask for it .*\n.*b\.png: there is no mask/],
  ])('a folder with %s', async (_, names, message) => {
    const folder = freshFolder();
    for (const name of names) await putPng(join(folder, name), [0, 1], 2);
    expect(messageOf(await openDataSet(folder))).toMatch(message);
  });

  test('no folder', async () =>
    expect(messageOf(await openDataSet('/nowhere'))).toMatch(/^cannot read \/nowhere: /));
});
