import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { passes } from '../../src/compiler/passes.js';
import { freshFolder, unet } from './unet.js';

const names = Object.values(passes).map(({ name }) => name);

function passesOf(table: string): readonly string[] {
  return table.split('\n').flatMap((line) => /^(\w[\w ]*?) {2,}\d/.exec(line)?.[1] ?? []);
}

describe('--stats', () => {
  test('prints a row for each pass on standard error, after the result', () => {
    const { code, stdout, stderr } = unet(['check', 'specs/unet2d.unet', '--stats']);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(passesOf(stderr)).toEqual([...names, 'all']);
    expect(stderr).toMatch(/^elaborate +1 +55 nodes +\d+\.\d\d ms$/m);
    expect(stderr.indexOf('no errors')).toBeLessThan(stderr.indexOf('elaborate'));
  });

  test('goes into the JSON of a command, beside what it had', () => {
    const plain = JSON.parse(unet(['table', 'specs/unet2d.unet', '--json']).stdout);
    const { stdout, stderr } = unet(['table', 'specs/unet2d.unet', '--json', '--stats']);
    const { stats, ...table } = JSON.parse(stdout);
    expect(stderr).toBe('');
    expect(table).toEqual(plain);
    expect(stats.map(({ pass }: { pass: string }) => pass)).toEqual(names);
    const elaborate = stats.find(({ pass }: { pass: string }) => pass === 'elaborate');
    expect(elaborate).toEqual({
      pass: 'elaborate',
      runs: 1,
      ms: expect.any(Number),
      count: 55,
      unit: 'nodes',
    });
  });

  test('of a check with errors has the passes up to them', () => {
    const { code, stdout } = unet([
      'check',
      'specs/unet2d.unet',
      '--input',
      '1x570x570',
      '--json',
      '--stats',
    ]);
    expect(code).toBe(1);
    const { errors, stats } = JSON.parse(stdout);
    expect(errors).toBe(1);
    expect(stats.map(({ pass }: { pass: string }) => pass)).toEqual([
      ...names.slice(0, names.indexOf('infer sizes') + 1),
      'allow',
    ]);
  });

  test('of a build ends with the passes of the backend', () => {
    const output = join(freshFolder(), 'net.onnx');
    const spec = join(freshFolder(), 'net.unet');
    writeFileSync(
      spec,
      'unet Net { input = 1 x 16 x 16; classes = 2; depth = 1; channels = 4; padding = same }',
    );
    const { stdout } = unet(['build', spec, '-t', 'onnx', '-o', output, '--json', '--stats']);
    const { bytes, params, stats } = JSON.parse(stdout);
    expect(stats.slice(names.length)).toEqual([
      { pass: 'lower', runs: 1, ms: expect.any(Number), count: 1, unit: 'files' },
      { pass: 'weights', runs: 16, ms: expect.any(Number), count: params, unit: 'values' },
      { pass: 'write', runs: 1, ms: expect.any(Number), count: bytes, unit: 'bytes' },
    ]);
    expect(readFileSync(output)).toHaveLength(bytes);
  });
});

describe('--print', () => {
  test('prints an artifact on standard output, and all else on standard error', () => {
    const { code, stdout, stderr } = unet(['check', 'specs/unet2d.unet', '--print', 'graph']);
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync('test/compiler/expected/unet2d.graph.txt', 'utf8'));
    expect(stderr).toContain('no errors');
  });

  test('prints what was made before an error', () => {
    const { code, stdout, stderr } = unet([
      'check',
      'specs/unet2d.unet',
      '--input',
      '1x570x570',
      '--print',
      'spec',
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^input +1 x 570 x 570 +--input$/m);
    expect(stderr).toContain('input-does-not-fit');
  });

  test('prints the step of each recipe', () => {
    const spec = join(freshFolder(), 'net.unet');
    const net = 'unet Net { input = 1 x 8 x 8; classes = 2; depth = 1; channels = 2; padding = same }';
    writeFileSync(spec, `${net}\ntraining A { batch = 2 }\ntraining B { patch = 7 x 8 }`);
    const { stdout, stderr } = unet(['check', spec, '--print', 'step']);
    expect(stdout.match(/^training step .*/gm)).toEqual(['training step of Net, recipe A']);
    expect(stderr).toMatch(/note: Net, recipe B .*nearest that fit: 6, 8/);
  });

  test.each([
    [['--print', 'tree'], 'error[invalid-option-value]: --print takes spec'],
    [['--print', 'graph', '--json'], '--json'],
  ])('%j is bad usage', (options, named) => {
    const { code, stderr } = unet(['check', 'specs/unet2d.unet', ...options]);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
  });
});
