import { expect, test } from 'vitest';
import { holds, testChangedTexts } from './changed-texts.js';
import { read, specs } from './reading.js';

test.each([...specs()])('the tree of %s', (_path, text) => {
  const parsed = read(text);
  expect(parsed.diagnostics).toEqual([]);
  expect(parsed.tree.declarations.length).toBeGreaterThan(1);
  holds(parsed);
});

test.each([
  'ablation A of B { vary }',
  'ablation A of B { vary\n variant }',
  'ablation of { variant { } }',
  'unet { = 3 }',
  'unet A { a = }',
  'unet A { a[ = ',
  'block (, =) { = }',
  'block B(',
  'import { , } from',
  'param',
  'language',
  'training { }',
  'unet A { expect { == within } }',
  'unet A { a = f(: , b: ) . }',
])('the tree of %s', (text) => {
  const parsed = read(text);
  expect(parsed.diagnostics.length).toBeGreaterThan(0);
  holds(parsed);
});

testChangedTexts({ programs: 70, changesOfSpec: 50, changedPrograms: 150 });
