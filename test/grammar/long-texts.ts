import { expect, test } from 'vitest';
import { FILE_LIMIT } from '../../grammar/parse/parse.js';
import { format } from '../../grammar/print/print.js';
import { read } from './reading.js';

/** As many repetitions as fit into a text of a size. */
function upTo(size: number, part: string, before = '', after = ''): string {
  return before + part.repeat(Math.floor((size - before.length - after.length) / part.length)) + after;
}

/** Texts that are long in one way each. A share of 1 is as long as a file that is still read. */
export function testLongTexts(share: number): void {
  const part = (count: number) => Math.round(share * count);
  const size = part(FILE_LIMIT);

  test.each<[string, string]>([
    ['sums', `unet A { a = 1${' + 1'.repeat(part(50_000))} }`],
    ['sums over lines', `unet A { a = 1${'\n  - 1'.repeat(part(50_000))} }`],
    ['powers', `unet A { a = 1${' ^ 1'.repeat(part(50_000))} }`],
    ['sizes', `unet A { a = 1${'x1'.repeat(part(50_000))} }`],
    ['pipelines', `block B { a${' -> a'.repeat(part(50_000))} }`],
    ['pipelines over lines', `block B { a${'\n -> f(1)'.repeat(part(30_000))} }`],
    ['lists', `unet A { a = [1${', 1'.repeat(part(50_000))}] }`],
    ['bodies', `unet A {${'\na = 1 // c'.repeat(part(30_000))}\n}`],
    ['blocks', `block B {${'\na = b'.repeat(part(30_000))}\n a }`],
    ['declarations', 'param a = 1\n'.repeat(part(30_000))],
    ['comments', '// c\n'.repeat(part(50_000))],
  ])('very long %s', (_what, text) => {
    const formatted = format(read(text)) ?? '';
    const content = (source: string): string => source.replace(/\s+/g, '');
    expect(content(formatted)).toBe(content(text));
  });

  test.each<[string, string]>([
    ['commas', upTo(size, ' , a = 1\n', 'unet A {', '}')],
    ['colons', upTo(size, 'a: 1\n', 'unet A {', '}')],
    ['missing values', upTo(size, 'a =\n', 'unet A {', '}')],
    ['missing arguments', upTo(size, 'a b, ', 'unet A { a = f(', ') }')],
    ['missing elements', upTo(size, '1 , , ', 'unet A { a = [', '] }')],
    ['rows', upTo(size, 'a = 1\n', 'unet A { expect {', '}}')],
    ['damaged declarations', upTo(size, 'unet A { a = }\n')],
    ['declarations that never end', upTo(size, 'unet A {\n')],
    ['keywords', upTo(size, 'unet ')],
    ['names', upTo(size, 'a ')],
    ['closing brackets', upTo(size, '}')],
    ['unknown characters', upTo(size, '§ ')],
    ['quotes', upTo(size, '"\n')],
    ['open comments', upTo(size, '/*')],
    ['open comments with stars', upTo(size, '/* *')],
    ['arrows', upTo(size, '->')],
    ['dots', upTo(size, '.')],
  ])(`${size.toLocaleString('en-US')} bytes of %s are at most a hundred errors`, (_what, text) => {
    const parsed = read(text);
    expect(parsed.diagnostics.length).toBeGreaterThan(0);
    expect(parsed.diagnostics.length).toBeLessThanOrEqual(100);
    for (const { message } of parsed.diagnostics) expect(message.length).toBeLessThan(300);
    expect(format(parsed)).toBeUndefined();
  });
}
