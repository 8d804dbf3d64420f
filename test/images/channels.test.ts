import { describe, expect, test } from 'vitest';
import type { ArrayHeader, Colour, Palette } from '../../src/formats/stored-array.js';
import { coloursOf, imageArray, imageOf } from '../../src/images/read-image.js';
import { ok } from '../data/folder.js';
import { type Sizes, stored } from './stored.js';

/** Four pixels of each kind: the stored numbers, channel by channel. */
const gray = [0, 51, 102, 255];
const red = [255, 0, 51, 10];
const green = [0, 255, 102, 20];
const blue = [51, 102, 204, 30];
const alpha = [0, 255, 128, 255];
const unit = (values: readonly number[]) => values.map((value) => Math.fround(value / 255));
const ones = [1, 1, 1, 1];
/** BT.601. */
const luma = red.map((r, i) =>
  Math.fround((0.299 * r + 0.587 * (green[i] ?? 0) + 0.114 * (blue[i] ?? 0)) / 255),
);
const bands = (count: number) => Array.from({ length: count }, (_, k) => [k, k + 50, k + 100, k + 150]);

interface Kind {
  readonly name: string;
  readonly colour: Colour;
  readonly planes: readonly (readonly number[])[];
  readonly palette?: Palette;
  /** By the channels of the network; others are refused. */
  readonly read: Readonly<Record<number, readonly (readonly number[])[]>>;
}

const palette = (colours: readonly (readonly number[])[]): Palette => ({ bits: 8, colours });

const kinds: readonly Kind[] = [
  {
    name: 'gray',
    colour: 'none',
    planes: [gray],
    read: {
      1: [unit(gray)],
      3: [unit(gray), unit(gray), unit(gray)],
      4: [unit(gray), unit(gray), unit(gray), ones],
    },
  },
  {
    name: 'gray with alpha',
    colour: 'gray-alpha',
    planes: [gray, alpha],
    read: {
      1: [unit(gray)],
      2: [unit(gray), unit(alpha)],
      3: [unit(gray), unit(gray), unit(gray)],
      4: [unit(gray), unit(gray), unit(gray), unit(alpha)],
    },
  },
  {
    name: 'colours',
    colour: 'rgb',
    planes: [red, green, blue],
    read: {
      1: [luma],
      3: [unit(red), unit(green), unit(blue)],
      4: [unit(red), unit(green), unit(blue), ones],
    },
  },
  {
    name: 'colours with alpha',
    colour: 'rgba',
    planes: [red, green, blue, alpha],
    read: {
      1: [luma],
      3: [unit(red), unit(green), unit(blue)],
      4: [unit(red), unit(green), unit(blue), unit(alpha)],
    },
  },
  {
    name: 'a palette of colours',
    colour: 'palette',
    planes: [[3, 0, 1, 2]],
    palette: palette([0, 1, 2, 3].map((i) => [red, green, blue].map((plane) => plane[(i + 1) % 4] ?? 0))),
    read: {
      1: [luma],
      3: [unit(red), unit(green), unit(blue)],
      4: [unit(red), unit(green), unit(blue), ones],
    },
  },
  {
    name: 'a palette of grays',
    colour: 'palette',
    planes: [[3, 2, 1, 0]],
    palette: palette(gray.toReversed().map((value) => [value, value, value])),
    read: {
      1: [unit(gray)],
      3: [unit(gray), unit(gray), unit(gray)],
      4: [unit(gray), unit(gray), unit(gray), ones],
    },
  },
  {
    name: 'a palette of colours with alpha',
    colour: 'palette',
    planes: [[3, 0, 1, 2]],
    palette: palette(
      [0, 1, 2, 3].map((i) => [red, green, blue, alpha].map((plane) => plane[(i + 1) % 4] ?? 0)),
    ),
    read: {
      1: [luma],
      3: [unit(red), unit(green), unit(blue)],
      4: [unit(red), unit(green), unit(blue), unit(alpha)],
    },
  },
  {
    name: 'a palette of grays with alpha',
    colour: 'palette',
    planes: [[3, 2, 1, 0]],
    palette: palette(gray.map((value, i) => [value, value, value, alpha[i] ?? 0]).toReversed()),
    read: {
      1: [unit(gray)],
      2: [unit(gray), unit(alpha)],
      3: [unit(gray), unit(gray), unit(gray)],
      4: [unit(gray), unit(gray), unit(gray), unit(alpha)],
    },
  },
  {
    name: 'a palette whose alpha hides nothing',
    colour: 'palette',
    planes: [[0, 1, 2, 9]],
    palette: palette(gray.map((value) => [value, value, value, 255])),
    read: { 1: [unit([0, 51, 102, 0])] },
  },
  {
    name: 'an index beyond the palette is black',
    colour: 'palette',
    planes: [[0, 1, 2, 9]],
    palette: palette([
      [255, 255, 255],
      [51, 51, 51],
      [0, 0, 0],
    ]),
    read: { 1: [unit([255, 51, 0, 0])] },
  },
  ...[2, 3, 4, 5, 6, 13].map(
    (count): Kind => ({
      name: `${count} samples without a meaning`,
      colour: count === 3 ? 'none' : 'samples',
      planes: bands(count),
      read: { [count]: bands(count).map(unit) },
    }),
  ),
  // Inks and other spaces of colours are not what a network of gray or RGB images takes.
  { name: 'four inks', colour: 'cmyk', planes: bands(4), read: { 4: bands(4).map(unit) } },
  { name: 'CIELAB', colour: 'cielab', planes: bands(3), read: { 3: bands(3).map(unit) } },
  {
    name: 'colours and two more samples',
    colour: 'samples',
    planes: bands(5),
    read: { 5: bands(5).map(unit) },
  },
];

describe.each(kinds)('$name', ({ colour, planes, palette: own, read }) => {
  const sizes: Sizes = [
    ...(planes.length > 1 ? ([['channel', planes.length]] as const) : []),
    ['y', 2],
    ['x', 2],
  ];
  const partial: Partial<ArrayHeader> = { type: 'uint8', colour, ...(own ? { palette: own } : {}) };

  test.each([1, 2, 3, 4, 5, 6, 7, 13])('for %i channels', (channels) => {
    if (own && Object.keys(read).length === 1 && channels !== 1) return;
    const array = coloursOf(ok(imageArray(stored('TIFF', sizes, partial, planes.flat()), { rank: 2 })));
    const image = imageOf(array, 0, channels);
    const wanted = read[channels];
    if (wanted === undefined) {
      expect(image).toMatchObject({ code: 'channels-mismatch', args: { path: 'a', network: channels } });
      return;
    }
    const { shape, data } = ok(image);
    expect(shape).toEqual([channels, 2, 2]);
    expect([...data]).toEqual(wanted.flat().map((value) => expect.closeTo(value, 6)));
  });
});

test.each([
  'NPY',
  'NIfTI-1',
  'NRRD',
  'MetaImage',
  'HDF5',
] as const)('the channels of %s are never repeated, mixed or dropped', (format) => {
  for (let own = 1; own <= 5; own++) {
    const sizes: Sizes =
      format === 'NPY'
        ? [own, 2, 2].map((size) => ['unnamed', size] as const)
        : [
            ['channel', own],
            ['y', 2],
            ['x', 2],
          ];
    const array = ok(imageArray(stored(format, sizes, { type: 'float32' }), { rank: 2 }));
    for (let channels = 1; channels <= 5; channels++) {
      const image = imageOf(coloursOf(array), 0, channels);
      if (channels !== own) expect(image).toMatchObject({ code: 'channels-mismatch' });
      else expect([...ok(image).data]).toEqual(Array.from({ length: 4 * own }, (_, i) => i));
    }
  }
});

test.each<[Sizes, number, readonly number[] | undefined]>([
  [
    [
      ['unnamed', 4],
      ['unnamed', 5],
      ['unnamed', 3],
    ],
    3,
    [4, 5, 3],
  ],
  [
    [
      ['unnamed', 4],
      ['unnamed', 5],
      ['unnamed', 3],
    ],
    2,
    undefined,
  ],
  [
    [
      ['channel', 4],
      ['y', 5],
      ['x', 3],
    ],
    3,
    undefined,
  ],
])('%j for %i channels: channels that are the last axis are told, as %j', (sizes, channels, shape) => {
  const array = ok(imageArray(stored('NPY', sizes), { rank: 2 }));
  const failed = imageOf(array, 0, channels);
  expect(failed).toMatchObject({ code: 'channels-mismatch', args: { channels: 4, network: channels } });
  expect('args' in failed ? failed.args : {}).toEqual(
    expect.objectContaining(shape === undefined ? {} : { shape }),
  );
  if (shape === undefined && 'args' in failed) expect(failed.args).not.toHaveProperty('shape');
});
