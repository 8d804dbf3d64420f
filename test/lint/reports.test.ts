import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { codes } from '../../src/diagnostics/codes.js';
import { freshFolder, unet } from '../cli/unet.js';

const text = `block Own(c) {
  h = input -> conv(3, c) -> relu
  attention(h -> conv(1, c), h -> conv(1, c), h -> conv(1, c))
}
unet Net {
  input      = 1 x 8 x 8
  classes    = 2
  depth      = 2
  channels   = [2, 4, 8]
  padding    = same
  norm       = instance
  skip[1]    = none // allow(bias-before-norm): for nothing
  bottleneck = Own  // allow(dead-parameter): misspelt
}
`;
const expected = ['bias-before-norm', 'dead-parameters', 'malformed-allow', 'needless-allow', 'skip-unused'];

let folder = '';
beforeAll(() => {
  folder = freshFolder();
  writeFileSync(join(folder, 'net.unet'), text);
});

describe('the command line', () => {
  test('ends with 0 where there are only warnings, and counts them', () => {
    const { code, stderr } = unet(['check', 'net.unet'], folder);
    expect(code).toBe(0);
    expect(stderr).toMatch(/5 warnings/);
  });

  test('has each in --json, with severity, place and notes', () => {
    const { code, stdout } = unet(['check', 'net.unet', '--json'], folder);
    expect(code).toBe(0);
    const { errors, warnings, diagnostics } = JSON.parse(stdout);
    expect([errors, warnings]).toEqual([0, 5]);
    expect(diagnostics.map((one: { code: string }) => one.code).sort()).toEqual(expected);
    const lines = text.split('\n');
    for (const { severity, range, code: name, notes, help } of diagnostics) {
      expect(severity).toBe('warning');
      expect(range.start.line).toBe(range.end.line);
      const at = lines[range.start.line]?.slice(range.start.character, range.end.character);
      const places: Record<string, string> = {
        'bias-before-norm': 'instance',
        'dead-parameters': 'conv(1, c)',
        'malformed-allow': 'dead-parameter',
        'needless-allow': 'bias-before-norm',
        'skip-unused': 'none',
      };
      expect(at, name).toBe(places[name]);
      expect(notes.length > 0 || help !== undefined, name).toBe(true);
    }
  });

  test('has each in SARIF, as a warning with its rule', () => {
    const { code, stdout } = unet(['check', 'net.unet', '--format', 'sarif'], folder);
    expect(code).toBe(0);
    const [run] = JSON.parse(stdout).runs;
    const found: { ruleId: string; level: string; ruleIndex: number }[] = run.results;
    expect(found.map(({ ruleId }) => ruleId).sort()).toEqual(expected);
    for (const { ruleId, level, ruleIndex } of found) {
      expect(level).toBe('warning');
      expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
    }
  });

  test('explains every one', () => {
    for (const [code, { severity }] of Object.entries(codes)) {
      if (severity !== 'warning') continue;
      const { stdout, code: status } = unet(['explain', code], folder);
      expect(status).toBe(0);
      expect(stdout).toContain(code);
    }
  });
});
