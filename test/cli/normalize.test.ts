import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metadataKeys } from '../../src/compiler/metadata.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { putPng } from '../data/folder.js';
import { unet } from './unet.js';

let work: string;
function put(name: string, line: string): void {
  const text = `unet Net { input = 1 x 16 x 16  classes = 2  padding = same  depth = 1  channels = 2  ${line} }\n`;
  writeFileSync(join(work, `${name}.unet`), text);
}
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'unet-normalize-'));
  put('plain', '');
  put('zscore', 'normalize = zscore(nonzero: true)');
  put('range', 'normalize = range(0, 4095)');
  put('auto', 'normalize = ct(auto)');
  put('partial', 'normalize = percentile(nonzero: true)');
});
afterAll(() => rmSync(work, { recursive: true }));

const run = (...args: readonly string[]) => unet(args, work);
/** The codes of the errors on standard error. */
const codes = ({ stderr }: { readonly stderr: string }) =>
  [...stderr.matchAll(/error\[([\w-]+)\]/g)].map(([, code]) => code);

async function metadataOf(file: string) {
  const session = await onnxRuntimeEngine().load(join(work, file));
  if (session instanceof Failure) throw new Error(session.message);
  const { metadata } = session;
  await session.close();
  return metadata;
}

test('`table` shows it', () => {
  expect(run('table', 'zscore.unet').stdout).toContain('normalize = zscore(nonzero: true)');
  expect(run('table', 'plain.unet').stdout).not.toContain('normalize');
  const json = (file: string) => JSON.parse(run('table', file, '--json').stdout).normalize;
  expect([json('plain.unet'), json('auto.unet')]).toEqual(['none', 'ct(auto)']);
});

test('`diff` compares it', () => {
  const { fields } = JSON.parse(run('diff', 'plain.unet', 'range.unet', '--json').stdout);
  expect(fields).toEqual([{ path: 'normalize', a: 'none', b: 'range(0, 4095)' }]);
});

describe('`build`', () => {
  test('writes it into the metadata, and into the model if asked to', async () => {
    expect(run('build', 'zscore.unet', '-t', 'onnx', '-o', 'outside.onnx').code).toBe(0);
    const inside = run('build', 'zscore.unet', '-t', 'onnx', '-o', 'inside.onnx', '--preprocess', 'graph');
    expect(inside.code).toBe(0);
    expect(inside.stderr).toContain('whole images');
    const fixed = run('build', 'range.unet', '-t', 'onnx', '-o', 'fixed.onnx', '--preprocess', 'graph');
    expect(fixed).toMatchObject({ code: 0, stderr: '' });
    const [a, b] = [await metadataOf('outside.onnx'), await metadataOf('inside.onnx')];
    expect(a[metadataKeys.normalize]).toBe(b[metadataKeys.normalize]);
    expect([a[metadataKeys.preprocess], b[metadataKeys.preprocess]]).toEqual([undefined, 'graph']);
  });

  test.each([
    ['auto.unet', ['-t', 'onnx', '-o', 'auto.onnx'], 'normalize-not-measured'],
    ['auto.unet', ['-t', 'tfjs', '-o', 'auto-tfjs'], 'normalize-not-measured'],
    ['plain.unet', ['-t', 'onnx', '-o', 'a.onnx', '--preprocess', 'graph'], 'normalize-missing'],
    ['partial.unet', ['-t', 'onnx', '-o', 'a.onnx', '--preprocess', 'graph'], 'normalize-not-in-graph'],
    ['zscore.unet', ['-t', 'onnx', '-o', 'a.onnx', '--preprocess', 'outside'], 'invalid-option-value'],
    ['zscore.unet', ['-t', 'tfjs', '-o', 'a-tfjs', '--preprocess', 'graph'], 'needless-option'],
  ])('%s %s is refused as %s', (file, args, code) => {
    const refused = run('build', file, ...args);
    expect(refused.code).toBeGreaterThan(0);
    expect(codes(refused)).toEqual([code]);
  });

  test('says that a TypeScript module does not carry it', () => {
    const built = run('build', 'zscore.unet', '-t', 'typescript', '-o', 'net.ts');
    expect(built).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('normalize = zscore(nonzero: true)'),
    });
    expect(run('build', 'plain.unet', '-t', 'typescript', '-o', 'net.ts').stderr).toBe('');
  });
});

describe('`run`', () => {
  const values = Array.from({ length: 256 }, (_, i) => (i * 37) % 256);
  const output = (model: string, image: string, ...more: readonly string[]) => {
    const { code, stderr } = run('run', model, '--input', image, '-o', 'out.npy', ...more);
    if (code !== 0) throw new Error(stderr);
    return readFileSync(join(work, 'out.npy')).toString('base64');
  };

  test('gives a network with `normalize` stored values, and one without it scaled pictures', async () => {
    await putPng(join(work, 'eight.png'), values, 16);
    await putPng(
      join(work, 'twelve.png'),
      values.map((value) => 16 * value),
      16,
      1,
      16,
    );
    put('byte', 'normalize = range(0, 255)');
    put('wide', 'normalize = range(0, 4080)');
    // The same numbers from 0 to 1 in each case.
    const plain = output('plain.unet', 'eight.png');
    expect(output('byte.unet', 'eight.png')).toBe(plain);
    expect(output('wide.unet', 'twelve.png')).toBe(plain);
    expect(output('plain.unet', 'twelve.png')).not.toBe(plain);
    expect(output('zscore.unet', 'eight.png')).toBe(output('zscore.unet', 'twelve.png'));
  });

  test('gives a model that normalises its input stored values', async () => {
    await putPng(
      join(work, 'twelve.png'),
      values.map((value) => 16 * value),
      16,
      1,
      16,
    );
    for (const name of ['range', 'zscore']) {
      for (const more of [[], ['--preprocess', 'graph']]) {
        const built = run('build', `${name}.unet`, '-t', 'onnx', '-o', `${name}${more.length}.onnx`, ...more);
        expect(built.code).toBe(0);
      }
      const [outside, inside] = [`${name}0.onnx`, `${name}2.onnx`].map(
        (model) =>
          new Float32Array(
            Uint8Array.from(Buffer.from(output(model, 'twelve.png'), 'base64').subarray(128)).buffer,
          ),
      );
      expect(outside?.length).toBe(512);
      for (const [i, value] of outside?.entries() ?? []) expect(inside?.[i]).toBeCloseTo(value, 5);
    }
  });

  test('refuses windows for a model that takes its numbers from each of them', async () => {
    await putPng(join(work, 'large.png'), [...values, ...values, ...values, ...values], 32);
    expect(run('build', 'zscore.unet', '-t', 'onnx', '-o', 'z.onnx', '--preprocess', 'graph').code).toBe(0);
    const refused = run('run', 'z.onnx', '--input', 'large.png', '-o', 'out.npy');
    expect(codes(refused)).toEqual(['normalize-of-part']);
    expect(run('build', 'range.unet', '-t', 'onnx', '-o', 'r.onnx', '--preprocess', 'graph').code).toBe(0);
    expect(run('run', 'r.onnx', '--input', 'large.png', '-o', 'out.npy').code).toBe(0);
  });
});

test('`run` refuses a spec whose numbers nobody has measured', () => {
  expect(codes(run('run', 'auto.unet', '--input', 'a.npy', '-o', 'b.npy'))).toEqual([
    'normalize-not-measured',
  ]);
});
