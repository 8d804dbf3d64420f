import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { unet } from '../cli/unet.js';
import { network, recipe, resultsOf, trainArguments, workFolder } from './cells-run.js';

/** A NumPy file of version 1.0 (numpy.lib.format) with a square of little-endian numbers. */
function npy(descr: '<f4' | '|u1', size: number, data: Float32Array | Uint8Array): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${size}, ${size}), }`;
  const header = `${text.padEnd(128 - 10 - 1)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(data.buffer)]);
}

test('an image with a value that is NaN is named before training begins', () => {
  const work = workFolder();
  const size = 32;
  for (const part of ['images', 'masks']) mkdirSync(join(work, 'npy', part), { recursive: true });
  for (const name of ['a', 'b', 'c']) {
    const draws = new Rng(1, name);
    const values = Float32Array.from({ length: size * size }, () => draws.uniform(0, 1));
    const mask = Uint8Array.from(values, (value) => (value > 0.5 ? 1 : 0));
    if (name === 'b') values[40] = Number.NaN;
    writeFileSync(join(work, `npy/images/${name}.npy`), npy('<f4', size, values));
    writeFileSync(join(work, `npy/masks/${name}.npy`), npy('|u1', size, mask));
  }
  writeFileSync(join(work, 'names.txt'), 'a\n');
  const { code, stderr } = unet(trainArguments('out', '-d', 'npy', '--validation', 'names.txt'), work);
  expect(code).toBe(1);
  expect(stderr).toContain('npy/images/b.npy: 1 of 1024 values are NaN');
  expect(stderr).not.toContain('npy/images/a.npy');
  expect(existsSync(join(work, 'out'))).toBe(false);
  rmSync(work, { recursive: true });
});

test('intensities that a network cannot take are named if the loss becomes NaN or infinite', () => {
  const work = workFolder();
  for (const part of ['images', 'masks']) mkdirSync(join(work, 'npy', part), { recursive: true });
  for (const name of ['a', 'b']) {
    const values = Float32Array.from({ length: 32 * 32 }, (_, i) => (i % 3 === 0 ? -2e38 : 1e38));
    writeFileSync(join(work, `npy/images/${name}.npy`), npy('<f4', 32, values));
    writeFileSync(
      join(work, `npy/masks/${name}.npy`),
      npy(
        '|u1',
        32,
        Uint8Array.from(values, (_, i) => i % 2),
      ),
    );
  }
  writeFileSync(join(work, 'names.txt'), 'a\n');
  const { code, stderr } = unet(trainArguments('out', '-d', 'npy', '--validation', 'names.txt'), work);
  expect(code).toBe(1);
  expect(stderr).toMatch(/the loss became /);
  expect(stderr).toMatch(/^help: the values of b go up to 2e\+38/m);
  rmSync(work, { recursive: true });
});

test('a loss that is NaN or infinite stops the training; the last checkpoint stays, and leads there again', () => {
  // Epochs of one step. The first makes weights that are large and still finite, the second does not.
  const spec = network + recipe.replace('lr: 0.01', 'lr: 100').replace(/batch .*/, 'batch = 12');
  const work = workFolder(spec);
  const first = unet(trainArguments('out'), work);
  const report =
    /step (\d+) \(epoch (\d+)[^)]*\); .* step (\d+) \(epoch (\d+)\) .* out\n.*learning rate .*`clip = 1`/;
  expect(first).toMatchObject({ code: 1, stderr: expect.stringMatching(report) });
  const [, step, epoch, kept, keptEpoch] = (report.exec(first.stderr) ?? []).map(Number);
  expect(Number(keptEpoch)).toBe(Number(epoch) - 1);
  expect(Number(kept)).toBeLessThan(Number(step));
  const before = resultsOf(join(work, 'out'));
  expect(unet(trainArguments('out', '--resume'), work)).toMatchObject({ code: 1, stderr: first.stderr });
  expect(resultsOf(join(work, 'out'))).toEqual(before);
  rmSync(work, { recursive: true });
});
