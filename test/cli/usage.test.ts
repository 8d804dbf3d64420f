import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { bin, unet } from './unet.js';

describe('every command', () => {
  test.each(Object.keys(commands))('%s has help with an example, and JSON', (name) => {
    const { code, stdout } = unet([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: unet ${name}`);
    expect(stdout).toMatch(/Examples:\n {2}\$ unet /);
    expect(stdout).toContain('--json');
  });

  test('the help of unet lists them all', () => {
    const { code, stdout } = unet(['--help']);
    expect(code).toBe(0);
    for (const name of Object.keys(commands)) expect(stdout).toContain(`  ${name} `);
  });
});

describe('bad usage', () => {
  test.each([
    [[], /Usage: unet/],
    [['tabel'], /did you mean `table`/],
    [['table'], /missing required argument/],
    [['table', 'specs/unet2d.unet', '--inptu', '1x2x3'], /unknown option/],
    [['table', 'specs/unet2d.unet', '--format', 'xml'], /--format takes text, markdown, csv/],
    [['table', 'specs/unet2d.unet#Nothing'], /has no network `Nothing`/],
    [['check', 'specs/unet2d.unet', '--set', 'base'], /--set takes name=value/],
    [['sizes', 'specs/unet2d.unet', '--near', 'big'], /--near takes a size/],
    [['sizes', 'specs/unet2d.unet', '--near', '1x2x3'], /has 3 sizes/],
    [['build', 'specs/unet2d.unet', '-t', 'keras', '-o', 'x'], /--target takes onnx, tfjs, typescript/],
    [['build', 'specs/unet2d.unet', '-t', 'onnx'], /-o, --output/],
    [['build', 'specs/unet2d.unet', '-t', 'onnx', '-o', 'x', '--seed', 'abc'], /--seed takes a whole number/],
    [['build', 'specs/unet2d.unet', '-t', 'onnx', '-o', 'x', '--seed', '1', '--weights', 'w'], /contradict/],
    [['draw', 'specs/unet2d.unet', '-o', 'x.png'], /-o takes an \.svg file/],
    [['explain', 'nonsense'], /there is no diagnostic/],
    [['draw', 'specs/unet2d.unet', '--theme', 'pink'], /--theme takes/],
  ])('%j is exit code 2, one message and no stack trace', (args, message) => {
    const { code, stdout, stderr } = unet(args);
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a wrong value from outside is a diagnostic with its own place', () => {
    const { code, stderr } = unet(['table', 'specs/unet2d.unet', '--input', '1 x 570 x 570']);
    expect(code).toBe(1);
    expect(stderr).toContain('--input:1:1 error[input-does-not-fit]');
    expect(stderr).toContain('556, 572');
    expect(unet(['table', 'specs/unet2d.unet', '--input', 'big']).code).toBe(1);
    expect(unet(['table', 'specs/unet2d.unet', '--input', '3 x 132 x 132 x 116']).stderr).toContain(
      'rank-mismatch',
    );
  });

  test('a reader that goes away is no error', () => {
    const output = execFileSync('sh', ['-c', `${process.execPath} ${bin} explain | head -1`], {
      encoding: 'utf8',
    });
    expect(output.trim().split('\n')).toHaveLength(1);
  });
});
