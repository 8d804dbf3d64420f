import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArray } from '../../src/formats/read.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { ok } from '../data/folder.js';
import { type ForeignNode, writeForeignModel } from './foreign-model.js';
import { freshFolder, unet } from './unet.js';

let work = '';
beforeAll(() => {
  work = freshFolder();
});
afterAll(() => rmSync(work, { recursive: true }));

const free = ['n', 1, 'h', 'w'] as const;
/** Both signs, and both sides of 0.5. */
const mixed = [-3, -0.2, 0.2, 0.4, 0.6, 3];
const positive = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9];

async function run(
  nodes: readonly ForeignNode[],
  values: readonly number[],
  more: readonly string[] = [],
  output: readonly (number | string)[] = free,
): Promise<{ code: number | null; stderr: string; mask: readonly number[] | undefined }> {
  writeForeignModel(join(work, 'm.onnx'), nodes, free, output);
  const image = { shape: [1, 2, values.length / 2], data: Float32Array.from(values) };
  writeFileSync(join(work, 'a.npy'), Buffer.concat([...npyChunks(image)]));
  rmSync(join(work, 'a.png'), { force: true });
  const args = ['run', 'm.onnx', '--input', 'a.npy', '-o', 'a.png', '--labels', '--threads', '1', ...more];
  const { code, stderr } = unet(args, work);
  const path = join(work, 'a.png');
  return {
    code,
    stderr,
    mask: existsSync(path) ? [...ok(await readArray(path)).data].map(Number) : undefined,
  };
}

const above = (values: readonly number[], threshold: number) =>
  values.map((one) => (one > threshold ? 1 : 0));
const conv: ForeignNode = { op: 'Conv', constants: ['one'] };
const sigmoid: ForeignNode = { op: 'Sigmoid' };
const cast: ForeignNode = { op: 'Cast', attributes: [{ name: 'to', type: 2, i: 1 }] };
const clip: ForeignNode = { op: 'Clip', constants: ['zero', 'unit'] };
const identity: ForeignNode = { op: 'Identity' };

describe('a model of one channel that does not name its head', () => {
  test.each([
    // Sigmoid(x) > 0.5 where x > 0.
    ['a sigmoid', [sigmoid], mixed, above(mixed, 0), 'Sigmoid'],
    ['a sigmoid, converted and copied', [sigmoid, cast, identity], mixed, above(mixed, 0), 'Sigmoid'],
    ['a convolution', [conv], mixed, above(mixed, 0), 'Conv'],
    ['a convolution of positive numbers', [conv, identity], positive, above(positive, 0), 'Conv'],
    ['another op with numbers of both signs', [{ op: 'Sin' }], mixed, above(mixed, 0), 'Sin'],
  ] as const)('%s decides where class 1 begins', async (_, nodes, values, wanted, op) => {
    for (const output of [free, ['n', 'c', 'h', 'w']]) {
      const { code, stderr, mask } = await run(nodes, values, [], output);
      expect([code, mask]).toEqual([0, wanted]);
      expect(stderr).toContain(`note: ${op} computes the output`);
    }
  });

  test.each([
    ['Clip', [clip], mixed],
    ['Relu', [{ op: 'Relu' }], mixed],
    ['Abs', [{ op: 'Abs' }], mixed],
    ['Floor', [conv, { op: 'Floor' }], positive],
  ] as const)('%s does not tell, so --head has to', async (op, nodes, values) => {
    const { code, stderr, mask } = await run(nodes, values);
    expect([code, mask]).toEqual([1, undefined]);
    expect(stderr).toMatch(new RegExp(`error\\[head-unclear\\].*${op}`));
    const asProbability = await run(nodes, values, ['--head', 'sigmoid']);
    const asLogit = await run(nodes, values, ['--head', 'logits']);
    const numbers = {
      Clip: values.map((one) => Math.min(Math.max(one, 0), 1)),
      Relu: values.map((one) => Math.max(one, 0)),
      Abs: values.map(Math.abs),
      Floor: values.map(Math.floor),
    }[op];
    expect([asProbability.mask, asLogit.mask]).toEqual([above(numbers, 0.5), above(numbers, 0)]);
    expect([asProbability.stderr, asLogit.stderr].join('')).not.toContain('note:');
  });

  test('its numbers can always be written', () => {
    writeForeignModel(join(work, 'm.onnx'), [clip], free);
    const outcome = unet(['run', 'm.onnx', '--input', 'a.npy', '-o', 'numbers.npy', '--threads', '1'], work);
    expect(outcome.code).toBe(0);
  });
});

test.each([
  ['Sqrt', [{ op: 'Sqrt' }]],
  ['Log', [{ op: 'Log' }, sigmoid]],
  ['Reciprocal', [{ op: 'Floor' }, { op: 'Reciprocal' }]],
] as const)('an output that %s makes NaN or infinite is an error', async (_, nodes) => {
  for (const more of [[], ['--head', 'logits'], ['--nan', '0']]) {
    const { code, stderr, mask } = await run(nodes, mixed, more);
    expect([code, mask]).toEqual([1, undefined]);
    expect(stderr).toContain('error[output-not-finite]');
  }
});
