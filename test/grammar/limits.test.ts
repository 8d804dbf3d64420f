import { expect, test } from 'vitest';
import { FILE_LIMIT, NESTING_LIMIT } from '../../grammar/parse/parse.js';
import { format } from '../../grammar/print/print.js';
import { testLongTexts } from './long-texts.js';
import { Random } from './random.js';
import { read } from './reading.js';

const codesOf = (text: string): string[] => [...new Set(read(text).diagnostics.map((d) => d.code))];

test.each(['(', '[', '{', 'f(', 'a[', '-(', '[[('])('ten thousand nested %s', (bracket) => {
  expect(codesOf(`unet A { a = ${bracket.repeat(10_000)} }`)).toEqual(['nesting-too-deep']);
  expect(codesOf(bracket.repeat(10_000))).toEqual(['nesting-too-deep']);
});

test('brackets as deep as allowed are read and formatted, and one more is an error', () => {
  const nested = (depth: number): string => `unet A { a = ${'('.repeat(depth)}1${')'.repeat(depth)} }\n`;
  const deepest = nested(NESTING_LIMIT - 1);
  expect(read(deepest).diagnostics).toEqual([]);
  expect(read(nested(NESTING_LIMIT)).diagnostics.map((d) => d.code)).toEqual(['nesting-too-deep']);
  const formatted = format(read(deepest)) ?? '';
  expect(formatted.replace(/\s/g, '')).toBe(deepest.replace(/\s/g, ''));
});

test('a file as large as allowed is read, and a larger one is not', () => {
  const text = `// ${'c'.repeat(FILE_LIMIT - 3)}`;
  expect(read(text).diagnostics).toEqual([]);
  expect(codesOf(`${text}c`)).toEqual(['file-too-large']);
});

testLongTexts(0.1);

test('a name as long as the file pushes nothing to the right', () => {
  const text = `unet A {\n  ${'n'.repeat(FILE_LIMIT / 2)} = 1 // c\n${'  b = 2 // d\n'.repeat(20_000)}}\n`;
  expect(format(read(text))).toBe(text);
});

test('what would be too large to be read again is not formatted', () => {
  const body = `\nunet A {\n${'a=1\n'.repeat(10)}}`;
  const text = `// ${'c'.repeat(FILE_LIMIT - body.length - 3)}${body}`;
  expect(text).toHaveLength(FILE_LIMIT);
  expect(read(text).diagnostics).toEqual([]);
  expect(format(read(text))).toBeUndefined();
  expect(format(read(text.replace('c'.repeat(100), '')))).toContain('\n  a = 1\n');
});

test('random bytes', () => {
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
  for (let seed = 0; seed < 40; seed += 1) {
    const random = new Random(seed);
    const alphabet = seed % 2 === 0 ? `${printable}\n\r\t` : `${printable}\n\u0000\u0007\ufffd\ud800é漢`;
    const text = Array.from({ length: 5_000 }, () => alphabet[random.below(alphabet.length)]).join('');
    const parsed = read(text);
    expect(parsed.diagnostics.length).toBeGreaterThan(0);
    expect(format(parsed)).toBeUndefined();
  }
  expect(codesOf('unet A {\u0000}')).toEqual(['not-text']);
  expect(codesOf('\ufffd\ufffd')).toEqual(['not-text']);
});

test('files with hardly anything in them', () => {
  for (const text of ['', ' ', '\n\n', '\r', '\ufeff', '\ufeff\r\n', '\t'])
    expect(format(read(text))).toBe('');
  expect(format(read('// c'))).toBe('// c\n');
  expect(format(read('\ufeff/* c */'))).toBe('/* c */\n');
  expect(format(read('param a = 1'))).toBe('param a = 1\n');
  expect(codesOf('"')).toContain('unclosed');
  expect(codesOf('/*')).toEqual(['unclosed']);
  expect(codesOf('param a = "x\n')).toEqual(['unclosed']);
});
