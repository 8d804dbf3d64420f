import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metadataKeys } from '../../src/compiler/metadata.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { unet } from './unet.js';

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'unet-normalize-'));
  const put = (name: string, line: string) =>
    writeFileSync(
      join(work, `${name}.unet`),
      `unet Net { input = 1 x 16 x 16  classes = 2  padding = same  depth = 1  channels = 2  ${line} }\n`,
    );
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

test('`run` refuses a spec whose numbers nobody has measured', () => {
  expect(codes(run('run', 'auto.unet', '--input', 'a.npy', '-o', 'b.npy'))).toEqual([
    'normalize-not-measured',
  ]);
});
