import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { readArray } from '../../src/formats/read.js';
import type { ArrayHeader, AxisName } from '../../src/formats/stored-array.js';
import { gather } from '../../src/images/gather.js';
import type { SliceAxis } from '../../src/images/image-layout.js';
import { layoutOf } from '../../src/images/image-layout.js';
import { imageArray } from '../../src/images/read-image.js';
import { freshFolder, ok, put } from '../data/folder.js';
import { elementAt, positions, type Sizes, stored } from './stored.js';

type Format = ArrayHeader['format'];

/** Which axes an image has, which its channels are, and along which the images lie. */
interface Wanted {
  readonly image: readonly AxisName[];
  readonly channel?: AxisName;
  readonly along?: readonly AxisName[];
}

const [t, p, c, z, y, x] = [
  ['time', 3],
  ['page', 4],
  ['channel', 2],
  ['z', 5],
  ['y', 6],
  ['x', 7],
] as const;
const one = (name: AxisName) => [name, 1] as const;

const slices: readonly (readonly [SliceAxis, readonly AxisName[]])[] = [
  ['z', ['y', 'x']],
  ['y', ['z', 'x']],
  ['x', ['z', 'y']],
];
const volumes: readonly Format[] = ['NIfTI-1', 'NIfTI-2', 'MGH', 'NRRD', 'MetaImage'];
const flat = { image: ['y', 'x'] } as const;
const deep = { image: ['z', 'y', 'x'] } as const;
const unnamed = (...sizes: number[]): Sizes => sizes.map((size) => ['unnamed', size]);

const table: readonly (readonly [Format, Sizes, 2 | 3, SliceAxis | undefined, Wanted | undefined])[] = [
  // TIFF: pages, and the hyperstacks of ImageJ and OME.
  ['TIFF', [y, x], 2, undefined, flat],
  ['TIFF', [c, y, x], 2, undefined, { ...flat, channel: 'channel' }],
  ['TIFF', [p, y, x], 2, undefined, { ...flat, along: ['page'] }],
  ['TIFF', [p, c, y, x], 2, undefined, { ...flat, channel: 'channel', along: ['page'] }],
  ['TIFF', [p, y, x], 3, undefined, { image: ['page', 'y', 'x'] }],
  ['TIFF', [p, c, y, x], 3, undefined, { image: ['page', 'y', 'x'], channel: 'channel' }],
  ['TIFF', [z, y, x], 3, undefined, deep],
  ['TIFF', [z, y, x], 2, undefined, { ...flat, along: ['z'] }],
  ['TIFF', [t, y, x], 2, undefined, { ...flat, along: ['time'] }],
  ['TIFF', [t, y, x], 3, undefined, { image: ['time', 'y', 'x'] }],
  ['TIFF', [c, z, y, x], 3, undefined, { ...deep, channel: 'channel' }],
  ['TIFF', [t, c, z, y, x], 3, undefined, { ...deep, channel: 'channel', along: ['time'] }],
  ['TIFF', [t, c, z, y, x], 2, undefined, { ...flat, channel: 'channel', along: ['time', 'z'] }],
  ['TIFF', [t, p, c, y, x], 3, undefined, { image: ['page', 'y', 'x'], channel: 'channel', along: ['time'] }],
  ['TIFF', [p, y, x], 2, 'x', undefined],
  ['TIFF', [y, x], 3, undefined, undefined],
  ['PNG', [y, x], 3, undefined, undefined],
  ['GIF', [p, y, x], 2, undefined, { ...flat, along: ['page'] }],
  // Volumes: time is what networks call channels, slices lie along any axis.
  ...volumes.flatMap((format): (typeof table)[number][] => [
    [format, [y, x], 2, undefined, flat],
    [format, [z, y, x], 3, undefined, deep],
    [format, [one('z'), y, x], 3, undefined, deep],
    [format, [one('z'), y, x], 2, undefined, flat],
    [format, [t, z, y, x], 3, undefined, { ...deep, channel: 'time' }],
    [format, [t, one('z'), y, x], 2, undefined, { ...flat, channel: 'time' }],
    [format, [c, z, y, x], 3, undefined, { ...deep, channel: 'channel' }],
    [format, [one('time'), c, z, y, x], 3, undefined, { ...deep, channel: 'channel' }],
    [format, [t, c, z, y, x], 3, undefined, undefined],
    [format, [y, x], 3, undefined, undefined],
    [format, [y, x], 2, 'y', undefined],
    ...slices.flatMap(([axis, image]): (typeof table)[number][] => [
      [format, [z, y, x], 2, axis, { image, along: [axis] }],
      [format, [t, z, y, x], 2, axis, { image, channel: 'time', along: [axis] }],
      [format, [c, z, y, x], 2, axis, { image, channel: 'channel', along: [axis] }],
    ]),
  ]),
  ['HDF5', [c, z, y, x], 3, undefined, { ...deep, channel: 'channel' }],
  ['OME-Zarr', [t, c, z, y, x], 3, undefined, { ...deep, channel: 'channel', along: ['time'] }],
];

describe.each(table)('%s %j, %i axes, slices along %s', (format, sizes, rank, sliceAxis, wanted) => {
  test('each number is where the names of the axes say', () => {
    const array = imageArray(stored(format, sizes), { rank, ...(sliceAxis ? { sliceAxis } : {}) });
    if (wanted === undefined) {
      const [shape, axes] = [sizes.map(([, size]) => size), sizes.map(([name]) => name)];
      const args = { path: 'a', shape, axes, rank, sliceAxis };
      expect(array).toMatchObject({ code: 'unexpected-axes', args });
      // What the message advises: pages and pictures are images by themselves.
      const { help = '' }: { help?: string } = { ...Object(array) };
      expect(/leave --axis out/.test(help)).toBe(rank === 2 && sliceAxis !== undefined);
      if (/leave --axis out/.test(help)) ok(layoutOf(stored(format, sizes).header, { rank }));
      return;
    }
    const { layout, data } = ok(array);
    const sizeOf = (name: AxisName) => sizes.find((axis) => axis[0] === name)?.[1] ?? 1;
    const spatial = wanted.image.map(sizeOf);
    const along = wanted.along ?? [];
    expect(layout).toMatchObject({ spatial, along, samples: wanted.channel ? sizeOf(wanted.channel) : 1 });
    const images = positions(along.map(sizeOf));
    expect(layout.images).toBe(images.length);
    for (const [image, place] of images.entries()) {
      for (let sample = 0; sample < layout.samples; sample++) {
        const read = new Float64Array(spatial.reduce((a, b) => a * b));
        gather(data, layout, { image, sample }, read);
        const right = positions(spatial).map((at) =>
          elementAt(sizes, {
            ...Object.fromEntries(wanted.image.map((name, i) => [name, at[i]])),
            ...Object.fromEntries(along.map((name, i) => [name, place[i]])),
            ...(wanted.channel ? { [wanted.channel]: sample } : {}),
          }),
        );
        expect([...read]).toEqual(right);
      }
    }
  });
});

describe('arrays without names for their axes', () => {
  test.each([
    [[6, 7], 2, [6, 7], 1],
    [[3, 6, 7], 2, [6, 7], 3],
    [[1, 3, 6, 7], 2, [6, 7], 3],
    [[5, 6, 7], 3, [5, 6, 7], 1],
    [[3, 5, 6, 7], 3, [5, 6, 7], 3],
    [[1, 3, 5, 6, 7], 3, [5, 6, 7], 3],
  ])('%j with %i axes', (sizes, rank, spatial, samples) => {
    for (const format of ['NPY', 'NPZ', 'HDF5'] as const) {
      const { layout, data } = ok(imageArray(stored(format, unnamed(...sizes)), { rank }));
      expect(layout).toMatchObject({ spatial, samples, images: 1 });
      const count = spatial.reduce((a, b) => a * b);
      for (let sample = 0; sample < samples; sample++) {
        const read = new Float64Array(count);
        gather(data, layout, { image: 0, sample }, read);
        expect([...read]).toEqual(Array.from({ length: count }, (_, i) => sample * count + i));
      }
    }
  });

  test.each([
    [[7], 2],
    [[2, 3, 6, 7], 2],
    [[1, 1, 3, 6, 7], 2],
    [[6, 7], 3],
    [[0, 7], 2],
    [[3, 6, 0], 2],
  ])('%j with %i axes is refused', (sizes, rank) => {
    const names = sizes.map(() => 'unnamed');
    expect(layoutOf(stored('NPY', unnamed(...sizes)).header, { rank })).toMatchObject({
      code: 'unexpected-axes',
      args: { shape: sizes, axes: names },
    });
  });
});

test('an array is not cut along x: its axes have no names', () => {
  const refused = layoutOf(stored('NPY', unnamed(4, 5, 6)).header, { rank: 2, sliceAxis: 'x' });
  expect(refused).toMatchObject({
    code: 'unexpected-axes',
    args: { axes: ['unnamed', 'unnamed', 'unnamed'], sliceAxis: 'x' },
    help: expect.stringMatching(/NIfTI/),
  });
});

/** The stored row and column that each orientation of EXIF shows at (r, c), for h stored rows and w stored columns. */
const shownAt: Readonly<Record<number, (r: number, c: number, h: number, w: number) => [number, number]>> = {
  1: (row, column) => [row, column],
  2: (row, column, _, w) => [row, w - 1 - column],
  3: (row, column, h, w) => [h - 1 - row, w - 1 - column],
  4: (row, column, h) => [h - 1 - row, column],
  5: (row, column) => [column, row],
  6: (row, column, h) => [h - 1 - column, row],
  7: (row, column, h, w) => [h - 1 - column, w - 1 - row],
  8: (row, column, _, w) => [column, w - 1 - row],
};

describe.each(Object.keys(shownAt).map(Number))('orientation %i', (orientation) => {
  const [h, w] = [3, 5];
  const [rows, columns] = orientation > 4 ? [w, h] : [h, w];
  const shown = positions([rows, columns]).map(
    ([row = 0, column = 0]) => shownAt[orientation]?.(row, column, h, w) ?? [],
  );

  test('pages and samples as explicit loops show them', () => {
    const sizes: Sizes = [
      ['page', 2],
      ['channel', 3],
      ['y', h],
      ['x', w],
    ];
    const notes = [{ kind: 'turned-when-shown', orientation }] as const;
    const { layout, data } = ok(imageArray(stored('TIFF', sizes, { notes }), { rank: 2 }));
    expect(layout).toMatchObject({ spatial: [rows, columns], images: 2, samples: 3 });
    for (const [image = 0, sample = 0] of positions([2, 3])) {
      const read = new Float64Array(h * w);
      gather(data, layout, { image, sample }, read);
      expect([...read]).toEqual(
        shown.map(([row = 0, column = 0]) =>
          elementAt(sizes, { page: image, channel: sample, y: row, x: column }),
        ),
      );
    }
  });

  test.each(['png', 'tiff'] as const)('of a %s file, as sharp turns it', async (format) => {
    const raw = { width: w, height: h, channels: 1 } as const;
    const pixels = Uint8Array.from({ length: h * w }, (_, i) => 10 * i);
    const image = sharp(pixels, { raw }).toColourspace('b-w').withMetadata({ orientation });
    const bytes = await image[format](format === 'tiff' ? { compression: 'none' } : {}).toBuffer();
    const path = put(`${freshFolder()}/a.${format}`, bytes);
    const array = await readArray(path);
    if (array instanceof Failure) throw new Error(array.message);
    const { layout, data } = ok(imageArray(array, { rank: 2 }));
    const read = new Float64Array(h * w);
    gather(data, layout, { image: 0, sample: 0 }, read);
    expect([...read]).toEqual(shown.map(([row = 0, column = 0]) => pixels[row * w + column]));
    const turned = await sharp(bytes).rotate().extractChannel(0).raw().toBuffer();
    expect([...read]).toEqual([...turned]);
  });
});
