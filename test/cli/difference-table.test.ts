import { expect, test, vi } from 'vitest';
import { verdict } from '../../src/cli/output/difference-table.js';

test.each([
  [0.9e-4, 0, /agree/],
  [1.1e-4, 1, /differ by more than 0\.0001, most at b/],
  [Number.POSITIVE_INFINITY, 1, /most at b/],
])('stages that are %d of the largest value apart', (relative, code, message) => {
  const said: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const stage = (name: string, difference: number) => ({
    stage: name,
    shape: [1, 2],
    difference,
    magnitude: 8,
  });
  const result = verdict([stage('a', 0), stage('b', 8 * relative), stage('c', 1e-9)]);
  write.mockRestore();
  expect(result).toBe(code);
  expect(said.join('')).toMatch(message);
});
