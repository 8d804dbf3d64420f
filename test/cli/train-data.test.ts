import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { network, numbersOf, recipe, trainArguments, workFolder } from '../train/cells-run.js';
import { unet } from './unet.js';

const flat = network + recipe.replace('epochs    = 3', 'epochs = 1');
const withInput = (input: string) => flat.replace('1 x 32 x 32', input);

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);

beforeAll(() => {
  work = workFolder(flat, ['--count', '3', '--size', '48']);
  const made = unet(['data', 'cells', '--out', 'volumes', '--count', '2', '--size', '16', '--volume'], work);
  expect(made.stderr).toBe('');
});
afterAll(() => rmSync(work, { recursive: true }));

/** Trains a network of a text on a set, for an epoch; what is said, and whether anything was made. */
function trained(spec: string, set: string) {
  writeFileSync(at('other.unet'), spec);
  const { code, stderr } = unet(['train', 'other.unet', ...trainArguments('out').slice(2), '-d', set], work);
  if (code === 0) expect(Object.keys(numbersOf(at('out')))).toContain('model.onnx');
  else expect(() => numbersOf(at('out'))).toThrow('ENOENT');
  rmSync(at('out'), { recursive: true, force: true });
  return { code, said: stderr };
}

/** A copy of the set with other images. */
async function changedImages(name: string, change: (image: Sharp) => Sharp): Promise<string> {
  cpSync(at('set'), at(name), { recursive: true });
  for (const file of readdirSync(at(name, 'images'))) {
    const path = at(name, 'images', file);
    writeFileSync(
      path,
      await change(sharp(readFileSync(path)))
        .png()
        .toBuffer(),
    );
  }
  return name;
}

describe('images that a network is not for', () => {
  test('flat images, for a network of volumes', () => {
    expect(trained(withInput('1 x 16 x 32 x 32'), 'set')).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^unet: error\[image-axes\]: set: .*cells-001\.png is 48 x 48.*\nhelp: .*`input = 1 x 48 x 48`.*\n$/,
      ),
    });
  });

  test('flat arrays, for a network of volumes', () => {
    for (const folder of ['images', 'masks'])
      cpSync(at('set', folder), at('arrays', folder), { recursive: true });
    for (const folder of ['images', 'masks']) {
      for (const file of readdirSync(at('arrays', folder))) rmSync(at('arrays', folder, file));
      const data = Float32Array.from({ length: 48 * 48 }, (_, i) => i % 2);
      const bytes = [...npyChunks({ shape: [48, 48], data })];
      writeFileSync(at('arrays', folder, 'a.npy'), Buffer.concat(bytes));
    }
    expect(trained(withInput('1 x 16 x 32 x 32'), 'arrays').said).toMatch(
      /^unet: error\[image-axes\]: arrays: .*arrays\/images\/a\.npy is 48 x 48/,
    );
  });

  test('more channels than an image file has: said once, not for each file', () => {
    expect(trained(withInput('2 x 32 x 32'), 'set')).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^unet: error\[data-set-invalid\]: set: .*\n {2}set\/images\/cells-001\.png: .*1, 3 or 4 channels.*a_0000.*\n$/,
      ),
    });
  });

  test('masks whose values do not say their classes', async () => {
    cpSync(at('set'), at('strange'), { recursive: true });
    // It names the classes.
    rmSync(at('strange/dataset.json'));
    const path = at('strange/masks/cells-001.png');
    const image = await sharp({ create: { width: 48, height: 48, channels: 3, background: '#ff0000' } })
      .png()
      .toBuffer();
    writeFileSync(path, image);
    expect(trained(flat, 'strange').said).toMatch(
      /#ff0000 \(2304 times\), .*strange\/masks\/cells-001\.png.*#ff0000.*; .* --label "0=0" --label "1=1" --label "#ff0000=2"\n$/,
    );
  });
});

describe('images that are read as the network has them, with a word about it', () => {
  test('volumes, for a network of images: slices', () => {
    expect(trained(withInput('1 x 16 x 16'), 'volumes')).toEqual({
      code: 0,
      said: expect.stringMatching(/^note: 2 of 2 images are volumes, .*slices along z: cells-001 has 16\n/),
    });
  });

  test('colours, for one channel', async () => {
    const set = await changedImages('coloured', (image) => image.toColourspace('srgb').tint('#ff8000'));
    expect(trained(flat, set)).toEqual({
      code: 0,
      said: expect.stringMatching(/^note: 3 of 3 images .*colour.*gray.*`input = 3 x 32 x 32`.*\n$/),
    });
    expect(trained(withInput('3 x 32 x 32'), set)).toEqual({ code: 0, said: '' });
  });

  test('gray, for three channels', () => {
    expect(trained(withInput('3 x 32 x 32'), 'set').said).toMatch(
      /^note: 3 of 3 images are gray.* 3 channels.*`input = 1 x 32 x 32`.*\n$/,
    );
  });

  test('smaller than a patch', () => {
    expect(trained(withInput('1 x 64 x 64'), 'set')).toEqual({
      code: 0,
      said: expect.stringMatching(/^note: 3 of 3 images .*64 x 64 \(cells-001 is 48 x 48\).*`patch`.*\n$/),
    });
  });

  test('of different sizes, without a word', async () => {
    const set = 'sizes';
    cpSync(at('set'), at(set), { recursive: true });
    for (const part of ['images', 'masks', 'instances']) {
      const path = at(set, part, 'cells-002.png');
      writeFileSync(
        path,
        await sharp(readFileSync(path))
          .resize(64, 40, { kernel: 'nearest' })
          .toColourspace('b-w')
          .png()
          .toBuffer(),
      );
    }
    expect(trained(flat, set)).toEqual({ code: 0, said: '' });
  });
});

describe('what nobody labelled, or a part of the images lacks', () => {
  const UNLABELLED = 9;
  const x = () => 0;
  const y = (i: number) => (i % 48 > 20 ? 1 : 0);
  /** A set of images whose masks are these; the images named d validate, unless `more` says it otherwise. */
  async function divided(
    masks: Readonly<Record<string, (i: number) => number>>,
    more: readonly string[] = ['--validation', 'd.txt'],
  ) {
    for (const [i, [name, label]] of Object.entries(masks).entries()) {
      cpSync(at(`set/images/cells-00${i + 1}.png`), at(`divided/images/${name}.png`));
      const data = Uint8Array.from({ length: 48 * 48 }, (_, i) => label(i));
      const png = sharp(data, { raw: { width: 48, height: 48, channels: 1 } })
        .toColourspace('b-w')
        .png();
      mkdirSync(at('divided/masks'), { recursive: true });
      writeFileSync(at(`divided/masks/${name}.png`), await png.toBuffer());
    }
    writeFileSync(at('d.txt'), 'd\n');
    writeFileSync(at('other.unet'), flat);
    const args = ['-d', 'divided', '--ignore', String(UNLABELLED), ...more];
    const { code, stderr } = unet(['train', 'other.unet', ...trainArguments('out').slice(2), ...args], work);
    const isThere = existsSync(at('out'));
    for (const made of ['out', 'divided']) rmSync(at(made), { recursive: true, force: true });
    return { code, said: stderr, isThere };
  }
  const nothing = () => UNLABELLED;
  /** Without validation; the classes are said, since the masks do not show them. */
  const none = ['--validation', '0', '--label', '0=0', '--label', '1=1'];

  test('nothing is labelled in the images to train with', async () => {
    expect(await divided({ a: nothing, b: nothing, d: y })).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^unet: error\[labels-missing\]: .*training images .*\(a and b\)\nhelp: .*--validation FILE/,
      ),
      isThere: false,
    });
  });

  test('nothing is labelled in the images to validate with', async () => {
    expect(await divided({ a: y, b: nothing, d: nothing })).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^unet: error\[labels-missing\]: .*validation image .*\(d\)\nhelp: .*--validation FILE/,
      ),
      isThere: false,
    });
  });

  test('nothing is labelled at all, and nothing validates', async () => {
    expect(await divided({ a: nothing, b: nothing }, none)).toEqual({
      code: 1,
      said: expect.stringMatching(/^unet: error\[labels-missing\]: .*training images .*\(a and b\)\n$/),
      isThere: false,
    });
  });

  test('one class is nowhere, and nothing validates', async () => {
    expect(await divided({ a: x, b: nothing }, none)).toEqual({
      code: 0,
      said: expect.stringMatching(/^note: class 1 .*training image.*\(a and b\).*\n$/),
      isThere: true,
    });
  });

  test('a class that only one part has', async () => {
    expect(await divided({ a: x, b: x, d: y })).toEqual({
      code: 0,
      said: expect.stringMatching(/^note: class 1 .*training image.*\(a and b\).*--validation FILE.*\n$/),
      isThere: true,
    });
    expect(await divided({ a: y, b: x, d: x })).toEqual({
      code: 0,
      said: expect.stringMatching(
        /^note: class 1 .*validation image.*\(d\).*--validation FILE.*\nnote: .* Dice .* loss .*\n$/,
      ),
      isThere: true,
    });
  });
});
