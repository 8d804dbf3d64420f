import { expect, it } from 'vitest';
import { budgetOf, budgetText } from '../../scripts/budget-text.js';

const counts = new Map([
  ['grammar', { files: 10, lines: 1000 }],
  ['src/ir', { files: 3, lines: 205 }],
]);

it('a budget has headroom', () => {
  expect(budgetOf(counts)).toEqual({
    grammar: { files: 11, lines: 1100 },
    'src/ir': { files: 4, lines: 250 },
  });
});

it('prints a row for each room, and warns about what is above', () => {
  const budget = {
    grammar: { files: 10, lines: 900 },
    'src/ir': { files: 2, lines: 300 },
    gone: { files: 1, lines: 1 },
  };
  expect(
    budgetText(counts, budget)
      .split('\n')
      .map((line) => line.replace(/\s+/g, ' ')),
  ).toEqual([
    'grammar 10 / 10 files 1000 / 900 lines',
    'src/ir 3 / 2 files 205 / 300 lines',
    'all 13 files 1205 lines',
    'warning: grammar has 1000 lines, 100 above its budget',
    'warning: src/ir has 3 files, 1 above its budget',
    'warning: gone has a budget, but no files',
  ]);
});

it('warns about a room without a budget', () => {
  expect(budgetText(new Map([['new', { files: 1, lines: 1 }]]), {})).toContain('warning: new has no budget');
});
