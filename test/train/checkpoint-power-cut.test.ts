import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Failure } from '../../src/diagnostics/failure.js';
import { epochRow } from './epoch-row.js';

/** How many calls to the file system there are before the power is cut. */
const power = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const cut =
    <A extends unknown[], R>(call: (...values: A) => R) =>
    (...values: A): R => {
      if (--power.left < 0) throw new Error('power cut');
      return call(...values);
    };
  return {
    ...fs,
    openSync: cut(fs.openSync),
    // What was written last may be on the disk in part only.
    writeSync: (descriptor: number, bytes: Uint8Array, offset: number, length: number) => {
      if (power.left === 0) fs.writeSync(descriptor, bytes, offset, length >> 1);
      return cut(() => fs.writeSync(descriptor, bytes, offset, length))();
    },
    fsyncSync: cut(fs.fsyncSync),
    renameSync: cut(fs.renameSync),
    // Without power nobody cleans up.
    rmSync: (path: string, options: object) => power.left >= 0 && fs.rmSync(path, options),
  };
});

const { readCheckpoint, writeCheckpoint } = await import('../../src/train/run-folder/checkpoint.js');

function checkpoint(epoch: number) {
  const weights = { name: 'w', shape: [1000], data: new Float32Array(1000).fill(epoch) };
  const epochs = Array.from({ length: epoch }, (_, i) => epochRow(i + 1));
  const progress = { epoch, step: epoch, lossSum: 0, settings: '', best: undefined, epochs };
  return { parameters: [weights], state: [], progress, settings: '' };
}

test('a power cut at any call leaves a checkpoint to continue from', () => {
  const found: number[] = [];
  for (let calls = 0; found.at(-1) !== 4; calls++) {
    const folder = mkdtempSync(join(tmpdir(), 'unet-power-'));
    power.left = Number.POSITIVE_INFINITY;
    writeCheckpoint(folder, checkpoint(1));
    writeCheckpoint(folder, checkpoint(2));
    power.left = calls;
    let isCut = false;
    try {
      writeCheckpoint(folder, checkpoint(3));
    } catch {
      isCut = true;
    }
    isCut ||= power.left < 0;
    power.left = Number.POSITIVE_INFINITY;
    const read = readCheckpoint(folder, checkpoint(1));
    if (!read || read instanceof Failure) throw new Error(`${calls} calls: ${readdirSync(folder)}`);
    const { epoch } = read.checkpoint.progress;
    expect(read.checkpoint.parameters[0]?.data[999]).toBe(epoch);
    // And the next checkpoint is written as if nothing had happened.
    expect(writeCheckpoint(folder, checkpoint(4))).toBeUndefined();
    expect(readCheckpoint(folder, checkpoint(1))).toMatchObject({ notes: [] });
    found.push(isCut ? epoch : 4);
    rmSync(folder, { recursive: true });
  }
  // The second until the last rename, then the third; 4: the power stayed on.
  expect(found.join('')).toMatch(/^2{4,}3+4$/);
});
