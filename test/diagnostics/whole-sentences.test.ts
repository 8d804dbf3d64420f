import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { literalsOf, skeletonsOf } from './whole-sentences.js';
import { wordings } from './wordings.js';

const folder = join(import.meta.dirname, '..');

/** The samples of the snapshot, and this rule itself. */
const exempt = /^diagnostics\/(?:samples\/|wording|whole-sentences)/;

const skeletons = wordings().flatMap(skeletonsOf);

function sentencesIn(source: string): readonly string[] {
  return literalsOf(source).flatMap((literal) => {
    const found = skeletons.find(({ pattern }) => pattern.test(literal));
    return found ? [`${found.code}: ${literal}`] : [];
  });
}

describe('the search for whole sentences', () => {
  test.each([
    ['a text', "expect(x).toBe('cannot read a.png: there is no such file');"],
    ['a text in parts', "x('cannot read a.png: ' +\n  'there is no such file');"],
    ['a template', 'expect(x).toBe(`cannot read $' + '{path}: there is no such file`);'],
    ['an expression', 'expect(x).toMatch(/^cannot read .*\\.png: there is no such file$/);'],
    ['a sentence in a longer text', "x('unet: cannot read a.png: there is no such file\\n');"],
  ])('finds %s', (_name, source) => {
    expect(sentencesIn(source)).toHaveLength(1);
  });

  test.each([
    ['a piece', "expect(x).toContain('no such file');"],
    ['a code and a path', 'expect(x).toMatch(/error\\[file-unreadable\\]: .*a\\.png/);'],
    ['a comment', "// 'cannot read a.png: there is no such file'"],
  ])('lets %s pass', (_name, source) => {
    expect(sentencesIn(source)).toEqual([]);
  });
});

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !exempt.test(file))
  .sort();

test('no test asserts the whole sentence of a failure: the snapshot has it', () => {
  const found = files.flatMap((file) =>
    sentencesIn(readFileSync(join(folder, file), 'utf8')).map((one) => `${file}: ${one}`),
  );
  expect(found).toEqual([]);
});
