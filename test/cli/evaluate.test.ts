import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { put, putPng } from '../data/folder.js';
import { freshFolder, unet } from './unet.js';

const work = freshFolder();
const at = (name: string) => join(work, name);
const [HEIGHT, WIDTH] = [24, 30];

/** Two maps of classes 0 to 2, the second one a little wrong. */
function maps(seed: number): { truth: number[]; predicted: number[] } {
  const draws = new Rng(seed, 'maps');
  const truth = Array.from({ length: HEIGHT * WIDTH }, (_, i) => {
    const [y, x] = [Math.floor(i / WIDTH), i % WIDTH];
    return (y - 10) ** 2 + (x - 9 - seed) ** 2 < 40 ? 1 : x > 22 ? 2 : 0;
  });
  return { truth, predicted: truth.map((label) => (draws.index(9) === 0 ? draws.index(3) : label)) };
}
const seeds = [1, 2, 3];

beforeAll(async () => {
  for (const seed of seeds) {
    const { truth, predicted } = maps(seed);
    await putPng(at(`truth/case${seed}.png`), truth, WIDTH);
    await putPng(
      at(`masks/case${seed}_mask.png`),
      truth.map((label) => 40 * label),
      WIDTH,
    );
    await putPng(at(`predicted/case${seed}.png`), predicted, WIDTH);
    await putPng(
      at(`objects/case${seed}.png`),
      truth.map((label) => 3 * label),
      WIDTH,
    );
  }
});
afterAll(() => rmSync(work, { recursive: true }));

/** Dice of a class by its definition; undefined where neither map has it. */
function dice(seed: number, label: number): number {
  const { truth, predicted } = maps(seed);
  const both = truth.filter((one, i) => one === label && predicted[i] === label).length;
  const sum = [...truth, ...predicted].filter((one) => one === label).length;
  return (2 * both) / sum;
}

describe('unet evaluate', () => {
  test('gives the metrics of each image, and those of all', () => {
    const ran = unet(['evaluate', 'predicted', '--truth', 'truth', '--json', '-o', 'report'], work);
    expect(ran.stderr).toBe('');
    const found = JSON.parse(ran.stdout);
    expect(found.unit).toBe('pixels');
    for (const [i, seed] of seeds.entries()) {
      const { name, metrics } = found.cases[i];
      expect(name).toBe(`case${seed}`);
      for (const label of [0, 1, 2])
        expect(metrics.classes[label].values.dice).toBeCloseTo(dice(seed, label), 12);
    }
    const mean = (label: number) => seeds.reduce((sum, seed) => sum + dice(seed, label), 0) / 3;
    expect(found.summary.foreground.perCase.dice).toBeCloseTo((mean(1) + mean(2)) / 2, 12);
    expect(JSON.parse(readFileSync(at('report/metrics.json'), 'utf8'))).toEqual(found);
    const rows = readFileSync(at('report/metrics.csv'), 'utf8').trim().split('\n');
    expect(rows).toHaveLength(1 + 3 * 3);
    const column = rows[0]?.split(',').indexOf('dice') ?? -1;
    expect(Number(rows[2]?.split(',')[column])).toBeCloseTo(dice(1, 1), 12);
  });

  test('masks with other values and names are the truth as training would take them', () => {
    const labels = ['--label', '0=0', '--label', '40=1', '--label', '80=2'];
    const ran = unet(['evaluate', 'predicted', '--truth', 'masks', ...labels, '--json'], work);
    expect(ran.stderr).toBe('');
    expect(JSON.parse(ran.stdout).cases[1].metrics.classes[2].values.dice).toBeCloseTo(dice(2, 2), 12);
  });

  test('only what is asked for is measured', () => {
    const args = [
      'evaluate',
      'predicted',
      '--truth',
      'truth',
      '--metrics',
      'iou,nsd',
      '--tolerance',
      '1',
      '--json',
    ];
    const [one] = JSON.parse(unet(args, work).stdout).cases;
    expect(Object.keys(one.metrics.classes[1].values)).toEqual(['iou', 'nsd']);
  });

  test('objects are matched by their numbers', () => {
    const ran = unet(['evaluate', 'objects', '--truth', 'truth', '--objects', '--json'], work);
    const { objects } = JSON.parse(ran.stdout);
    // Other numbers, the same objects.
    expect(objects.pooled).toMatchObject({ meanF1: 1, panoptic: { pq: 1, truePositives: 6 } });
    expect(objects.pooled.cells).toMatchObject({ lost: 0, added: 0, merged: 0, split: 0 });
    const shown = unet(['evaluate', 'objects', '--truth', 'truth', '--objects'], work).stdout;
    expect(shown).toContain('F1 at IoU 0.50: 1.0000');
  });

  test.each([
    ['0 alone are background', () => 0, [0, 0]],
    ['0 and 2 are these classes', (label: number) => (label === 2 ? 2 : 0), [0, 1]],
  ])('predictions of %s', async (_, predict, [first, second]) => {
    const { truth } = maps(1);
    await putPng(at('plain.png'), truth.map(predict), WIDTH);
    const ran = unet(['evaluate', 'plain.png', '--truth', 'truth/case1.png', '--json'], work);
    const { classes } = JSON.parse(ran.stdout).cases[0].metrics;
    expect([classes[1].values.dice, classes[2].values.dice]).toEqual([first, second]);
  });

  test('predictions of 0 and 255 have two classes, and are not taken for two of three', async () => {
    const { truth } = maps(1);
    await putPng(
      at('binary.png'),
      truth.map((label) => (label === 1 ? 255 : 0)),
      WIDTH,
    );
    await putPng(
      at('two.png'),
      truth.map((label) => Number(label === 1)),
      WIDTH,
    );
    const two = unet(['evaluate', 'binary.png', '--truth', 'two.png', '--json'], work);
    expect(JSON.parse(two.stdout).summary.foreground.perCase.dice).toBe(1);
    const three = unet(['evaluate', 'binary.png', '--truth', 'truth/case1.png', '--json'], work);
    expect(three.stdout).toContain('"code": "mask-value-unknown"');
  });

  test('two files', () => {
    const ran = unet(
      [
        'evaluate',
        'predicted/case3.png',
        '--truth',
        'masks/case3_mask.png',
        '--label',
        '0=0',
        '--label',
        '40=1',
        '--label',
        '80=2',
      ],
      work,
    );
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toContain(dice(3, 1).toFixed(4));
  });

  test.each([
    ['a fraction', 1.5, '1.5'],
    ['a negative number', -3, '-3'],
    ['NaN', Number.NaN, 'null'],
  ])('%s is not the number of an object', (_, value, shown) => {
    const [tensor, truth] = [new Float32Array(36), new Float32Array(36)];
    truth.set([1, 1, 0, 2], 7);
    tensor.set([value, value, 0, 2], 7);
    for (const [name, data] of [
      ['found.npy', tensor],
      ['right.npy', truth],
    ] as const) {
      put(at(name), Buffer.concat([...npyChunks({ shape: [6, 6], data })]));
    }
    const ran = unet(['evaluate', 'found.npy', '--truth', 'right.npy', '--objects', '--json'], work);
    expect(ran.code).not.toBe(0);
    expect(ran.stdout).toContain('"code": "object-number-invalid"');
    expect(ran.stdout).toContain(`"value": ${shown}`);
    expect(ran.stdout).toContain('"count": 2');
    expect(unet(['evaluate', 'right.npy', '--truth', 'right.npy', '--objects', '--json'], work).code).toBe(0);
  });

  test('a mask without a prediction is left out only on request', () => {
    put(at('some/case1.png'), readFileSync(at('predicted/case1.png')));
    const all = unet(['evaluate', 'predicted', '--truth', 'truth', '--json'], work);
    const refused = unet(['evaluate', 'some', '--truth', 'truth', '--json'], work);
    expect(refused.code).toBe(1);
    const { problems } = JSON.parse(refused.stdout).error.args;
    expect(problems[0]).toMatchObject({ code: 'prediction-missing', args: { folder: 'some' } });
    const some = unet(['evaluate', 'some', '--truth', 'truth', '--subset', '--json'], work);
    expect(some.code).toBe(0);
    expect(JSON.parse(some.stdout).cases).toEqual([
      { ...JSON.parse(all.stdout).cases[0], prediction: 'some/case1.png' },
    ]);
    expect(some.stderr).toMatch(/note: .*no prediction/);
  });

  test.each([
    ['partner-missing', ['predicted', '--truth', 'few']],
    ['needless-option', ['predicted', '--data', 'truth', '--subset']],
    ['mask-value-unknown', ['predicted', '--truth', 'masks', '--label', '0=0', '--label', '40=1']],
    ['pair-mismatch', ['predicted/case1.png', '--truth', 'small.png']],
    ['file-unreadable', ['predicted/case1.png', '--truth', 'nothing.png']],
    ['invalid-option-value', ['predicted', '--truth', 'truth', '--metrics', 'dise']],
    ['invalid-option-value', ['predicted', '--truth', 'truth', '--tolerance', '-1']],
    ['incomplete-options', ['predicted', '--truth', 'truth', '--metrics', 'nsd']],
  ])('%s: %j', async (code, args) => {
    put(at('few/case1.png'), readFileSync(at('truth/case1.png')));
    await putPng(at('small.png'), [0, 1, 0, 1], 2);
    const ran = unet(['evaluate', ...args, '--json'], work);
    expect(ran.code).not.toBe(0);
    // By itself, or among all that does not fit.
    expect(ran.stdout).toContain(`"code": "${code}"`);
  });
});
