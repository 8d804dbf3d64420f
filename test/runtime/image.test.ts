import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { type LoadedImage, readImage } from '../../src/images/read-image.js';
import { maskOf, writeMask, writeProbabilities } from '../../src/runtime/images/mask.js';
import type { Tensor } from '../../src/runtime/tensor.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-image-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [WIDTH, HEIGHT] = [5, 3];
const PIXELS = WIDTH * HEIGHT;

/** Interleaved samples over the whole range: in 16 bits, ones that 8 bits can't hold. */
function samples(channels: number, bits: 8 | 16): Uint8Array | Uint16Array {
  const length = PIXELS * channels;
  const most = 2 ** bits - 1;
  const value = (_: unknown, i: number) =>
    i === length - 1 ? most : (i * (bits === 8 ? 89 : 9973)) % (most + 1);
  return bits === 8 ? Uint8Array.from({ length }, value) : Uint16Array.from({ length }, value);
}

function pixels(data: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4): Sharp {
  const space = channels < 3 ? ['b-w', 'grey16'] : ['srgb', 'rgb16'];
  const image = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
  return image.toColourspace(space[data instanceof Uint16Array ? 1 : 0] ?? '');
}

/** What a network of `wanted` channels is to see, from the samples themselves. */
function expected(data: Uint8Array | Uint16Array, channels: number, wanted: number): number[] {
  const most = data instanceof Uint16Array ? 65535 : 255;
  const value = (pixel: number, channel: number) => (data[pixel * channels + channel] ?? Number.NaN) / most;
  const gray = channels < 3;
  const hasAlpha = channels === 2 || channels === 4;
  const planes: number[] = [];
  for (let c = 0; c < wanted; c++) {
    for (let i = 0; i < PIXELS; i++) {
      if (c === 3) planes.push(hasAlpha ? value(i, channels - 1) : 1);
      else if (gray) planes.push(value(i, 0));
      else if (wanted === 1) planes.push(0.299 * value(i, 0) + 0.587 * value(i, 1) + 0.114 * value(i, 2));
      else planes.push(value(i, c));
    }
  }
  return planes;
}

async function save(image: Sharp, name: string): Promise<string> {
  const path = join(folder, name);
  await image.toFile(path);
  return path;
}

async function loaded(path: string, channels: number): Promise<LoadedImage> {
  const result = await readImage(path, channels);
  if (result instanceof Failure) throw new Error(result.message);
  return result;
}

function expectClose(data: Float32Array, values: readonly number[], tolerance: number): void {
  expect(data.length).toBe(values.length);
  for (const [i, value] of values.entries()) {
    expect(Math.abs((data[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(tolerance);
  }
}

describe('readImage', () => {
  for (const format of ['png', 'tiff'] as const) {
    for (const bits of [8, 16] as const) {
      for (const channels of [1, 2, 3, 4] as const) {
        test(`${format}, ${bits} bits, ${channels} channels: exact for 1, 3 and 4`, async () => {
          const data = samples(channels, bits);
          const image = pixels(data, channels);
          const encoded = format === 'png' ? image.png() : image.tiff({ compression: 'lzw' });
          const path = await save(encoded, `${bits}-${channels}.${format}`);
          const { hasAlpha, depth } = await sharp(path).metadata();
          expect([hasAlpha, depth]).toEqual([channels % 2 === 0, bits === 8 ? 'uchar' : 'ushort']);
          for (const wanted of [1, 3, 4]) {
            const { image: read, notes } = await loaded(path, wanted);
            expect(read.shape).toEqual([wanted, HEIGHT, WIDTH]);
            expectClose(read.data, expected(data, channels, wanted), 1e-7);
            const drops = channels % 2 === 0 && wanted < channels;
            expect(notes).toEqual(drops ? ['its transparency is not used'] : []);
          }
        });
      }
    }
  }

  for (const channels of [1, 3] as const) {
    test(`jpeg, ${channels} channels, as near as its quality`, async () => {
      // A slow ramp, which JPEG keeps.
      const data = Uint8Array.from(
        { length: PIXELS * channels },
        (_, i) => 100 + Math.floor(i / channels) * 2,
      );
      const path = await save(pixels(data, channels).jpeg({ quality: 100 }), `${channels}.jpg`);
      for (const wanted of [1, 3, 4]) {
        const { image } = await loaded(path, wanted);
        expect(image.shape).toEqual([wanted, HEIGHT, WIDTH]);
        expectClose(image.data, expected(data, channels, wanted), 3 / 255);
      }
    });
  }

  test('a palette PNG gives its colours', async () => {
    const data = Uint8Array.from({ length: PIXELS * 3 }, (_, i) =>
      Math.floor(i / 3) % 3 === i % 3 ? 255 : 0,
    );
    const path = await save(pixels(data, 3).png({ palette: true }), 'palette.png');
    expect((await sharp(path).metadata()).isPalette).toBe(true);
    expectClose((await loaded(path, 3)).image.data, expected(data, 3, 3), 0);
    expectClose((await loaded(path, 1)).image.data, expected(data, 3, 1), 1e-7);
  });

  test('a 1-bit TIFF is black and white', async () => {
    const data = Uint8Array.from({ length: PIXELS }, (_, i) => (i % 3 === 0 ? 255 : 0));
    const path = await save(pixels(data, 1).tiff({ bitdepth: 1, compression: 'none' }), 'bits.tiff');
    expectClose((await loaded(path, 1)).image.data, expected(data, 1, 1), 0);
  });

  test('EXIF orientation is applied', async () => {
    const data = samples(1, 8);
    // 6: the picture is shown turned by 90 degrees clockwise.
    const path = await save(pixels(data, 1).withMetadata({ orientation: 6 }).png(), 'turned.png');
    const { image } = await loaded(path, 1);
    expect(image.shape).toEqual([1, WIDTH, HEIGHT]);
    for (let y = 0; y < WIDTH; y++) {
      for (let x = 0; x < HEIGHT; x++) {
        const source = (HEIGHT - 1 - x) * WIDTH + y;
        expect(image.data[y * HEIGHT + x]).toBe(Math.fround((data[source] ?? 0) / 255));
      }
    }
  });

  test('an ICC profile does not change the numbers', async () => {
    const data = samples(3, 8);
    const plain = await sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const path = join(folder, 'p3.png');
    writeFileSync(path, plain);
    const stored = await sharp(plain, { ignoreIcc: true }).raw().toBuffer();
    expect((await sharp(plain).metadata()).hasProfile).toBe(true);
    expectClose((await loaded(path, 3)).image.data, expected(new Uint8Array(stored), 3, 3), 1e-7);
  });

  test('the first page of several is read, with a note', async () => {
    const [first, second] = [samples(3, 8), samples(3, 8).map((value) => 255 - value)];
    const pages = await Promise.all([first, second].map((data) => pixels(data, 3).png().toBuffer()));
    const path = await save(
      sharp(pages, { join: { animated: true } }).tiff({ compression: 'none' }),
      'pages.tiff',
    );
    const { image, notes } = await loaded(path, 3);
    expect(notes).toEqual(['only the first of 2 images was read']);
    expect(image.shape).toEqual([3, HEIGHT, WIDTH]);
    expectClose(image.data, expected(first, 3, 3), 1e-7);
  });

  test('CMYK is refused', async () => {
    const data = new Uint8Array(PIXELS * 3).fill(128);
    const path = await save(pixels(data, 3).toColourspace('cmyk').jpeg({ quality: 100 }), 'cmyk.jpg');
    expect(await readImage(path, 3)).toMatchObject({ code: 'layout-unread', args: { path } });
  });

  /** An uncompressed gray TIFF of 2 x 1 samples, from the format's description. */
  function tiff(bits: number, sampleFormat: number, payload: Uint8Array): Buffer {
    const tags = [
      [256, 2],
      [257, 1],
      [258, bits],
      [259, 1],
      [262, 1],
      [273, 8 + 2 + 9 * 12 + 4],
      [278, 1],
      [279, payload.length],
      [339, sampleFormat],
    ] as const;
    const head = Buffer.alloc(8 + 2 + tags.length * 12 + 4);
    head.write('II*\0', 'latin1');
    head.writeUInt32LE(8, 4);
    head.writeUInt16LE(tags.length, 8);
    for (const [i, [tag, value]] of tags.entries()) {
      head.writeUInt16LE(tag, 10 + 12 * i);
      head.writeUInt16LE(4, 12 + 12 * i);
      head.writeUInt32LE(1, 14 + 12 * i);
      head.writeUInt32LE(value, 18 + 12 * i);
    }
    return Buffer.concat([head, payload]);
  }

  async function refusal(bytes: Uint8Array, channels = 1): Promise<Failure> {
    const path = join(folder, 'bad.png');
    writeFileSync(path, bytes);
    const result = await readImage(path, channels);
    if (!(result instanceof Failure)) throw new Error('was read');
    expect(result.message).not.toMatch(/\n/);
    expect(result.args).toMatchObject({ path });
    return result;
  }

  test('samples of a type without a largest value are used as stored', async () => {
    const path = join(folder, 'samples.tiff');
    for (const [bits, format, payload, values] of [
      [16, 2, Int16Array.of(-300, 1000), [-300, 1000]],
      [32, 1, Uint32Array.of(3, 2 ** 31), [3, 2 ** 31]],
      [32, 3, Float32Array.of(-1.5, 1e6), [-1.5, 1e6]],
      [16, 1, Uint16Array.of(256, 65535), [256 / 65535, 1]],
    ] as const) {
      writeFileSync(path, tiff(bits, format, new Uint8Array(payload.buffer)));
      expectClose((await loaded(path, 1)).image.data, values, 1e-7);
    }
  });

  test('empty, other and damaged files', async () => {
    expect(await refusal(new Uint8Array(0))).toMatchObject({ code: 'file-empty' });
    expect(await refusal(new TextEncoder().encode('not an image, by far'))).toMatchObject({
      code: 'header-damaged',
    });
    const noise = await sharp(Buffer.from(samples(1, 16).buffer), {
      raw: { width: 6, height: 5, channels: 1 },
    })
      .resize(120, 100)
      .png()
      .toBuffer();
    const codes = ['elements-damaged', 'elements-missing', 'header-damaged'];
    expect(codes).toContain((await refusal(noise.subarray(0, noise.length / 2))).code);
    const jpeg = await sharp(noise).jpeg().toBuffer();
    expect(codes).toContain((await refusal(jpeg.subarray(0, jpeg.length / 2))).code);
  });

  test('other channel counts point to .npy', async () => {
    const path = await save(pixels(samples(3, 8), 3).png(), 'rgb.png');
    expect(await readImage(path, 5)).toEqual(failure('channels-mismatch', { path, channels: 3, network: 5 }));
  });

  test('a missing file and a folder', async () => {
    const path = join(folder, 'missing.png');
    expect(await readImage(path, 1)).toEqual(failure('file-unreadable', { path, cause: 'ENOENT' }));
    expect(await readImage(folder, 1)).toEqual(failure('file-unreadable', { path: folder, cause: 'EISDIR' }));
  });
});

describe('masks', () => {
  const mask = (output: Tensor, threshold?: number) => {
    const result = maskOf(output, threshold);
    if (result instanceof Failure) throw new Error(result.message);
    return result;
  };

  /** The gray samples of a PNG, and that it is one. */
  async function gray(path: string): Promise<number[]> {
    const { format, channels, depth } = await sharp(path).metadata();
    expect([format, channels, depth]).toEqual(['png', 1, 'uchar']);
    return Array.from(await sharp(path).toColourspace('b-w').raw().toBuffer());
  }

  test('the largest channel wins, the first of equals', () => {
    const data = Float32Array.of(0.5, 0.2, 0.3, -1, 0.5, 0.7, 0.3, -3, 0, 0.1, 0.4, -2);
    expect(mask({ shape: [3, 2, 2], data })).toEqual({
      shape: [2, 2],
      data: Uint8Array.of(0, 1, 2, 0),
      classes: 3,
    });
  });

  test('one channel is above the threshold or not', () => {
    const output = { shape: [1, 4], data: Float32Array.of(0.5, 0.6, -0.1, 0.1) };
    expect(mask(output)).toEqual({ shape: [4], data: Uint8Array.of(0, 1, 0, 0), classes: 2 });
    expect(mask(output, 0).data).toEqual(Uint8Array.of(1, 1, 0, 1));
  });

  test('labels as they are and spread over the grays', async () => {
    const labels = { shape: [2, 3], data: Uint8Array.of(0, 1, 2, 3, 4, 0), classes: 5 };
    const path = join(folder, 'out/mask.png');
    expect(await writeMask(path, labels, { labels: 'index' })).toBeUndefined();
    expect(await gray(path)).toEqual([0, 1, 2, 3, 4, 0]);
    expect(await writeMask(path, labels)).toBeUndefined();
    expect(await gray(path)).toEqual([0, 64, 128, 191, 255, 0]);
    expect(await writeMask(path, labels, { overwrite: false })).toEqual(
      failure('file-unwritable', { path, cause: 'EEXIST' }),
    );
  });

  test('one PNG a class for probabilities', async () => {
    const data = Float32Array.of(0, 1, 0.5, 0.2, 1, -0.1, 1.5, 0.998);
    const pathOf = (k: number) => join(folder, `out/class-${k}.png`);
    expect(await writeProbabilities(pathOf, { shape: [2, 1, 4], data })).toBeUndefined();
    expect(await gray(pathOf(0))).toEqual([0, 255, 128, 51]);
    expect(await gray(pathOf(1))).toEqual([255, 0, 255, 254]);
  });

  test('what a PNG cannot hold', async () => {
    const volume = { shape: [2, 2, 2], data: new Uint8Array(8), classes: 2 };
    expect(await writeMask(join(folder, 'volume.png'), volume)).toEqual(
      failure('mask-not-2d', { shape: [2, 2, 2] }),
    );
    const wide = maskOf({ shape: [300, 1], data: new Float32Array(300).fill(1, 299) });
    expect(wide).toMatchObject({ classes: 300, data: Uint16Array.of(299) });
    expect(maskOf({ shape: [65537, 1], data: new Float32Array(65537) })).toEqual(
      failure('too-many-classes', { classes: 65537, limit: 65536 }),
    );
  });
});
