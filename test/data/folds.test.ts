import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/data/rng.js';
import { splitByNames } from '../../src/data/split/by-names.js';
import { splitBySeed } from '../../src/data/split/by-seed.js';
import { foldOf } from '../../src/data/split/folds.js';
import { groupsByPattern } from '../../src/data/split/group-pattern.js';
import { fileOf, type Split } from '../../src/data/split/split.js';
import { ok } from './folder.js';

interface Page {
  readonly name: string;
  readonly stem: string;
  readonly images: readonly string[];
}

/** Files of patients: each patient has some files, and each file some pages. */
function layout(seed: number): readonly Page[] {
  const draws = new Rng(seed, 'layout');
  const patients = 2 + draws.index(9);
  const most = 1 + draws.index(6);
  const samples = Array.from({ length: patients }, (_, patient) =>
    Array.from({ length: 1 + draws.index(3) }, (_, file) => {
      const stem = `p${patient}_${file}`;
      const pages = 1 + draws.index(most);
      const images = [`set/images/${stem}.tif`];
      if (pages === 1) return [{ name: stem, stem, images }];
      return Array.from({ length: pages }, (_, page) => ({ name: `${stem}#${page + 1}`, stem, images }));
    }),
  ).flat(2);
  return [...draws.order(samples.length)].flatMap((i) => samples[i] ?? []);
}

const seeds = Array.from({ length: 150 }, (_, i) => i);
const names = (samples: readonly { readonly name: string }[]) => samples.map(({ name }) => name);
const patientOf = ({ stem }: Page) => stem.split('_')[0] ?? '';

/** Every sample is in one part, and no group in both. */
function isWhole(samples: readonly Page[], split: Split<Page>, groupOf: (page: Page) => string): void {
  expect(names([...split.training, ...split.validation]).sort()).toEqual(names(samples).sort());
  const learned = new Set(split.training.map(groupOf));
  expect(split.validation.filter((page) => learned.has(groupOf(page)))).toEqual([]);
}

describe('no group is on both sides', () => {
  test.each(seeds)('layout %i', (seed) => {
    const samples = layout(seed);
    const byPatient = ok(groupsByPattern(samples, '{group}_*'));
    for (const [groups, groupOf] of [
      [undefined, fileOf],
      [byPatient, patientOf],
    ] as const) {
      const count = new Set(samples.map(groupOf)).size;
      if (count > 1) {
        for (const fraction of [0.01, 0.2, 0.5, 0.99]) {
          const split = ok(splitBySeed(samples, fraction, seed, groups));
          isWhole(samples, split, groupOf);
          expect(split.training.length * split.validation.length).toBeGreaterThan(0);
          expect(
            ok(splitBySeed(samples.toReversed(), fraction, seed, groups)).validation.toReversed(),
          ).toEqual(split.validation);
        }
      }
      for (const folds of [2, 3, 5].filter((n) => n <= count)) {
        const parts = Array.from({ length: folds }, (_, i) =>
          ok(foldOf(samples, { count: folds, index: i + 1, seed, ...(groups ? { groups } : {}) })),
        );
        for (const part of parts) isWhole(samples, part, groupOf);
        // Every sample validates once.
        expect(names(parts.flatMap(({ validation }) => validation)).sort()).toEqual(names(samples).sort());
      }
      const named = samples.filter((_, i) => i % 2 === seed % 2);
      const split = splitByNames(samples, names(named), groups);
      if ('validation' in split && !split.notes) isWhole(samples, split, groupOf);
    }
  });
});

describe('the part that validates', () => {
  test.each(seeds.slice(0, 40))('layout %i: no other group brings it nearer to the fraction', (seed) => {
    const samples = layout(seed);
    const groupOf = patientOf;
    const sizes = new Map<string, number>();
    for (const page of samples) sizes.set(groupOf(page), (sizes.get(groupOf(page)) ?? 0) + 1);
    const target = 0.3 * samples.length;
    const { validation } = ok(splitBySeed(samples, 0.3, seed, groupOf));
    const chosen = new Set(validation.map(groupOf));
    const distance = Math.abs(validation.length - target);
    if (chosen.size + 1 === sizes.size) return;
    for (const [group, size] of sizes) {
      if (chosen.has(group)) continue;
      expect(Math.abs(validation.length + size - target)).toBeGreaterThanOrEqual(distance - 1e-9);
    }
  });

  test('with one sample a group, the images are those of the versions before groups', () => {
    for (const seed of seeds.slice(0, 50)) {
      const count = 2 + new Rng(seed, 'count').index(60);
      const samples = Array.from({ length: count }, (_, i) => ({ name: `cells-${i}` }));
      for (const fraction of [0.01, 0.125, 0.2, 0.25, 0.5, 0.75, 0.99]) {
        const part = Math.min(count - 1, Math.max(1, Math.round(fraction * count)));
        const before = samples
          .map(({ name }) => ({ name, number: new Rng(seed, `split/${name}`).uniform(0, 1) }))
          .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1))
          .slice(0, part);
        expect(names(ok(splitBySeed(samples, fraction, seed)).validation).sort()).toEqual(
          names(before).sort(),
        );
      }
    }
  });
});

describe('one file', () => {
  const pages = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `stack#${i + 1}`, stem: 'stack' }));
  const numbers = (samples: readonly { readonly name: string }[]) =>
    samples.map(({ name }) => Number(name.slice('stack#'.length)));

  test('a block of neighbouring pages validates, with a note', () => {
    for (const seed of [0, 1, 2, 3]) {
      const split = ok(splitBySeed(pages(30), 0.2, seed));
      const block = numbers(split.validation);
      expect(block).toEqual(Array.from({ length: 6 }, (_, i) => (block[0] ?? 0) + i));
      expect(split.notes).toHaveLength(1);
      expect(numbers(ok(splitBySeed(pages(30).toReversed(), 0.2, seed)).validation).reverse()).toEqual(block);
    }
    expect(numbers(ok(splitBySeed(pages(30), 0.2, 1)).validation)).not.toEqual(
      numbers(ok(splitBySeed(pages(30), 0.2, 2)).validation),
    );
  });

  test('folds are blocks', () => {
    const blocks = [1, 2, 3].map((index) => ok(foldOf(pages(11), { count: 3, index })));
    expect(blocks.map(({ validation }) => numbers(validation))).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7],
      [8, 9, 10, 11],
    ]);
    for (const { notes } of blocks) expect(notes).toHaveLength(1);
    expect(foldOf(pages(2), { count: 3, index: 1 })).toMatchObject({
      code: 'fold-count',
      args: { count: 3, available: 2, of: 'pages' },
    });
  });

  test('a group of all images cannot be split', () => {
    expect(splitBySeed(pages(4), 0.2, 0, () => 'p1')).toMatchObject({
      code: 'single-group',
      args: { group: 'p1', samples: 4 },
    });
  });

  test('single pages can be named, with a note; not with groups', () => {
    const samples = pages(3).map((page) => ({ ...page, images: ['stack.tif'] }));
    const split = ok(splitByNames(samples, ['stack#2']));
    expect([numbers(split.validation), split.notes?.length]).toEqual([[2], 1]);
    expect(splitByNames(samples, ['stack#2'], fileOf)).toMatchObject({
      code: 'group-divided',
      args: { groups: [{ group: 'stack', training: ['stack#1', 'stack#3'], validation: ['stack#2'] }] },
    });
  });
});

describe('folds', () => {
  /** How unequal the sizes are at best: by all assignments. */
  function leastDifference(sizes: readonly number[], count: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let code = 0; code < count ** sizes.length; code += 1) {
      const sums = new Array<number>(count).fill(0);
      for (let i = 0, rest = code; i < sizes.length; i += 1, rest = Math.floor(rest / count)) {
        sums[rest % count] = (sums[rest % count] ?? 0) + (sizes[i] ?? 0);
      }
      if (Math.min(...sums) > 0) least = Math.min(least, Math.max(...sums) - Math.min(...sums));
    }
    return least;
  }

  test('sizes differ as little as the groups allow', () => {
    for (const seed of seeds) {
      const draws = new Rng(seed, 'sizes');
      const count = 2 + draws.index(2);
      const sizes = Array.from({ length: count + draws.index(6) }, () => 1 + draws.index(9));
      const samples = sizes.flatMap((size, group) =>
        Array.from({ length: size }, (_, i) => ({ name: `${group}_${i}`, stem: `${group}` })),
      );
      const found = Array.from(
        { length: count },
        (_, i) => ok(foldOf(samples, { count, index: i + 1, seed })).validation.length,
      );
      expect(Math.max(...found) - Math.min(...found), sizes.join()).toBe(leastDifference(sizes, count));
    }
  });

  test('each class is spread over the folds, and sizes differ by one at most', () => {
    for (const seed of seeds.slice(0, 60)) {
      const draws = new Rng(seed, 'classes');
      const count = 2 + draws.index(4);
      const chances = [1, 0.6, 0.3, 0.1];
      const samples = Array.from({ length: 20 + draws.index(40) }, (_, i) => ({
        name: `a${i}`,
        shows: chances.map((chance) => draws.uniform(0, 1) < chance),
      }));
      const options = { count, seed, classes: ({ shows }: (typeof samples)[number]) => shows };
      const folds = Array.from(
        { length: count },
        (_, i) => ok(foldOf(samples, { ...options, index: i + 1 })).validation,
      );
      const sizes = folds.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      for (const label of chances.keys()) {
        const shown = folds.map((fold) => fold.filter(({ shows }) => shows[label]).length);
        expect(Math.max(...shown) - Math.min(...shown), `class ${label} of seed ${seed}`).toBeLessThanOrEqual(
          2,
        );
      }
      const turned = ok(foldOf(samples.toReversed(), { ...options, index: 1 })).validation;
      expect(names(turned).reverse()).toEqual(names(folds[0] ?? []));
    }
  });

  test.each([
    [{ count: 1, index: 1 }, 'fold-number', { count: 1, index: 1 }],
    [{ count: 3, index: 0 }, 'fold-number', { count: 3, index: 0 }],
    [{ count: 3, index: 4 }, 'fold-number', { count: 3, index: 4 }],
    [{ count: 2.5, index: 1 }, 'fold-number', { count: 2.5, index: 1 }],
    [{ count: 5, index: 1 }, 'fold-count', { count: 5, available: 4, of: 'files' }],
  ])('%j', (fold, code, args) => {
    const samples = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    expect(foldOf(samples, fold)).toMatchObject({ code, args });
  });
});

describe('groupsByPattern', () => {
  const samples = ['p1_a', 'p1_b', 'p2_a'].map((name) => ({ name }));
  const groupsOf = (pattern: string) => samples.map(ok(groupsByPattern(samples, pattern)));

  test.each([
    ['{group}_*', ['p1', 'p1', 'p2']],
    ['p{group}_*', ['1', '1', '2']],
    ['*_{group}', ['a', 'b', 'a']],
    ['^(p\\d+)', ['p1', 'p1', 'p2']],
    ['(?:p)(\\d)_', ['1', '1', '2']],
    ['(?<patient>p.)', ['p1', 'p1', 'p2']],
  ])('%s', (pattern, expected) => expect(groupsOf(pattern)).toEqual(expected));

  test('special characters outside of {group} and * are plain', () => {
    const one = [{ name: 'a.b+c(1)' }, { name: 'x.b+c(2)' }];
    expect(one.map(ok(groupsByPattern(one, '{group}.b+c(*)')))).toEqual(['a', 'x']);
  });

  test('pages are grouped by the name of their file', () => {
    const pages = [1, 2].map((page) => ({ name: `p1#${page}`, stem: 'p1' }));
    expect(pages.map(ok(groupsByPattern(pages, '(.*)')))).toEqual(['p1', 'p1']);
  });

  test.each([
    ['{group}_{group}', 'group-pattern', { problem: { case: 'places' } }],
    ['p1', 'group-pattern', { problem: { case: 'captures', count: 0 } }],
    ['(p)(1)', 'group-pattern', { problem: { case: 'captures', count: 2 } }],
    ['(', 'group-pattern', { problem: { case: 'expression', reason: 'Unterminated group' } }],
    ['^(p1)', 'group-unmatched', { images: { names: ['p2_a'], count: 1 }, total: 3 }],
    ['{group}-*', 'group-unmatched', { images: { names: ['p1_a', 'p1_b', 'p2_a'], count: 3 } }],
  ])('%s is refused', (pattern, code, args) => {
    expect(groupsByPattern(samples, pattern)).toMatchObject({ code, args });
  });
});
