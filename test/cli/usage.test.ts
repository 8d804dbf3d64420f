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
    [['tabel'], /error\[unknown-command\][\s\S]*`table`/],
    [['table'], /error\[usage\][\s\S]*`unet table --help`/],
    [['table', 'specs/unet2d.unet', '--inptu', '1x2x3'], /error\[usage\][\s\S]*`--input`/],
    [
      ['table', 'specs/unet2d.unet', '--format', 'xml'],
      /error\[invalid-option-value\]: --format .*text, markdown or csv/,
    ],
    [['table', 'specs/unet2d.unet#Nothing'], /error\[unknown-network\]: .*`Nothing`/],
    [['check', 'specs/unet2d.unet', '--set', 'base'], /error\[invalid-option-value\]: --set .*`base`/],
    [['sizes', 'specs/unet2d.unet', '--near', 'big'], /error\[invalid-option-value\]: --near .*`big`/],
    [['sizes', 'specs/unet2d.unet', '--near', '1x2x3'], /error\[invalid-option-value\]: --near .*`1x2x3`/],
    [
      ['build', 'specs/unet2d.unet', '-t', 'keras', '-o', 'x'],
      /error\[invalid-option-value\]: --target .*onnx, tfjs or typescript/,
    ],
    [['build', 'specs/unet2d.unet', '-t', 'onnx'], /error\[usage\]: .*-o, --output/],
    [
      ['build', 'specs/unet2d.unet', '-t', 'onnx', '-o', 'x', '--seed', 'abc'],
      /error\[invalid-option-value\]: --seed .*`abc`/,
    ],
    [
      ['build', 'specs/unet2d.unet', '-t', 'onnx', '-o', 'x', '--seed', '1', '--weights', 'w'],
      /error\[conflicting-options\]: --seed and --weights/,
    ],
    [['draw', 'specs/unet2d.unet', '-o', 'x.png'], /error\[invalid-output-path\]: -o .*\.svg.*x\.png/],
    [['view', 'a.png', '-o', 'x.png'], /error\[invalid-output-path\]: -o .*\.html.*x\.png/],
    [['view', 'a.png'], /error\[usage\]: .*-o, --output/],
    [['view', 'a.png', '-o', 'x.html', '--as', 'cube'], /error\[invalid-option-value\]: --as .*`cube`/],
    [['view', 'a.png', '-o', 'x.html', '--page', '-1'], /error\[invalid-option-value\]: --page .*`-1`/],
    [['view', 'a.png', '-o', 'x.html', '--name', 'cell'], /error\[invalid-option-value\]: --name .*`cell`/],
    [['explain', 'nonsense'], /error\[unknown-code\]: .*`nonsense`/],
    [['draw', 'specs/unet2d.unet', '--theme', 'pink'], /error\[invalid-option-value\]: --theme .*`pink`/],
  ])('%j is exit code 2, one message and no stack trace', (args, message) => {
    const { code, stdout, stderr } = unet(args);
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each([
    [['tabel', '--json'], 2, { code: 'unknown-command', args: { command: 'tabel', nearest: 'table' } }],
    [['table', '--json'], 2, { code: 'usage', args: { command: 'unet table' } }],
    [
      ['table', 'specs/unet2d.unet#UNet3D', '--json'],
      2,
      { code: 'unknown-network', args: { network: 'UNet3D', nearest: 'UNet2D' } },
    ],
    [
      ['sizes', 'none.unet', '--json'],
      1,
      { code: 'file-unreadable', args: { path: 'none.unet', cause: 'ENOENT' } },
    ],
    [
      ['table', 'specs/unet2d.unet', '--input', '1 x 570 x 570', '--json'],
      1,
      { code: 'spec-invalid', args: { errors: 1, diagnostics: [{ code: 'input-does-not-fit' }] } },
    ],
  ])('%j is an error for machines on standard output, and for people beside it', (args, exit, error) => {
    const { code, stdout, stderr } = unet(args);
    expect(code).toBe(exit);
    const found = JSON.parse(stdout).error;
    expect(found).toMatchObject(error);
    expect(stderr).toContain(`unet: error[${error.code}]: ${found.message}`);
    if (found.help !== undefined) expect(stderr).toContain(`help: ${found.help}`);
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
