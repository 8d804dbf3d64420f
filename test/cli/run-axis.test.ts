import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArray } from '../../src/formats/read.js';
import { writeArray } from '../../src/formats/write.js';
import { ok } from '../data/folder.js';
import { elementAt, positions, type Sizes, stored } from '../images/stored.js';
import { network, recipe, trainArguments, workFolder } from '../train/cells-run.js';
import { unet } from './unet.js';

const spec = network.replace('32 x 32', '8 x 8') + recipe.replace('epochs    = 3', 'epochs = 1');

let work = '';
const at = (...parts: readonly string[]) => join(work, ...parts);
const train = (output: string, ...more: readonly string[]) => unet(trainArguments(output, ...more), work);

beforeAll(() => {
  work = workFolder(spec, ['--count', '1', '--size', '16 x 20 x 20', '--volume']);
  const { code, stderr } = train('run', '--axis', 'x', '--validation', '0');
  expect(code, stderr).toBe(0);
});
afterAll(() => rmSync(work, { recursive: true }));

function run(input: string, output: string, ...more: readonly string[]) {
  const outcome = unet(['run', 'run', '-i', input, '-o', output, '--threads', '1', '--json', ...more], work);
  expect(outcome.code, outcome.stderr).toBe(0);
  return {
    shape: JSON.parse(outcome.stdout).shape,
    notes: JSON.parse(outcome.stdout).notes,
    numbers: readFileSync(at(output)),
  };
}

describe('the axis of a training', () => {
  const volume = 'set/images/cells-001.nii.gz';

  test('is the axis of a run that names none', async () => {
    // The same volume with x as its slices: z, y, x of it are x, z, y of the first.
    const { header, data } = ok(await readArray(at(volume)));
    const sizes: Sizes = header.axes.map(({ name, size }) => [name, size]);
    const turned: Sizes = [
      ['z', 20],
      ['y', 16],
      ['x', 20],
    ];
    const values = positions([20, 16, 20]).map(([x = 0, z = 0, y = 0]) =>
      Number(data[elementAt(sizes, { x, y, z })]),
    );
    expect(
      writeArray(
        at('turned.nii'),
        stored('NIfTI-1', turned, { type: header.type, scale: header.scale }, values),
      ),
    ).toBeUndefined();

    const unnamed = run(volume, 'unnamed.npy');
    expect(unnamed.shape.slice(2)).toEqual([16, 20]);
    expect(unnamed.notes).toContainEqual(expect.stringMatching(/slices along x/));
    expect(unnamed.numbers).toEqual(run('turned.nii', 'turned.npy', '--axis', 'z').numbers);
    const named = run(volume, 'named.npy', '--axis', 'x');
    expect(named.numbers).toEqual(unnamed.numbers);
    expect(named.notes).not.toContainEqual(expect.stringMatching(/trained on/));
  });

  test('gives way to --axis, and does not count for a picture', () => {
    expect(run(volume, 'z.npy', '--axis', 'z').shape.slice(2)).toEqual([20, 20]);
    unet(['data', 'cells', '--out', 'flat', '--count', '1', '--size', '20 x 18'], work);
    const picture = run('flat/images/cells-001.png', 'picture.npy');
    expect([picture.shape.slice(1), picture.notes]).toEqual([[20, 18], undefined]);
  });

  test('is refused where the network takes whole volumes', () => {
    writeFileSync(at('volumes.unet'), spec.replace('8 x 8', '8 x 8 x 8'));
    const args = ['train', 'volumes.unet', '-d', 'set', '-o', 'none', '--axis', 'x'];
    const { code, stderr } = unet(args, work);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error[needless-option]')]);
    expect(existsSync(at('none'))).toBe(false);
  });

  test('is a setting of the run', () => {
    const { code, stderr } = train('run', '--axis', 'y', '--validation', '0', '--resume');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/error\[run-different\].*axis/)]);
  });
});
