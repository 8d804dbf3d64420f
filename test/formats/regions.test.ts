import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { cutRegion } from '../../src/formats/axis-order.js';
import { readArray, readHeader, readRegion, withOpened } from '../../src/formats/read.js';
import { ByteSource } from '../../src/formats/source.js';
import { sizesOf } from '../../src/formats/stored-array.js';
import { Tag } from '../../src/formats/tiff/directory.js';
import { ForwardInflate } from '../../src/formats/volume/forward-inflate.js';
import { directoryBytes, FieldType } from '../../src/formats/write/tiff-directory.js';
import { ok } from '../data/folder.js';
import { allCases } from './mutations.js';

const folder = mkdtempSync(join(tmpdir(), 'unet-regions-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('boxes of files in all formats are parts of the whole', async () => {
  const rng = new Rng(4, 'boxes');
  const byFormat = new Map<string, number>();
  for (const { name, files, refused } of allCases()) {
    if (refused !== undefined || name.includes('#')) continue;
    for (const [file, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), Buffer.from(bytes, 'base64'));
    }
    const path = join(folder, name);
    const whole = await readArray(path);
    const isByParts = await withOpened(path, {}, async (opened) => opened.readRegion !== undefined);
    if (whole instanceof Failure || isByParts !== true) continue;
    const { header, data } = whole;
    const sizes = sizesOf(header.axes);
    const format = `${header.format}${/\.gz$|-z\.|gzip/.test(name) ? ', compressed' : ''}`;
    byFormat.set(format, (byFormat.get(format) ?? 0) + 1);
    for (let i = 0; i < 4; i++) {
      const region = sizes.map((size): readonly [number, number] => {
        const from = rng.index(size);
        return [from, from + 1 + rng.index(size - from)];
      });
      const part = ok(await readRegion(path, region));
      expect(part.data, `${name} ${JSON.stringify(region)}`).toEqual(
        cutRegion(data, header.type, sizes, region),
      );
      expect(sizesOf(part.header.axes)).toEqual(region.map(([from, to]) => to - from));
    }
  }
  const formats = [
    ...['NIfTI-1', 'NIfTI-1, compressed', 'NRRD', 'NRRD, compressed', 'MetaImage'],
    ...['MetaImage, compressed', 'NPY', 'TIFF'],
  ];
  for (const format of formats) expect([format, byFormat.get(format) ?? 0]).not.toEqual([format, 0]);
});

describe('a compressed stream that is read from the front to the back', () => {
  const rng = new Rng(8, 'stream');
  const plain = Buffer.from(Uint8Array.from({ length: 900_000 }, (_, i) => (i >> 12) % 3 || rng.index(9)));
  const opened = (name: string, bytes: Uint8Array, use: (source: ByteSource) => Promise<undefined>) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return ByteSource.open(path, use);
  };
  const cut = Math.floor(plain.length / 3);
  test.each([
    ['gzip', 'gzip', 0, gzipSync(plain)],
    ['zlib after a header', 'zlib', 100, Buffer.concat([Buffer.alloc(100), deflateSync(plain)])],
    [
      'two members',
      'gzip',
      0,
      Buffer.concat([gzipSync(plain.subarray(0, cut)), gzipSync(plain.subarray(cut))]),
    ],
    ['zeros after its end', 'gzip', 0, Buffer.concat([gzipSync(plain), Buffer.alloc(1000)])],
  ] as const)('%s', async (name, wrapper, start, bytes) => {
    await opened(`${name}.bin`, bytes, async (source) => {
      const stream = new ForwardInflate(source, start, wrapper, plain.length);
      const places = Array.from({ length: 30 }, () => rng.index(plain.length));
      // In order, back, and at random.
      for (const from of [...places.toSorted((a, b) => a - b), 0, ...places.slice(0, 8)]) {
        const length = Math.min(plain.length - from, rng.index(200_000));
        const found = await stream.read(from, length);
        expect(
          Buffer.from(found instanceof Uint8Array ? found : []).equals(plain.subarray(from, from + length)),
        ).toBe(true);
      }
      // Two at once.
      const both = await Promise.all([stream.read(7, 5), stream.read(3, 4)]);
      expect(both).toEqual([new Uint8Array(plain.subarray(7, 12)), new Uint8Array(plain.subarray(3, 7))]);
      return undefined;
    });
  });

  const damaged = gzipSync(plain);
  damaged.writeUInt32LE(1, damaged.length - 8);
  const long = gzipSync(Buffer.concat([plain, Buffer.alloc(2 ** 25)]));
  test.each([
    ['cut off', gzipSync(plain).subarray(0, 30_000)],
    ['of another sum', damaged],
    ['longer by far', long],
  ] as const)('one that is %s is known when its last element is read', async (name, bytes) => {
    await opened(`${name}.gz`, bytes, async (source) => {
      const stream = new ForwardInflate(source, 0, 'gzip', plain.length);
      expect(await stream.read(10, 100)).toEqual(new Uint8Array(plain.subarray(10, 110)));
      expect(await stream.read(plain.length - 50, 50)).toEqual({ reason: expect.any(String) });
      expect(await stream.read(10, 100)).toEqual(new Uint8Array(plain.subarray(10, 110)));
      return undefined;
    });
  });
});

/** A file of `size` bytes that takes no room: `start`, zeros, and `at` positions of single bytes. */
function sparse(
  name: string,
  start: Uint8Array,
  size: number,
  bytes: ReadonlyMap<number, number> = new Map(),
): string {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  writeSync(file, start);
  ftruncateSync(file, size);
  for (const [at, value] of bytes) writeSync(file, Uint8Array.of(value), 0, 1, at);
  closeSync(file);
  return path;
}

function niftiStart(dims: readonly number[]): Buffer {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  for (const [i, dim] of [dims.length, ...dims, 1, 1, 1, 1].slice(0, 8).entries())
    header.writeInt16LE(dim, 40 + 2 * i);
  header.writeInt16LE(16, 70);
  header.writeInt16LE(32, 72);
  header.writeFloatLE(352, 108);
  header.write('n+1\0', 344, 'latin1');
  return header;
}

describe('arrays of more than 4 GB', () => {
  const slices = 4200;
  const plane = 512 * 512;
  const elements = plane * slices;
  const npy = (() => {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${slices}, 512, 512), }`.padEnd(117);
    const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${text}\n`, 'latin1');
    return head;
  })();
  const mha = Buffer.from(
    `ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nDimSize = 512 512 ${slices}\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n`,
  );
  const nrrd = Buffer.from(
    `NRRD0004\ntype: float\ndimension: 3\nsizes: 512 512 ${slices}\nendian: little\nencoding: raw\n\n`,
  );
  test.each([
    ['a.nii', niftiStart([512, 512, slices])],
    ['a.npy', npy],
    ['a.mha', mha],
    ['a.nrrd', nrrd],
  ])('%s: a few planes are read, and the whole is refused', async (name, start) => {
    const at = (z: number, i: number) => start.length + 4 * (z * plane + i);
    // 0x3f800000 is 1.
    const ones = new Map(
      [4100, 4101].flatMap((z) => [[at(z, 9) + 2, 0x80] as const, [at(z, 9) + 3, 0x3f] as const]),
    );
    const path = sparse(name, start, start.length + 4 * elements, ones);
    const header = ok(await readHeader(path));
    expect(sizesOf(header.axes)).toEqual([slices, 512, 512]);
    expect(await readArray(path)).toMatchObject({
      code: 'array-exceeds-memory',
      args: { path, sizes: [slices, 512, 512], bytes: 4 * elements },
    });
    const rows = [
      [4100, 4102],
      [0, 1],
      [8, 11],
    ] as const;
    expect([...ok(await readRegion(path, rows)).data]).toEqual([0, 1, 0, 0, 1, 0]);
    // A header that claims one slice more than the file has.
    const short = sparse(`short-${name}`, start, start.length + 4 * (elements - plane));
    expect(await readHeader(short)).toMatchObject({ code: 'elements-missing' });
    rmSync(path);
    rmSync(short);
  });

  test('a TIFF of 40,000 x 40,000 colours: the tiles of a few rows', async () => {
    const [size, side] = [40_000, 1000];
    const tile = new Uint8Array(3 * 1008 * 1008).fill(9);
    const packed = deflateSync(tile);
    const across = Math.ceil(size / 1008);
    const count = across * across;
    const fields = (offset: number) => [
      { tag: Tag.imageWidth, type: FieldType.long, values: [size] },
      { tag: Tag.imageLength, type: FieldType.long, values: [size] },
      { tag: Tag.bitsPerSample, type: FieldType.short, values: [8, 8, 8] },
      { tag: Tag.compression, type: FieldType.short, values: [8] },
      { tag: Tag.photometric, type: FieldType.short, values: [2] },
      { tag: Tag.samplesPerPixel, type: FieldType.short, values: [3] },
      { tag: Tag.tileWidth, type: FieldType.long, values: [1008] },
      { tag: Tag.tileLength, type: FieldType.long, values: [1008] },
      // Every third tile has bytes, and they share them.
      {
        tag: Tag.tileOffsets,
        type: FieldType.long8,
        values: Array.from({ length: count }, (_, i) => (i % 3 ? 0 : offset)),
      },
      {
        tag: Tag.tileByteCounts,
        type: FieldType.long8,
        values: Array.from({ length: count }, (_, i) => (i % 3 ? 0 : packed.length)),
      },
    ];
    const head = Buffer.from([0x49, 0x49, 43, 0, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0]);
    const length = directoryBytes(fields(0), 16, { big: true, hasNext: false }).length;
    const directory = directoryBytes(fields(16 + length), 16, { big: true, hasNext: false });
    const path = join(folder, 'slide.tif');
    writeFileSync(path, Buffer.concat([head, directory, packed]));
    expect(ok(await readHeader(path)).axes.map((axis) => axis.size)).toEqual([3, size, size]);
    expect(await readArray(path)).toMatchObject({ code: 'array-exceeds-memory' });
    const y = [21_168 - side, 21_168 + side] as const;
    const { data } = ok(await readRegion(path, [[1, 2], y, [0, 1]]));
    const wanted = (row: number) => ((Math.floor(row / 1008) * across) % 3 === 0 ? 9 : 0);
    expect([...data]).toEqual(Array.from({ length: 2 * side }, (_, i) => wanted(y[0] + i)));
    expect([data[0], data.at(-1)]).toEqual([0, 9]);
  });
});
