import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { freshFolder } from '../data/folder.js';
import { unet } from './unet.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));
const size = 8;
const rng = new Rng(3, 'channels');

function put(path: string, values: readonly number[]): void {
  mkdirSync(join(work, path, '..'), { recursive: true });
  const chunks = npyChunks({ shape: [size, size], data: Float32Array.from(values) });
  writeFileSync(join(work, path), Buffer.concat([...chunks]));
}

/** Numbers of one case: its channels by name, in no order that a name has. */
function putCase(folder: string, prefix: string, parts: readonly string[], mask?: string): void {
  for (const [i, part] of parts.entries()) {
    put(
      `${folder}/${prefix}${part}.npy`,
      Array.from({ length: size * size }, () => 10 * i + rng.uniform(0, 1)),
    );
  }
  if (mask)
    put(
      `${folder}/${prefix}${mask}.npy`,
      Array.from({ length: size * size }, (_, i) => i % 2),
    );
}

const sequences = ['t1', 't1ce', 't2', 'flair'];

beforeAll(() => {
  for (const one of ['A_1', 'A_2', 'A_3']) putCase(`set/${one}`, `${one}_`, sequences, 'seg');
  putCase('new', 'x_', sequences);
  writeFileSync(
    join(work, 'net.unet'),
    `unet N { input = 4 x 8 x 8; classes = 2; depth = 1; channels = 2; padding = same }
training Q { epochs = 1; batch = 2 }`,
  );
  const args = ['train', 'net.unet', '-d', 'set', '-o', 'run', '--threads', '1', '--workers', '0'];
  const { code, stderr } = unet(args, work);
  expect(code, stderr).toBe(0);
});

function run(model: string, inputs: readonly string[]) {
  const given = inputs.flatMap((input) => ['-i', input]);
  const args = ['run', model, ...given, '-o', 'o.npy', '--threads', '1', '--json'];
  const { code, stdout, stderr } = unet(args, work);
  expect(code, stderr).toBe(0);
  const notes: readonly string[] = JSON.parse(stdout).notes ?? [];
  return { notes: notes.join('\n'), numbers: readFileSync(join(work, 'o.npy')) };
}

test('names of channels decide about their order, as in the training', () => {
  const files = (prefix: string, parts: readonly string[]) => parts.map((part) => `${prefix}${part}.npy`);
  const right = run('run', files('new/x_', sequences));
  expect(right.notes).toBe('');
  for (const order of [sequences.toReversed(), sequences.toSorted()]) {
    const given = run('run', files('new/x_', order));
    expect(given.numbers).toEqual(right.numbers);
    expect(given.notes).toContain('x_t1.npy, x_t1ce.npy, x_t2.npy, x_flair.npy');
  }
  expect(run('run', ['new']).numbers).toEqual(right.numbers);
  // The folder of a case has its mask, too.
  const own = run('run', ['set/A_1']);
  expect(own.notes).toMatch(/left out: A_1_seg\.npy/);
  expect(own.numbers).toEqual(run('run', files('set/A_1/A_1_', sequences)).numbers);
});

test('other names stay in the order that was given, which is said', () => {
  for (const [i, part] of sequences.entries()) {
    mkdirSync(join(work, 'odd'), { recursive: true });
    cpSync(join(work, `new/x_${part}.npy`), join(work, `odd/${'dbca'[i]}.npy`));
  }
  const right = run('run', ['odd/d.npy', 'odd/b.npy', 'odd/c.npy', 'odd/a.npy']);
  expect(right.notes).toMatch(/the training were t1, t1ce, t2 and flair/);
  expect(right.numbers).toEqual(run('run', ['new']).numbers);
  expect(run('run', ['odd']).numbers).not.toEqual(right.numbers);
});

test('a model that says nothing of its channels takes files as given, and a folder in the usual order', () => {
  expect(unet(['build', 'net.unet', '--target', 'onnx', '-o', 'built.onnx'], work).code).toBe(0);
  const of = (parts: readonly string[]) =>
    run(
      'built.onnx',
      parts.map((part) => `new/x_${part}.npy`),
    ).numbers;
  expect(run('built.onnx', ['new']).numbers).toEqual(of(sequences));
  expect(of(sequences.toReversed())).not.toEqual(of(sequences));
});
