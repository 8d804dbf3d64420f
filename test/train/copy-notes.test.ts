import { expect, test } from 'vitest';
import type { Sample } from '../../src/data/samples/sample.js';
import { copyNotes } from '../../src/train/copy-notes.js';

function sample(name: string, page = 0): Sample {
  const stem = name.replace(/#.*/, '');
  const part = { image: page, isPage: true };
  return {
    ...{
      name,
      stem,
      images: [`${stem}.png`],
      mask: `${stem}_mask.png`,
      classFiles: [],
      instances: undefined,
    },
    ...{ part: { image: part, mask: part }, spatial: [2, 2], spacing: undefined, spacingUnit: undefined },
  };
}

const [a, b, c] = [sample('a'), sample('b'), sample('c')];

test.each<[string, Sample[], Sample[], Record<string, string[]>, RegExp | undefined]>([
  ['other images', [a, b], [c], { a: ['1', 'm'], b: ['2', 'm'], c: ['3', 'm'] }, undefined],
  ['a copy', [a, b], [c], { a: ['1', 'm'], b: ['2', 'm'], c: ['1', 'n'] }, /^1 of 1 .*\(c and a\)/],
  ['two copies', [a], [b, c], { a: ['1'], b: ['1'], c: ['1'] }, /^2 of 2 .*\(b and a\)/],
  ['copies on one side', [a, b], [c], { a: ['1'], b: ['1'], c: ['2'] }, undefined],
  ['equal masks alone', [a], [c], { a: ['1', 'm'], c: ['2', 'm'] }, undefined],
  ['pages of one file', [sample('s#1', 0)], [sample('s#2', 1)], { 's#1': ['1'], 's#2': ['1'] }, undefined],
  [
    'other pages of a copy',
    [sample('s#1', 0)],
    [sample('t#2', 1)],
    { 's#1': ['1'], 't#2': ['1'] },
    undefined,
  ],
  ['a page of a copy', [sample('s#2', 1)], [sample('t#2', 1)], { 's#2': ['1'], 't#2': ['1'] }, /t#2 and s#2/],
  ['nothing validates', [a], [], { a: ['1'] }, undefined],
])('%s', (_, training, validation, hashes, wanted) => {
  const notes = copyNotes({ training, validation }, new Map(Object.entries(hashes)));
  expect(notes).toEqual(wanted === undefined ? [] : [expect.stringMatching(wanted)]);
});
