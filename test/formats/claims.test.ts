import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readArray, readHeader } from '../../src/formats/read.js';
import { allCases } from './mutations.js';

const folder = mkdtempSync(join(tmpdir(), 'unet-claims-'));
afterAll(() => rmSync(folder, { recursive: true }));

const cases = allCases();
function bytesOf(name: string): Buffer {
  return Buffer.from(cases.find((one) => one.name === name)?.files[name] ?? '', 'base64');
}

/** The offset of a TIFF's value of a tag in its first directory, which is little-endian and classic. */
function tiffValue(bytes: Buffer, tag: number): number {
  const start = bytes.readUInt32LE(4);
  for (let i = 0; i < bytes.readUInt16LE(start); i++) {
    if (bytes.readUInt16LE(start + 2 + 12 * i) === tag) return start + 2 + 12 * i + 8;
  }
  throw new Error(`no tag ${tag}`);
}

function withTiffSizes(name: string, size: number): Buffer {
  const bytes = bytesOf(name);
  for (const tag of [256, 257, 278]) {
    const at = tiffValue(bytes, tag);
    // The size of a SHORT stands in the first two bytes.
    if (bytes.readUInt16LE(at - 6) === 3) bytes.writeUInt16LE(Math.min(size, 65535), at);
    else bytes.writeUInt32LE(size, at);
  }
  return bytes;
}

function changed(name: string, change: (bytes: Buffer) => void): Buffer {
  const bytes = bytesOf(name);
  change(bytes);
  return bytes;
}

const claims: readonly (readonly [string, Buffer])[] = [
  ['plain.tif', withTiffSizes('type-uint8-le.tif', 60000)],
  ['lzw.tif', withTiffSizes('lzw-p1-uint8-le.tif', 60000)],
  ['deflate.tif', withTiffSizes('deflate-p1-uint8-le.tif', 60000)],
  ['zstd.tif', withTiffSizes('zstd-p1-uint8-le.tif', 60000)],
  ['group4.tif', withTiffSizes('bilevel-group4.tif', 60000)],
  [
    'big.png',
    changed('png-none-8.png', (bytes) => {
      bytes.writeUInt32BE(60000, 16);
      bytes.writeUInt32BE(60000, 20);
    }),
  ],
  [
    'big.gif',
    changed('gif-16.gif', (bytes) => {
      bytes.writeUInt16LE(60000, 6);
      bytes.writeUInt16LE(60000, 8);
      const frame = bytes.indexOf(0x2c, 13);
      bytes.writeUInt16LE(60000, frame + 5);
      bytes.writeUInt16LE(60000, frame + 7);
    }),
  ],
  [
    'big.bmp',
    changed('bmp-rgb.bmp', (bytes) => {
      bytes.writeInt32LE(60000, 18);
      bytes.writeInt32LE(60000, 22);
    }),
  ],
  [
    'big.nii',
    changed('type-int16-le-1.nii', (bytes) => {
      bytes.writeInt16LE(32000, 42);
      bytes.writeInt16LE(32000, 44);
    }),
  ],
  [
    'big.mgh',
    changed('type-int16.mgh', (bytes) => {
      bytes.writeInt32BE(32000, 4);
      bytes.writeInt32BE(32000, 8);
    }),
  ],
  ...(['raw', 'gzip', 'ascii', 'hex'] as const).map(
    (encoding) =>
      [
        `${encoding}.nrrd`,
        Buffer.from(
          bytesOf(`type-int16-${encoding}-little.nrrd`)
            .toString('latin1')
            .replace(/sizes:.*/, 'sizes: 30000 30000 9'),
          'latin1',
        ),
      ] as const,
  ),
  ...(['type-int16.mha', 'type-int16-z.mha'] as const).map(
    (name) =>
      [
        name,
        Buffer.from(
          bytesOf(name)
            .toString('latin1')
            .replace(/DimSize = .*/, 'DimSize = 30000 30000 9'),
          'latin1',
        ),
      ] as const,
  ),
  [
    'big.npy',
    Buffer.from(
      bytesOf('int16-le-C.npy').toString('latin1').replace('(3, 4, 5), }  ', '(30000,30000)}'),
      'latin1',
    ),
  ],
];

test.each(claims)('%s states more than it can hold, and nothing is allocated for it', async (name, bytes) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const before = process.memoryUsage().arrayBuffers;
  expect(await readHeader(path)).toMatchObject({ code: 'elements-missing', args: { path } });
  expect(await readArray(path)).toMatchObject({ code: 'elements-missing', args: { path } });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 2 ** 20);
});

test('a screen of a GIF that no frame fills is refused', async () => {
  const path = join(folder, 'screen.gif');
  const bytes = changed('gif-16.gif', (all) => {
    all.writeUInt16LE(60000, 6);
    all.writeUInt16LE(60000, 8);
  });
  writeFileSync(path, bytes);
  for (const read of [readHeader, readArray]) {
    expect(await read(path)).toMatchObject({ code: 'header-damaged', args: { problem: 'sizes' } });
  }
});

test('a gzip stream that is larger than the volume is not inflated whole', async () => {
  const { gzipSync } = await import('node:zlib');
  const path = join(folder, 'bomb.nii.gz');
  writeFileSync(path, gzipSync(Buffer.concat([bytesOf('type-uint8-le-1.nii'), Buffer.alloc(200 * 2 ** 20)])));
  const before = process.memoryUsage().arrayBuffers;
  expect(await readArray(path)).toMatchObject({ code: 'elements-damaged' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 2 ** 20);
});
