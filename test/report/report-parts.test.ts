import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvaluatedCase } from '../../src/evaluate/evaluate-folders.js';
import { plainClasses } from '../../src/metrics/case-metrics.js';
import { evaluateCase } from '../../src/metrics/evaluate-case.js';
import { IGNORED } from '../../src/metrics/ignored.js';
import { worstFirst } from '../../src/report/evaluated-order.js';
import { classMasks, objectMasks } from '../../src/report/pages/case-masks.js';
import { MOST_CASE_BYTES, MOST_REPORT_BYTES, PageBudget } from '../../src/report/pages/page-budget.js';
import { pageNames } from '../../src/report/pages/page-names.js';
import { barCounts } from '../../src/report/score-histograms.js';

describe('pages', () => {
  test('have names that differ and that every file system takes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 120 })), (names) => {
        const pages = pageNames(names);
        expect(pages).toHaveLength(names.length);
        expect(new Set(pages.map((name) => name.toLowerCase())).size).toBe(names.length);
        for (const name of pages) {
          expect(name).toMatch(/^[\p{L}\p{N}_#-][\p{L}\p{N}._#-]*$/u);
          expect(Buffer.byteLength(`${name}.html`)).toBeLessThan(256);
        }
      }),
      { seed: 8, numRuns: 200 },
    );
    expect(pageNames(['a/b', 'A_B', 'a_b', '', '..'])).toEqual(['a_b', 'A_B-2', 'a_b-3', '_', '_-2']);
  });

  test('stay below the size of a report, and each is known before the one before it', () => {
    const budget = new PageBudget(1000, undefined);
    let hasNext = budget.hasPage();
    while (hasNext) {
      hasNext = budget.hasPage(1);
      budget.add(MOST_CASE_BYTES);
      expect(budget.hasPage()).toBe(hasNext);
    }
    expect(budget.totalBytes).toBeLessThanOrEqual(MOST_REPORT_BYTES);
    expect(budget.pages).toBeGreaterThan(20);
    const few = new PageBudget(5, 2);
    expect([few.hasPage(), few.hasPage(1), few.hasPage(2)]).toEqual([true, true, false]);
    expect(new PageBudget(1, undefined).hasPage(1)).toBe(false);
  });
});

describe('the order of cases', () => {
  const classes = plainClasses(['background', 'cell']);
  const caseOf = (name: string, truth: number[], predicted: number[], metrics: ['dice'] | ['hd']) => ({
    ...{ name, prediction: '', truth: '', objects: undefined },
    metrics: evaluateCase(Uint16Array.from(truth), Uint16Array.from(predicted), {
      ...{ shape: [1, 6], classes, metrics },
    }),
  });
  const cases = (metrics: ['dice'] | ['hd']): readonly EvaluatedCase[] => [
    caseOf('good', [0, 1, 1, 1, 0, 0], [0, 1, 1, 1, 0, 0], metrics),
    caseOf('nothing', [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], metrics),
    caseOf('missed', [0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0], metrics),
    caseOf('fair', [0, 1, 1, 1, 0, 0], [0, 1, 1, 0, 0, 0], metrics),
  ];

  test.each([[['dice']], [['hd']]] as const)('by %s begins with the worst, and ends without a value', ([
    metric,
  ]) => {
    expect(worstFirst(cases([metric] as ['dice'] | ['hd']))).toEqual([2, 3, 0, 1]);
  });
});

test('bars count each value once, and 1 in the last', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (values) => {
      const counts = barCounts(values);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      for (const [bar, count] of counts.entries()) {
        const isIn = (value: number) => value >= bar / 20 && (value < (bar + 1) / 20 || bar === 19);
        // A border between two bars is rounded.
        const clear = values.filter(
          (value) => Math.abs(value * 20 - Math.round(value * 20)) > 1e-9 || value === 1,
        );
        if (clear.length === values.length) expect(count).toBe(values.filter(isIn).length);
      }
    }),
    { seed: 4, numRuns: 100 },
  );
  expect(barCounts([1, 1, 0, 0.51])[19]).toBe(2);
});

describe('masks of a page', () => {
  test('are empty where nobody labelled the truth', () => {
    const { masks, notes } = classMasks(
      Uint16Array.of(0, 1, IGNORED, 2, IGNORED),
      Uint16Array.of(0, 1, 1, 1, 0),
      ['background', 'cell', 'class 2'],
    );
    expect(masks.map(({ labels }) => [...labels])).toEqual([
      [0, 1, 0, 2, 0],
      [0, 1, 0, 1, 0],
    ]);
    expect(masks.map(({ counts }) => counts)).toEqual([
      [3, 1, 1],
      [3, 2, 0],
    ]);
    expect(notes.join()).toContain('2 positions');
  });

  test('give a predicted object the number of the true one that it matches', () => {
    // 9 is 70, 5 is split, 8 is added.
    const { masks, table } = objectMasks(
      Int32Array.of(0, 9, 9, 9, 0, 5, 5, 5, 5, 0, 0),
      Int32Array.of(0, 70, 70, 70, 0, 3, 3, 4, 4, 0, 8),
    );
    const [truth, found] = masks.map(({ labels }) => [...labels]);
    expect(truth).toEqual([0, 1, 1, 1, 0, 2, 2, 2, 2, 0, 0]);
    expect(found).toEqual([0, 1, 1, 1, 0, 3, 3, 4, 4, 0, 5]);
    expect(table.objects).toBe(true);
    expect(table.classes).toHaveLength(6);
  });
});
