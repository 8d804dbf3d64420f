import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { turnBetween, turnedAffine, turnImage } from '../../src/resample/orientation.js';
import { peersPython } from '../formats/peers-python.js';
import { orientations } from './orientations.js';

const sizes = [2, 3, 4];
const affine = [
  [2, 0.3, -0.1, 5],
  [0.2, -1.5, 0.4, -7],
  [0.1, 0.2, 3, 11],
  [0, 0, 0, 1],
];
const python = peersPython();

test.skipIf(python === undefined)('voxels and affines are those of nibabel, for all pairs of 48', () => {
  const script = join(import.meta.dirname, 'peers', 'orientation.py');
  const output = execFileSync(python ?? '', [script], {
    input: JSON.stringify({ sizes, affine, codes: orientations }),
    maxBuffer: 2 ** 26,
  });
  // The script writes the voxels and the affine of each pair.
  const answers = JSON.parse(output.toString()) as [number[], number[][]][];
  const volume = { shape: [1, ...sizes], data: Float32Array.from({ length: 24 }, (_, i) => i) };
  const pairs = orientations.flatMap((from) => orientations.map((to) => [from, to] as const));
  expect(answers.length).toBe(48 * 48);
  for (const [i, [from, to]] of pairs.entries()) {
    const turn = turnBetween(from, to) ?? expect.fail(`no turn from ${from} to ${to}`);
    const [voxels, wanted] = answers[i] ?? [[], []];
    expect([...turnImage(volume, turn).data]).toEqual(voxels);
    expect(turnedAffine(affine, sizes, turn)).toEqual(
      wanted.map((row) => row.map((value) => expect.closeTo(value, 10))),
    );
  }
});
