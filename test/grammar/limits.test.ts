import { expect, test } from 'vitest';
import { FILE_LIMIT, NESTING_LIMIT } from '../../grammar/parse/parse.js';
import { format } from '../../grammar/print/print.js';
import { Random } from './random.js';
import { read } from './reading.js';

const codesOf = (text: string): string[] => [...new Set(read(text).diagnostics.map((d) => d.code))];

/** As many repetitions as fit into a file that is still read. */
function megabyte(part: string, before = '', after = ''): string {
  return before + part.repeat(Math.floor((FILE_LIMIT - before.length - after.length) / part.length)) + after;
}

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

test.each<[string, string]>([
  ['sums', `unet A { a = 1${' + 1'.repeat(50_000)} }`],
  ['sums over lines', `unet A { a = 1${'\n  - 1'.repeat(50_000)} }`],
  ['powers', `unet A { a = 1${' ^ 1'.repeat(50_000)} }`],
  ['sizes', `unet A { a = 1${'x1'.repeat(50_000)} }`],
  ['pipelines', `block B { a${' -> a'.repeat(50_000)} }`],
  ['pipelines over lines', `block B { a${'\n -> f(1)'.repeat(30_000)} }`],
  ['lists', `unet A { a = [1${', 1'.repeat(50_000)}] }`],
  ['bodies', `unet A {${'\na = 1 // c'.repeat(30_000)}\n}`],
  ['blocks', `block B {${'\na = b'.repeat(30_000)}\n a }`],
  ['declarations', 'param a = 1\n'.repeat(30_000)],
  ['comments', '// c\n'.repeat(50_000)],
])('very long %s', (_what, text) => {
  const formatted = format(read(text)) ?? '';
  const content = (source: string): string => source.replace(/\s+/g, '');
  expect(content(formatted)).toBe(content(text));
});

test('a name as long as the file pushes nothing to the right', () => {
  const text = `unet A {\n  ${'n'.repeat(FILE_LIMIT / 2)} = 1 // c\n${'  b = 2 // d\n'.repeat(20_000)}}\n`;
  expect(format(read(text))).toBe(text);
});

test('what would be too large to be read again is not formatted', () => {
  const text = `unet A {\n${'a=1\n'.repeat(FILE_LIMIT / 6)}}`;
  expect(read(text).diagnostics).toEqual([]);
  expect(format(read(text))).toBeUndefined();
});

test.each<[string, string]>([
  ['commas', megabyte(' , a = 1\n', 'unet A {', '}')],
  ['colons', megabyte('a: 1\n', 'unet A {', '}')],
  ['missing values', megabyte('a =\n', 'unet A {', '}')],
  ['missing arguments', megabyte('a b, ', 'unet A { a = f(', ') }')],
  ['missing elements', megabyte('1 , , ', 'unet A { a = [', '] }')],
  ['rows', megabyte('a = 1\n', 'unet A { expect {', '}}')],
  ['damaged declarations', megabyte('unet A { a = }\n')],
  ['declarations that never end', megabyte('unet A {\n')],
  ['keywords', megabyte('unet ')],
  ['names', megabyte('a ')],
  ['closing brackets', megabyte('}')],
  ['unknown characters', megabyte('§ ')],
  ['quotes', megabyte('"\n')],
  ['open comments', megabyte('/*')],
  ['open comments with stars', megabyte('/* *')],
  ['arrows', megabyte('->')],
  ['dots', megabyte('.')],
])('a megabyte of %s is at most a hundred errors', (_what, text) => {
  const parsed = read(text);
  expect(parsed.diagnostics.length).toBeGreaterThan(0);
  expect(parsed.diagnostics.length).toBeLessThanOrEqual(100);
  for (const { message } of parsed.diagnostics) expect(message.length).toBeLessThan(300);
  expect(format(parsed)).toBeUndefined();
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
