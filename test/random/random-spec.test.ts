import { expect, test } from 'vitest';
import type { Code } from '../../src/diagnostics/codes.js';
import { admissibleSizes } from '../../src/shape/admissible.js';
import { elaborateText } from './elaborated.js';
import { compileAt } from './fitted.js';
import { NETWORK, randomSpec, seedNote } from './random-spec.js';

/** What a random spec may be refused for: its parts do not fit together. Its text itself is always right. */
const refusals: readonly Code[] = [
  'odd-channels',
  'odd-crop',
  'skip-not-equal',
  'skip-smaller',
  'skip-size-varies',
  'sizes-not-equal',
  'channels-not-equal',
  'groups-not-divisible',
];

const seeds = Array.from({ length: 300 }, (_, i) => 500 + i);

test('a seed makes the same text each time, and another seed another one', () => {
  const texts = seeds.map((seed) => randomSpec(seed).textAt([64, 64, 64]));
  expect(seeds.map((seed) => randomSpec(seed).textAt([64, 64, 64]))).toEqual(texts);
  expect(new Set(texts).size).toBe(texts.length);
});

test('a random spec compiles at the sizes that fit it, or is refused for parts that do not fit', () => {
  const found = new Map<string, number>();
  for (const seed of seeds) {
    const spec = randomSpec(seed);
    const anySize = Array.from({ length: spec.rank }, () => 64);
    const { graph, diagnostics } = elaborateText(spec.textAt(anySize), NETWORK);
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
    expect(errors.length === 0, seedNote(spec, anySize)).toBe(graph !== undefined);
    for (const { code } of errors) expect(refusals, seedNote(spec, anySize)).toContain(code);
    const admissible = graph && admissibleSizes(graph);
    if (admissible?.kind === 'sizes') {
      const { axes } = admissible;
      compileAt(
        spec,
        axes.map(({ minimum, step }, axis) => minimum + axis * step),
      );
    }
    const outcome = admissible?.kind ?? errors[0]?.code ?? '';
    found.set(outcome, (found.get(outcome) ?? 0) + 1);
  }
  expect(found.get('sizes')).toBeGreaterThan(seeds.length / 2);
  expect(found.size).toBeGreaterThan(4);
});
