import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { trendText } from '../../bench/trend-text.js';

const root = join(import.meta.dirname, '../..');

const entry = (measure: string, commit: string, ratio: number, node = '20.20.2') =>
  JSON.stringify({ commit, date: '2026-01-02', node, cpu: 'A CPU', measure, ratio, unit: 'ms', medians: {} });

const rows = (...lines: string[]) =>
  trendText(lines.join('\n'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace('2026-01-02  Node ', '').replace(/\s+/g, ' ').trim());

it('shows the ratios of each measure by commit, and marks what got slower', () => {
  const lines = [
    entry('check', 'aaa', 2),
    entry('parse', 'aaa', 1.5),
    entry('check', 'bbb', 2.2),
    entry('check', 'ccc', 2.5),
    entry('check', 'ddd', 1.25),
    entry('parse', 'ddd', 1.5),
  ];
  expect(rows(...lines)).toEqual([
    'check',
    'aaa 20.20.2 2.00x A CPU',
    'bbb 20.20.2 2.20x +10 % A CPU',
    'ccc 20.20.2 2.50x +14 % REGRESSION A CPU',
    'ddd 20.20.2 1.25x -50 % A CPU',
    'parse',
    'aaa 20.20.2 1.50x A CPU',
    'ddd 20.20.2 1.50x 0 % A CPU',
  ]);
});

it('takes the median of the runs of a commit, and compares only with the same version of Node', () => {
  const lines = [
    entry('check', 'aaa', 2),
    entry('check', 'aaa', 9),
    entry('check', 'aaa', 2.1),
    entry('check', 'bbb', 1.4, '24.1.0'),
    entry('check', 'ccc', 2.1),
    entry('check', 'ccc', 1.6, '24.2.0'),
  ];
  expect(rows(...lines)).toEqual([
    'check',
    'aaa 20.20.2 2.10x A CPU',
    'bbb 24.1.0 1.40x A CPU',
    'ccc 20.20.2 2.10x 0 % A CPU',
    'ccc 24.2.0 1.60x +14 % REGRESSION A CPU',
  ]);
});

it('is a command, which reads the stored results', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unet-trend-'));
  const file = join(folder, 'results.jsonl');
  writeFileSync(file, `${entry('check', 'aaa', 2)}\n`);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'bench/trend.js'), ...args], { encoding: 'utf8' });
  expect(run(file).stdout).toBe(`${trendText(readFileSync(file, 'utf8'))}\n`);
  rmSync(folder, { recursive: true });
  const stored = run();
  expect(stored.status, stored.stderr).toBe(0);
  expect(stored.stdout).toMatch(/^check\n/);
});
