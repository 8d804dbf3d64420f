import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { putPng } from '../data/folder.js';
import { freshFolder, unet } from './unet.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));
const [HEIGHT, WIDTH] = [9, 14];

function drawn(values: readonly number[], seed: number): number[] {
  const draws = new Rng(seed, 'values');
  return Array.from({ length: HEIGHT * WIDTH }, () => values[draws.index(values.length)] ?? 0);
}

/** Dice of the positions with one value in the truth, and one in the prediction; null where neither map has them. */
function dice(truth: readonly number[], predicted: readonly number[], [own, other]: readonly number[]) {
  const both = truth.filter((value, i) => value === own && predicted[i] === other).length;
  const sum =
    truth.filter((value) => value === own).length + predicted.filter((value) => value === other).length;
  return sum === 0 ? null : (2 * both) / sum;
}

async function evaluated(truth: readonly number[], predicted: readonly number[], ...labels: string[]) {
  await putPng(join(work, 'truth/a.png'), truth, WIDTH);
  await putPng(join(work, 'predicted/a.png'), predicted, WIDTH);
  const options = labels.flatMap((label) => ['--label', label]);
  return unet(['evaluate', 'predicted', '--truth', 'truth', '--metrics', 'dice', '--json', ...options], work);
}

describe('the classes of values', () => {
  // The value of each class in the truth and in the prediction.
  const plain = (count: number) => Array.from({ length: count }, (_, k) => [k, k] as const);
  const binary = (on: number) =>
    [
      [0, 0],
      [1, on],
    ] as const;
  test.each([
    ['some class is in no truth', [0, 2], [0, 1, 2], [], plain(3)],
    ['some class is nowhere', [0, 1, 2, 4], [0, 1, 2, 4], [], plain(5)],
    ['no background', [1, 2], [1, 2], [], plain(3)],
    ['an empty truth', [0], [0, 1], [], plain(2)],
    ['an empty truth, and 255', [0], [0, 255], [], binary(255)],
    ['nothing at all', [0], [0], [], plain(2)],
    ['a class that the truth lacks', [0, 1], [0, 3], [], plain(4)],
    [
      'predictions with the values of the truth',
      [0, 1, 2, 4],
      [0, 1, 2, 4],
      ['0=0', '1=1', '2=2', '4=3'],
      [...plain(3), [4, 4]],
    ],
    [
      'predictions with the numbers of the classes',
      [0, 1, 2, 4],
      [0, 1, 2, 3],
      ['0=0', '1=1', '2=2', '4=3'],
      [...plain(3), [4, 3]],
    ],
  ] as const)('%s', async (_name, own, other, labels, classes) => {
    const [truth, predicted] = [drawn(own, 1), drawn(other, 2)];
    const ran = await evaluated(truth, predicted, ...labels);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const found: readonly { readonly values: { readonly dice: number | null } }[] = JSON.parse(ran.stdout)
      .cases[0].metrics.classes;
    expect(found).toHaveLength(classes.length);
    for (const [k, pair] of classes.entries()) {
      const wanted = dice(truth, predicted, pair);
      if (wanted === null) expect(found[k]?.values.dice).toBeNull();
      else expect(found[k]?.values.dice).toBeCloseTo(wanted, 12);
    }
  });

  test.each([
    ['the truth has another value', [0, 2], [0, 1], 'classes-unclear'],
    ['gray values', [0, 128, 255], [0, 128, 255], 'classes-unclear'],
    ['an unlabelled value that is not named', [0, 1, 255], [0, 1], 'classes-unclear'],
    ['255 beside three classes', [0, 1, 2], [0, 255], 'mask-value-unknown'],
  ] as const)('are not guessed: %s', async (_name, own, other, code) => {
    const ran = await evaluated(drawn(own, 1), drawn(other, 2));
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain(`"code": "${code}"`);
  });
});

test('maps beside predictions are not predictions', async () => {
  const [truth, predicted] = [drawn([0, 1], 1), drawn([0, 1], 2)];
  for (const name of ['b', 'b_entropy', 'c_entropy']) await putPng(join(work, `t/${name}.png`), truth, WIDTH);
  for (const name of ['b', 'b_entropy', 'b_disagreement', 'b_region1', 'c_entropy']) {
    await putPng(join(work, `p/${name}.png`), predicted, WIDTH);
  }
  const ran = unet(['evaluate', 'p', '--truth', 't', '--metrics', 'dice', '--json'], work);
  expect(ran.code, ran.stdout).toBe(0);
  const names = JSON.parse(ran.stdout).cases.map(({ name }: { readonly name: string }) => name);
  // Two of these have a truth, so they are cases.
  expect(names).toEqual(['b', 'b_entropy', 'c_entropy']);
});

test.each([
  ['--metrics', ['--metrics', 'dice']],
  ['--tolerance', ['--tolerance', '2']],
  ['--label', ['--label', '1=1']],
  ['--ignore', ['--ignore', '3']],
])('%s says nothing about objects', (_name, options) => {
  const ran = unet(['evaluate', 'p', '--truth', 't', '--objects', ...options, '--json'], work);
  expect(ran.code).toBe(2);
  expect(ran.stdout).toContain('"code": "conflicting-options"');
});
