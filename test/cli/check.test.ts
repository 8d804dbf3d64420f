import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bin, freshFolder, root, unet } from './unet.js';

const broken = `unet Small {
  input = 1 x 570 x 570
  classes = 2
}
`;

function brokenFile(): string {
  const path = join(freshFolder(), 'broken.unet');
  writeFileSync(path, broken);
  return path;
}

describe('unet check', () => {
  test('is quiet on standard output and exits 0 where all is well', () => {
    const { code, stdout, stderr } = unet([
      'check',
      'specs/unet2d.unet',
      'specs/unet3d.unet',
      'specs/unet2d-padded.unet',
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('4 networks in 3 files: no errors');
  });

  test('exits 1 on an error and shows place, line, numbers and remedy', () => {
    const path = brokenFile();
    const { code, stdout } = unet(['check', path]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${path}:2:11 error[input-does-not-fit]`);
    expect(stdout).toContain('2 |   input = 1 x 570 x 570');
    expect(stdout).toMatch(/\^{13}/);
    expect(stdout).toContain('279');
    expect(stdout).toContain('556, 572');
    expect(stdout).not.toContain('\x1b[');
  });

  test('colours only where it is asked to', () => {
    const path = brokenFile();
    expect(unet(['check', path], root, { FORCE_COLOR: '1' }).stdout).toContain('\x1b[');
    expect(unet(['check', path], root, { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain('\x1b[');
  });

  test('--json has the stable form, with zero-based positions', () => {
    const path = brokenFile();
    const { code, stdout } = unet(['check', path, '--json']);
    const result = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(result).toMatchObject({ errors: 1, warnings: 0 });
    expect(result.diagnostics).toHaveLength(1);
    const [first] = result.diagnostics;
    expect(first).toMatchObject({
      code: 'input-does-not-fit',
      severity: 'error',
      file: path,
      range: { start: { line: 1, character: 10 }, end: { line: 1, character: 23 } },
    });
    const edits = first.fixes.map((fix: { edits: { newText: string }[] }) =>
      fix.edits.map((edit) => edit.newText),
    );
    expect(edits).toEqual([
      ['572', '572'],
      ['556', '556'],
    ]);
    expect(JSON.parse(unet(['check', 'specs/unet2d.unet', '--json']).stdout)).toEqual({
      errors: 0,
      warnings: 0,
      diagnostics: [],
    });
  });

  test('writes SARIF and GitHub annotations', () => {
    const path = brokenFile();
    const sarif = JSON.parse(unet(['check', path, '--format', 'sarif']).stdout);
    expect(sarif.version).toBe('2.1.0');
    expect(sarif.runs[0].results[0].ruleId).toBe('input-does-not-fit');
    expect(unet(['check', path, '--format', 'github']).stdout).toMatch(/^::error .*line=2,.*col=11/);
  });

  test('goes on after a file that cannot be read', () => {
    const { code, stderr } = unet(['check', 'specs/unet2d.unet', 'nowhere.unet']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[file-unreadable\]: .*nowhere\.unet/);
  });

  test('a file that cannot be read is a diagnostic for machines, at its beginning', () => {
    const broken = brokenFile();
    const run = (...more: string[]) => unet(['check', 'nowhere.unet', broken, ...more]);
    const json = run('--json');
    expect(json.code).toBe(1);
    expect(json.stderr).toMatch(/error\[file-unreadable\]: .*nowhere\.unet/);
    const [start, end] = [
      { line: 0, character: 0 },
      { line: 0, character: 0 },
    ];
    expect(JSON.parse(json.stdout)).toMatchObject({
      errors: 2,
      diagnostics: [
        {
          code: 'file-unreadable',
          severity: 'error',
          file: 'nowhere.unet',
          range: { start, end },
          fixes: [],
        },
        { code: 'input-does-not-fit', file: broken },
      ],
    });
    const [{ results, tool }] = JSON.parse(run('--format', 'sarif').stdout).runs;
    expect(results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual([
      'file-unreadable',
      'input-does-not-fit',
    ]);
    expect(tool.driver.rules[0]).toMatchObject({
      id: 'file-unreadable',
      shortDescription: expect.anything(),
    });
    expect(run('--format', 'github').stdout).toMatch(
      /^::error file=nowhere\.unet,line=1,.*file-unreadable::/,
    );
  });

  test('--set and --input leave expectations out, with a note', () => {
    const { code, stderr } = unet(['check', 'specs/unet2d.unet', '--input', '1 x 188 x 188']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: .*expectations/m);
  });

  test('--watch of a folder that is not there is one line', () => {
    const { code, stderr } = unet(['check', 'nowhere/x.unet', '--watch']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[folder-unwatchable\]: .*nowhere/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('--watch checks again after a change', async () => {
    const path = join(freshFolder(), 'watched.unet');
    writeFileSync(path, readFileSync(join(root, 'specs/unet2d.unet')));
    const child = spawn(process.execPath, [bin, 'check', path, '--watch'], { cwd: root });
    let output = '';
    const seen = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (output.includes(text)) resolve();
        };
        child.stderr.on('data', look);
        child.stdout.on('data', look);
        look();
      });
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await seen('no errors');
    // The first answer comes just before the watching begins.
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync(path, broken);
    await seen('input-does-not-fit');
    child.kill();
  });
});
