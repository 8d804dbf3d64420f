import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { cutRegion } from '../../src/formats/axis-order.js';
import { elementBytes, newData, type StoredType } from '../../src/formats/element.js';
import type { WorldGeometry } from '../../src/formats/geometry.js';
import { readArray } from '../../src/formats/read.js';
import { type ArrayHeader, type AxisName, countOf, sizesOf } from '../../src/formats/stored-array.js';
import { deflatePieces } from '../../src/formats/write/deflate-pieces.js';
import { type BoxedArray, checkWritable, encodeBoxes } from '../../src/formats/write.js';
import { writeFilesAtomically } from '../../src/runtime/files/write-file.js';
import { ok } from '../data/folder.js';
import { stored } from '../images/stored.js';

const folder = mkdtempSync(join(tmpdir(), 'unet-boxes-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Watched extends BoxedArray {
  readonly data: ReturnType<typeof newData>;
  readonly largest: () => number;
}

/** An array of patches and noise whose boxes are watched. */
function watched(
  type: StoredType,
  sizes: readonly (readonly [AxisName, number])[],
  extra: Partial<ArrayHeader> = {},
): Watched {
  const { header } = stored('TIFF', [], { type });
  const own: ArrayHeader = { ...header, axes: sizes.map(([name, size]) => ({ name, size })), ...extra };
  const rng = new Rng(3, 'elements');
  const data = newData(type, countOf(sizesOf(own.axes)));
  for (let i = 0; i < data.length; i++) {
    const value = (i >> 9) % 5 === 0 ? rng.index(200) : (i >> 12) % 7;
    data[i] = value as never; // the element type of `data`
  }
  let largest = 0;
  return {
    ...{ header: own, data, largest: () => largest },
    boxes: (region) => {
      largest = Math.max(largest, countOf(region.map(([from, to]) => to - from)));
      return cutRegion(data, type, sizesOf(own.axes), region);
    },
  };
}

function write(path: string, array: BoxedArray): void {
  expect(writeFilesAtomically([ok(encodeBoxes(path, array))])).toBeUndefined();
}

describe('deflate in pieces', () => {
  const rng = new Rng(5, 'pieces');
  const noise = Uint8Array.from({ length: 70_000 }, () => rng.index(4));
  const pieces: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['nothing', []],
    ['empty pieces', [new Uint8Array(0), new Uint8Array(0)]],
    ['one piece', [noise]],
    ['pieces that repeat each other', [noise, noise, noise.subarray(1, 5), new Uint8Array(0), noise]],
    ['many small pieces', Array.from({ length: 300 }, (_, i) => noise.subarray(i, i + (i % 5)))],
  ];
  test.each(pieces)('%s', (_, parts) => {
    const wanted = Buffer.concat(parts);
    for (const [wrapper, inflate] of [
      ['gzip', gunzipSync],
      ['zlib', inflateSync],
      ['raw', inflateRawSync],
    ] as const) {
      const packed = Buffer.concat([...deflatePieces(parts, wrapper)]);
      // Node checks the sums of gzip and zlib.
      expect(inflate(packed).equals(wanted)).toBe(true);
    }
  });

  test('a piece uses what the one before it has', () => {
    const random = Uint8Array.from({ length: 20_000 }, () => rng.index(256));
    const packed = Buffer.concat([...deflatePieces([random, random], 'raw')]);
    expect(packed.length).toBeLessThan(1.1 * random.length);
  });
});

const large: readonly (readonly [string, StoredType, readonly (readonly [AxisName, number])[]])[] = [
  ...(['nii', 'nii.gz', 'mha', 'nrrd', 'npy', 'tif', 'zarr'] as const).flatMap((ending) =>
    (['uint8', 'uint16', 'int32', 'float32'] as const).map(
      (type) =>
        [
          ending,
          type,
          [
            ['z', Math.ceil(19 / elementBytes[type])],
            ['y', 531],
            ['x', 613],
          ],
        ] as const,
    ),
  ),
  ...(['png', 'tif', 'zarr'] as const).map(
    (ending) =>
      [
        ending,
        'uint8',
        [
          ['y', 2600],
          ['x', 2100],
        ],
      ] as const,
  ),
  ...(['png', 'tif'] as const).map(
    (ending) =>
      [
        ending,
        'uint16',
        [
          ['channel', 3],
          ['y', 1111],
          ['x', 777],
        ],
      ] as const,
  ),
];

describe('arrays larger than what is encoded at once', () => {
  test.each(large)('.%s, %s, %j', async (ending, type, sizes) => {
    const array = watched(type, sizes, sizes[0]?.[0] === 'channel' ? { colour: 'rgb' } : {});
    const path = join(folder, `large.${ending}`);
    write(path, array);
    const { header, data } = ok(await readArray(path));
    const isPlain = ending === 'npy';
    expect(header.axes.map(({ name, size }) => [isPlain ? 'unnamed' : name, size])).toEqual(
      sizes.map(([name, size]) => [isPlain ? 'unnamed' : name, size]),
    );
    expect(header.type).toBe(type);
    expect(Buffer.from(data.buffer, data.byteOffset, data.byteLength).equals(bytesOf(array.data))).toBe(true);
    expect(array.largest()).toBeLessThanOrEqual(2 ** 22);
    expect(array.largest()).toBeLessThan(array.data.length);
    rmSync(path, { recursive: true });
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ReturnType<typeof newData>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

describe('a TIFF', () => {
  test('of tiles is what libtiff reads', async () => {
    const array = watched('uint8', [
      ['y', 1500],
      ['x', 1030],
    ]);
    const path = join(folder, 'tiles.tif');
    write(path, array);
    const { data, info } = await sharp(path).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([1030, 1500, 1]);
    expect(data.equals(bytesOf(array.data))).toBe(true);
  });

  const versionOf = (type: StoredType, side: number): number => {
    const array = {
      header: {
        ...watched(type, []).header,
        axes: [['y', side] as const, ['x', side] as const].map(([name, size]) => ({ name, size })),
      },
      boxes: () => {
        throw new Error('the first bytes need no element');
      },
    };
    const content = ok(encodeBoxes('a.tif', array));
    const [head = new Uint8Array()] = 'chunks' in content ? content.chunks : [];
    return head[2] ?? 0;
  };
  test.each([
    ['uint8', 40_000, 42],
    ['uint8', 65_000, 43],
    ['int32', 40_000, 43],
    ['int32', 30_000, 42],
  ] as const)('of %s, %d on a side, has version %d', (type, side, version) => {
    expect(versionOf(type, side)).toBe(version);
  });

  test('keeps the distance between pixels', async () => {
    const geometry: WorldGeometry = {
      ...{ affine: undefined, orientation: undefined, unit: 'um', spacing: [0.25, 0.5] },
    };
    const path = join(folder, 'spaced.tif');
    const sizes = [['y', 20] as const, ['x', 30] as const];
    write(path, watched('uint8', sizes, { geometry }));
    const { density } = await sharp(path).metadata();
    // Of x, in pixels to an inch.
    expect(density).toBeCloseTo(25_400 / 0.5, -1);
  });
});

describe('an OME-Zarr', () => {
  const axes = [
    { name: 'c', type: 'channel' },
    ...['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'micrometer' })),
  ];
  const transformations = [
    { type: 'scale', values: [1, 2, 0.5, 0.25] },
    { type: 'translation', values: [0, 10, 20, 30] },
  ] as const;
  test.each(['0.4', '0.5'] as const)('of version %s keeps its axes and transformations', async (version) => {
    const imageTransformations = [{ type: 'scale', values: [1, 3, 3, 3] }] as const;
    const geometry: WorldGeometry = {
      ...{ affine: undefined, orientation: undefined, unit: 'um', spacing: [6, 1.5, 0.75] },
      native: { form: 'ome-zarr', version, axes, transformations, imageTransformations },
    };
    const path = join(folder, `kept-${version}.zarr`);
    const sizes = [['z', 40] as const, ['y', 300] as const, ['x', 70] as const];
    const array = watched('uint16', sizes, { geometry });
    write(path, array);
    const { header, data } = ok(await readArray(path));
    expect(bytesOf(data).equals(bytesOf(array.data))).toBe(true);
    const kept = (list: readonly { readonly type: string; readonly values: readonly number[] }[]) =>
      list.map(({ type, values }) => ({ type, values: values.slice(1) }));
    expect(header.geometry).toEqual({
      ...geometry,
      native: {
        ...{ form: 'ome-zarr', version, axes: axes.slice(1) },
        transformations: kept(transformations),
        imageTransformations: kept(imageTransformations),
      },
    });
  });

  test('stores no chunk of zeros, and is replaced as a whole', async () => {
    const path = join(folder, 'labels.zarr');
    const sizes = [['y', 3000] as const, ['x', 1500] as const];
    const { header } = watched('uint8', sizes);
    const one = (at: number): BoxedArray => {
      const data = new Uint8Array(3000 * 1500);
      data[at] = 7;
      return { header, boxes: (region) => cutRegion(data, 'uint8', [3000, 1500], region) };
    };
    for (const [at, chunk] of [
      [0, '0/c/0/0'],
      [2900 * 1500 + 1400, '0/c/2/1'],
    ] as const) {
      write(path, one(at));
      const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const names = files.map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
      expect(names.sort()).toEqual(['0/zarr.json', chunk, 'zarr.json'].sort());
      const { data } = ok(await readArray(path));
      expect(data.indexOf(7 as never)).toBe(at); // the element type of `data`
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('.unet-'))).toEqual([]);
  });

  test('does not replace a folder of something else', () => {
    const path = join(folder, 'other.zarr');
    write(
      path,
      watched('uint8', [
        ['y', 4],
        ['x', 4],
      ]),
    );
    rmSync(join(path, 'zarr.json'));
    writeFileSync(join(path, 'notes.txt'), 'mine');
    const content = ok(
      encodeBoxes(
        path,
        watched('uint8', [
          ['y', 4],
          ['x', 4],
        ]),
      ),
    );
    expect(writeFilesAtomically([content])).toMatchObject({
      code: 'file-unwritable',
      args: { cause: 'EEXIST' },
    });
    expect(readFileSync(join(path, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('leaves the older one where its elements cannot be read', () => {
    const path = join(folder, 'older.zarr');
    const array = watched('uint8', [
      ['y', 40],
      ['x', 40],
    ]);
    write(path, array);
    const before = readdirSync(path, { recursive: true });
    const broken: BoxedArray = {
      header: array.header,
      boxes: () => {
        throw new Error('stop');
      },
    };
    expect(() => writeFilesAtomically([ok(encodeBoxes(path, broken))])).toThrow('stop');
    expect(readdirSync(path, { recursive: true })).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('.unet-'))).toEqual([]);
  });
});

test.each([
  [40_000, 40_000],
  [1_000_001, 2],
])('a PNG of %d x %d is refused before anything is computed', (height, width) => {
  const { header } = watched('uint8', []);
  const axes = [
    { name: 'y', size: height },
    { name: 'x', size: width },
  ] as const;
  expect(checkWritable('a.png', { ...header, axes })).toMatchObject({
    code: 'picture-too-large',
    args: { path: 'a.png', height, width, pixels: 2 ** 30, side: 1_000_000 },
  });
  expect(checkWritable('a.tif', { ...header, axes })).toBeUndefined();
});
