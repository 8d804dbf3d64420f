import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { npyChunks, readNpy } from '../../src/runtime/images/npy.js';
import { freshFolder, unet } from './unet.js';

// Without activations, and with the step itself as its embedding, every number that comes out is a line over the step.
const spec = `block Shifted(c) { (input -> conv(3, c)) + (time -> conv(1, c)) }
unet Line {
  input = 1 x 16 x 24
  classes = 2
  depth = 1
  channels = 4
  padding = same
  activation = none
  block = Shifted
  time = none
  head = logits
}
unet Denoiser extends Line { time = time_embedding }
unet Plain extends Line { block = double }
`;

let folder = '';
beforeAll(() => {
  folder = freshFolder();
  writeFileSync(join(folder, 'net.unet'), spec);
  const data = Float32Array.from({ length: 40 * 30 }, (_, i) => ((i * 37) % 101) / 101);
  writeFileSync(join(folder, 'image.npy'), Buffer.concat([...npyChunks({ shape: [1, 40, 30], data })]));
});

const run = (model: string, ...more: string[]) =>
  unet(['run', model, '--input', 'image.npy', '-o', 'out.npy', ...more], folder);

function outputAt(step: string, model: string, ...more: string[]): readonly number[] {
  const { code, stderr } = run(model, '--time', step, ...more);
  expect(code, stderr).toBe(0);
  const array = readNpy(join(folder, 'out.npy'));
  if (!('data' in array)) throw new Error(array.message);
  expect(array.shape).toEqual([2, 40, 30]);
  return [...array.data].map(Number);
}

describe('unet run --time', () => {
  test.each([
    ['of a spec', 'net.unet#Line'],
    ['of an ONNX model', 'line.onnx'],
    ['of a TensorFlow.js model', 'line'],
  ])('feeds the step to every window, %s', (_, model) => {
    if (model === 'line.onnx') unet(['build', 'net.unet#Line', '-t', 'onnx', '-o', model], folder);
    if (model === 'line') unet(['build', 'net.unet#Line', '-t', 'tfjs', '-o', model], folder);
    const [none, some, much] = ['0', '2.5', '10'].map((step) => outputAt(step, model));
    const slopes = none?.map((zero, i) => [((some?.[i] ?? 0) - zero) / 2.5, ((much?.[i] ?? 0) - zero) / 10]);
    const largest = Math.max(...(slopes ?? []).flat().map(Math.abs));
    expect(largest).toBeGreaterThan(0.01);
    for (const [a = Number.NaN, b = Number.NaN] of slopes ?? []) {
      expect(Math.abs(a - b)).toBeLessThan(1e-5 * largest + 1e-6);
    }
  });

  test('both engines agree at every stage, the embedding among them', () => {
    const { code, stdout, stderr } = run('net.unet#Denoiser', '--time', '999', '--compare');
    expect(stdout).toMatch(/^time +16 x 1 x 1 /m);
    expect(stdout + stderr).toContain('agree');
    expect(code).toBe(0);
  });

  test('is asked for where the network takes a step, and refused where it takes none', () => {
    const missing = run('net.unet#Denoiser');
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error\[missing-time-step\][\s\S]*--time 500/),
    });
    const needless = run('net.unet#Plain', '--time', '3');
    expect(needless).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error\[needless-time-step\][\s\S]*--time/),
    });
  });

  test('takes a number', () => {
    const { code, stderr } = run('net.unet#Denoiser', '--time', 'soon');
    expect(code).toBe(2);
    expect(stderr).toMatch(/error\[invalid-option-value\]: --time .*`soon`/);
  });
});
