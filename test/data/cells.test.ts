import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { placeCells } from '../../src/data/synthetic/cell-positions.js';
import { cellSample } from '../../src/data/synthetic/cell-sample.js';
import { territoriesOf } from '../../src/data/synthetic/territories.js';
import { type CellSetOptions, writeCellSet } from '../../src/data/synthetic/write-cell-set.js';
import { filesBelow, freshFolder, ok } from './folder.js';

const plain = {
  shape: [96, 128],
  spacing: [1, 1],
  radius: 12,
  seed: 3,
  count: 3,
  bits: 8,
  classes: 2,
} as const;

async function made(more: Partial<CellSetOptions> = {}): Promise<string> {
  const folder = join(freshFolder(), 'set');
  ok(await writeCellSet({ ...plain, ...more, folder }));
  return folder;
}

/** The number of connected components of `inside`, with corners, by joining neighbours in a forest. */
function componentsOf(inside: ArrayLike<number>, shape: readonly number[]): number {
  const [d, h, w] = shape.length === 3 ? shape : [1, ...shape];
  const [depth = 1, height = 1, width = 1] = [d, h, w];
  const parent = Int32Array.from({ length: inside.length }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at] ?? 0] ?? 0;
    return at;
  };
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = (z * height + y) * width + x;
        if (!inside[i]) continue;
        for (const dz of [0, 1])
          for (const dy of [-1, 0, 1])
            for (const dx of [-1, 0, 1]) {
              const [nz, ny, nx] = [z + dz, y + dy, x + dx];
              if (nz >= depth || ny < 0 || ny >= height || nx < 0 || nx >= width) continue;
              const j = (nz * height + ny) * width + nx;
              if (inside[j]) parent[root(i)] = root(j);
            }
      }
  return new Set(
    Array.from({ length: inside.length }, (_, i) => i)
      .filter((i) => inside[i])
      .map(root),
  ).size;
}

async function pixels(path: string): Promise<{ values: Uint8Array | Uint16Array; depth: string }> {
  const { depth } = await sharp(path).metadata();
  const wide = depth === 'ushort';
  const image = sharp(path).toColourspace(wide ? 'grey16' : 'b-w');
  const raw = await image.raw({ depth: wide ? 'ushort' : 'uchar' }).toBuffer();
  return { values: wide ? new Uint16Array(new Uint8Array(raw).buffer) : raw, depth };
}

describe('a set of images', () => {
  test('the same seed gives the same bytes, another seed other images', async () => {
    const [a, b, c] = [await made(), await made(), await made({ seed: 4 })];
    const names = filesBelow(a);
    expect(names.length).toBe(10);
    expect(filesBelow(b)).toEqual(names);
    for (const name of names) {
      expect(readFileSync(join(a, name)).equals(readFileSync(join(b, name))), name).toBe(true);
      expect(readFileSync(join(a, name)).equals(readFileSync(join(c, name))), name).toBe(false);
    }
    expect(
      new Set(names.filter((n) => n.startsWith('images')).map((n) => readFileSync(join(a, n), 'hex'))).size,
    ).toBe(3);
  });

  test('a sample does not depend on how many there are, and its pixels are those of every machine', async () => {
    const [few, many] = [await made({ count: 1 }), await made({ count: 2 })];
    const name = 'images/cells-001.png';
    expect(readFileSync(join(few, name)).equals(readFileSync(join(many, name)))).toBe(true);
    // The pixels, not the file: compression may differ between versions of libvips.
    const { values } = await pixels(join(few, name));
    expect(createHash('sha256').update(values).digest('hex')).toBe(
      'beaef9b0d80ad4ea61b9fa323bf019f1b673cb07b3a9c5c476dc75bc60364afb',
    );
  });

  test('the mask has as many connected components as there are cells, each with one number', async () => {
    const folder = await made();
    const { samples, labels } = JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8'));
    expect(labels).toEqual({ background: 0, cell: 1 });
    expect(samples.length).toBe(3);
    for (const { name, cells, touching } of samples) {
      const mask = await pixels(join(folder, `masks/${name}.png`));
      const instances = await pixels(join(folder, `instances/${name}.png`));
      expect([mask.depth, instances.depth]).toEqual(['uchar', 'ushort']);
      expect(cells).toBeGreaterThan(10);
      expect(touching).toBeGreaterThan(10);
      expect(componentsOf(mask.values, plain.shape)).toBe(cells);
      const numbers = new Set(instances.values);
      expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: cells + 1 }, (_, i) => i));
      for (const [i, number] of instances.values.entries()) expect(mask.values[i]).toBe(number > 0 ? 1 : 0);
    }
  });

  test('also if cells are so small that deformation and membranes cut parts off', () => {
    for (const [shape, spacing] of [
      [
        [96, 96],
        [1, 1],
      ],
      [
        [16, 40, 40],
        [2, 1, 1],
      ],
    ] as const) {
      for (let index = 0; index < 12; index++) {
        const { instances, regions, cells } = cellSample({ shape, spacing, radius: 6, seed: 0 }, index);
        expect(componentsOf(instances, shape), `sample ${index} of ${shape}`).toBe(cells);
        expect(instances.every((number, i) => number > 0 === (regions[i] === 1))).toBe(true);
        expect(new Set(instances).size).toBe(cells + 1);
      }
    }
  });

  test('a cell with its membrane is one connected component', () => {
    const [shape, scale, radius] = [[64, 64], [1, 1], 6] as const;
    for (let index = 0; index < 6; index++) {
      const placed = placeCells(shape, radius, 0, `cells/${index}`);
      const { cell, count } = territoriesOf(shape, scale, placed, radius, 0, `cells/${index}`);
      for (let number = 1; number <= count; number++) {
        expect(
          componentsOf(
            cell.map((one) => (one === number ? 1 : 0)),
            shape,
          ),
        ).toBe(1);
      }
    }
  });

  test('between touching cells is a dark membrane of two pixels', () => {
    const { image, regions, instances } = cellSample({ ...plain, shape: [256, 256] }, 0);
    const between: number[] = [];
    const inside: number[] = [];
    const outside: number[] = [];
    for (let i = 0; i + 3 < image.length; i++) {
      const [a = 0, b = 0, c = 0, d = 0] = instances.subarray(i, i + 4);
      if (a > 0 && d > 0 && a !== d && b === 0 && c === 0 && i % 256 < 253) {
        expect([regions[i + 1], regions[i + 2]]).toEqual([2, 2]);
        between.push(image[i + 1] ?? 1, image[i + 2] ?? 1);
      }
      if (regions[i] === 1) inside.push(image[i] ?? 0);
      if (regions[i] === 0) outside.push(image[i] ?? 0);
    }
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(between.length).toBeGreaterThan(500);
    expect(mean(inside) - mean(between)).toBeGreaterThan(0.1);
    expect(mean(inside) - mean(outside)).toBeGreaterThan(0.1);
    // No threshold separates them: light and noise put a part of the outside above a part of the insides.
    const sorted = (values: number[]) => values.sort((x, y) => x - y);
    expect(sorted(outside)[Math.floor(outside.length * 0.95)]).toBeGreaterThan(
      sorted(inside)[Math.floor(inside.length * 0.05)] ?? 1,
    );
  });

  test('16 bits and three classes', async () => {
    const folder = await made({ bits: 16, classes: 3, count: 1 });
    const image = await pixels(join(folder, 'images/cells-001.png'));
    expect(image.depth).toBe('ushort');
    const { image: exact, regions } = cellSample(plain, 0);
    for (const [i, value] of image.values.entries()) {
      expect(Math.abs(value - (exact[i] ?? 0) * 65535)).toBeLessThanOrEqual(0.51);
    }
    const mask = await pixels(join(folder, 'masks/cells-001.png'));
    expect([...mask.values]).toEqual([...regions]);
    expect(new Set(regions)).toEqual(new Set([0, 1, 2]));
  });
});

describe('a set of volumes', () => {
  test('is NIfTI with its spacing, exact labels, gray values from 0 to 1', async () => {
    const shape = [24, 48, 56];
    const folder = await made({ shape, spacing: [2, 1, 1.5], radius: 10, count: 1 });
    // RFC 1952: byte 9 is the operating system, 255 if it is unknown.
    expect(readFileSync(join(folder, 'images/cells-001.nii.gz'))[9]).toBe(255);
    const open = (part: string) => {
      const bytes = new Uint8Array(gunzipSync(readFileSync(join(folder, part, 'cells-001.nii.gz'))));
      return { view: new DataView(bytes.buffer), bytes };
    };
    const image = open('images');
    expect([40, 42, 44, 46].map((at) => image.view.getInt16(at, true))).toEqual([3, 56, 48, 24]);
    expect([80, 84, 88].map((at) => image.view.getFloat32(at, true))).toEqual([1.5, 1, 2]);
    expect(image.view.getInt16(70, true)).toBe(2);
    expect(image.view.getFloat32(112, true) * 255).toBeCloseTo(1, 6);
    expect(image.bytes.length).toBe(352 + 24 * 48 * 56);
    const sample = cellSample({ ...plain, shape, spacing: [2, 1, 1.5], radius: 10 }, 0);
    const instances = new Uint16Array(open('instances').bytes.slice(352).buffer);
    expect(open('instances').view.getInt16(70, true)).toBe(512);
    expect(Buffer.from(instances.buffer).equals(Buffer.from(sample.instances.buffer))).toBe(true);
    const mask = open('masks').bytes.subarray(352);
    expect(componentsOf(mask, shape)).toBe(sample.cells);
    expect(new Set(instances).size).toBe(sample.cells + 1);
    expect(sample.touching).toBeGreaterThan(5);
  });
});

describe('settings that make no set fail, and nothing is written', () => {
  test.each<[Partial<CellSetOptions>, object]>([
    [{ count: 0 }, { setting: 'count', value: 0, most: 1_000_000 }],
    [{ count: 1.5 }, { setting: 'count', value: 1.5 }],
    [{ shape: [8, 64] }, { setting: 'size', shape: [8, 64], least: 16 }],
    [{ shape: [64.5, 64] }, { setting: 'size', shape: [64.5, 64] }],
    [{ shape: [1e5, 1e5] }, { setting: 'positions', positions: 1e10, most: 67108864 }],
    [{ shape: [8000, 8000] }, { setting: 'cells', radius: 12, most: 65535 }],
    [{ spacing: [0, 1] }, { setting: 'spacing', spacing: [0, 1], rank: 2 }],
    [{ spacing: [20, 1] }, { setting: 'thin-cells', spacing: [20, 1], radius: 12 }],
    [{ radius: Number.NaN }, { setting: 'radius', value: Number.NaN, least: 4, most: 1000 }],
    [{ seed: -1 }, { setting: 'seed', value: -1 }],
  ])('%o', async (more, problem) => {
    const folder = join(freshFolder(), 'set');
    const failed = await writeCellSet({ ...plain, ...more, folder });
    expect(failed).toMatchObject({
      code: 'cell-set-setting',
      args: { problem },
      message: expect.not.stringContaining('\n'),
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('a folder that is not empty, or no folder', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    expect(await writeCellSet({ ...plain, folder })).toMatchObject({
      code: 'output-folder-used',
      args: { folder, found: 'files' },
    });
    expect(filesBelow(folder)).toEqual(['mine.txt']);
    const file = join(folder, 'mine.txt');
    expect(await writeCellSet({ ...plain, folder: file })).toMatchObject({
      code: 'output-folder-used',
      args: { folder: file, found: 'a file' },
    });
    const below = join(file, 'set');
    expect(await writeCellSet({ ...plain, folder: below })).toMatchObject({
      message: expect.stringContaining(below),
    });
    mkdirSync(join(folder, 'empty'));
    ok(await writeCellSet({ ...plain, count: 1, folder: join(folder, 'empty') }));
  });
});
