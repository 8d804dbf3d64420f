import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { onnx } from '../../codegen/onnx/proto.js';
import { freshFolder, unet } from './unet.js';

const spec = `unet Net {
  input            = 1 x 32 x 32
  classes          = 2
  depth            = 2
  channels         = 4
  padding          = same
  deep_supervision = levels(n: 1)
}
`;

/** A folder with the spec, and its models for training and for inference. */
function built(): string {
  const folder = freshFolder();
  writeFileSync(join(folder, 'net.unet'), spec);
  for (const args of [
    ['-o', 'inference.onnx'],
    ['--training', '-o', 'training.onnx'],
  ]) {
    expect(unet(['build', 'net.unet', '--target', 'onnx', '--seed', '3', ...args], folder).stderr).toBe('');
  }
  return folder;
}

const outputsOf = (path: string) =>
  onnx.ModelProto.decode(readFileSync(path)).graph?.output?.map(({ name }) => name);

describe('the graph that is trained', () => {
  test('has the outputs of all heads, and inference one', () => {
    const folder = built();
    expect(outputsOf(join(folder, 'inference.onnx'))).toEqual(['output']);
    expect(outputsOf(join(folder, 'training.onnx'))).toEqual(['output', 'head[2]']);
  });

  test('says how many parameters it has: a 1x1 conv from 8 channels to 2 more', () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'net.unet'), spec);
    const params = (...args: string[]) => {
      const { stdout } = unet(['build', 'net.unet', '-t', 'tfjs', '-o', 'model', '--json', ...args], folder);
      return JSON.parse(stdout).params;
    };
    expect(params('--training') - params()).toBe(8 * 2 + 2);
  });

  test('its weights also serve inference, from any format, and it needs all of them itself', () => {
    const folder = built();
    const run = (...args: string[]) => unet(args, folder);
    const convert = (from: string, to: string, ...more: string[]) =>
      run('weights', 'convert', 'net.unet', '--from', from, '--to', to, ...more);
    expect(convert('training.onnx', 'all.safetensors', '--training').stderr).toBe('');
    expect(convert('training.onnx', 'from-training.safetensors').stderr).toBe('');
    expect(convert('inference.onnx', 'few.safetensors').stderr).toBe('');
    const bytes = (name: string) => readFileSync(join(folder, name));
    expect(bytes('from-training.safetensors').equals(bytes('few.safetensors'))).toBe(true);
    const build = (weights: string, ...more: string[]) =>
      run('build', 'net.unet', '--target', 'onnx', '--weights', weights, '-o', 'again.onnx', ...more);
    expect(build('all.safetensors').code).toBe(0);
    expect(bytes('again.onnx').equals(bytes('inference.onnx'))).toBe(true);
    const missing = build('few.safetensors', '--training');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /error\[weights-mismatch\][\s\S]*'head\[2\]\.conv\[1\]\.weight' .*2 x 8 x 1 x 1/,
    );
  });

  test('is the same where nothing is supervised', () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'net.unet'), spec.replace(/ +deep_supervision.*\n/, ''));
    for (const args of [
      ['-o', 'a.onnx'],
      ['--training', '-o', 'b.onnx'],
    ]) {
      expect(unet(['build', 'net.unet', '--target', 'onnx', ...args], folder).code).toBe(0);
    }
    expect(readFileSync(join(folder, 'a.onnx')).equals(readFileSync(join(folder, 'b.onnx')))).toBe(true);
  });
});
