import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { filesBelow, freshFolder } from './folder.js';

/** How many bytes the disk still takes. */
const disk = vi.hoisted(() => ({ free: 0 }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (descriptor: number, bytes: Uint8Array, offset: number, length: number) => {
    disk.free -= length;
    if (disk.free >= 0) return fs.writeSync(descriptor, bytes, offset, length);
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28 });
  };
  return { ...fs, writeSync };
});

const { writeCellSet } = await import('../../src/data/synthetic/write-cell-set.js');
const settings = { shape: [32, 32], spacing: [1, 1], radius: 8, seed: 0, bits: 8, classes: 2 } as const;

test('a full disk is one clear failure, and the new files are removed', async () => {
  const folder = freshFolder();
  const done: number[] = [];
  const write = (name: string) => {
    disk.free = 5000;
    const onProgress = (count: number) => done.push(count);
    return writeCellSet({ ...settings, count: 40, folder: join(folder, name), onProgress });
  };
  const full = { message: expect.stringMatching(/cells-0\d\d\.png: the disk is full$/) };
  expect(await write('new')).toMatchObject(full);
  expect(done.length).toBeGreaterThan(1);
  expect(existsSync(join(folder, 'new'))).toBe(false);
  mkdirSync(join(folder, 'empty'));
  expect(await write('empty')).toMatchObject(full);
  expect(existsSync(join(folder, 'empty'))).toBe(true);
  expect(filesBelow(folder)).toEqual([]);
});
