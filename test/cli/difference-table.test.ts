import { expect, test } from 'vitest';
import { disagreement } from '../../src/cli/output/difference-table.js';

test.each([
  [0.9e-4, false],
  [1.1e-4, true],
  [Number.POSITIVE_INFINITY, true],
])('stages that are %d of the largest value apart', (relative, differs) => {
  const stage = (name: string, difference: number) => ({
    stage: name,
    shape: [1, 2],
    difference,
    magnitude: 8,
  });
  const failure = disagreement([stage('a', 0), stage('b', 8 * relative), stage('c', 1e-9)]);
  if (!differs) expect(failure).toBeUndefined();
  else {
    expect(failure).toMatchObject({
      code: 'engines-disagree',
      args: { stage: 'b', found: { case: 'values', relative, limit: 1e-4 } },
    });
  }
});
