import { expect, test } from 'vitest';
import { unetLexer } from '../../grammar/parse/tokens.js';
import { format } from '../../grammar/print/print.js';
import { Random } from './random.js';
import { randomProgram } from './random-program.js';
import { content, meaning, read, specs } from './reading.js';

/** Everything that must hold of the formatted text. Returns false for a text with errors. */
function holds(text: string): boolean {
  const parsed = read(text);
  const formatted = format(parsed);
  if (parsed.diagnostics.length > 0) {
    expect(formatted).toBeUndefined();
    return false;
  }
  if (formatted === undefined) throw new Error(`not formatted: ${text}`);
  const again = read(formatted);
  expect(again.diagnostics.map((d) => d.message)).toEqual([]);
  expect(content(formatted)).toEqual(content(text));
  expect(meaning(again.tree)).toEqual(meaning(parsed.tree));
  expect(format(again)).toBe(formatted);
  expect(formatted).not.toMatch(/\r|\ufeff|\t\n/);
  expect(formatted).not.toMatch(/[ \t]\n|\n\n\n|^\n|\n\n$/);
  if (formatted !== '') expect(formatted.endsWith('\n')).toBe(true);
  return true;
}

const inserted = ['// c\n', '/* c */', '\n// c\n', '\n/* c\n c */\n', '\n\n', ' ', '\n', ';', '\r\n  \t'];

/** Formats so many random programs, and changes of each spec, from seed 0. */
export function testFormatted(programs: number, changesOfSpec: number): void {
  test('random programs keep their tokens, comments and meaning, and are formatted once and for all', () => {
    let formatted = 0;
    for (let seed = 0; seed < programs; seed += 1) {
      const random = new Random(seed);
      const text = randomProgram(random, random.pick([0, 0.03, 0.3]));
      try {
        if (holds(text)) formatted += 1;
      } catch (error) {
        throw new Error(`seed ${seed}:\n${text}\n----\n${format(read(text))}`, { cause: error });
      }
    }
    // The others have an `x` that the comments and line ends around it turn from a name into a sign, or back.
    expect(formatted).toBeGreaterThan(0.87 * programs);
  });

  test.each([...specs()])('%s with comments and blanks inserted between its tokens', (_path, text) => {
    const places = [
      0,
      ...unetLexer()
        .tokenize(text)
        .tokens.map((token) => (token.endOffset ?? 0) + 1),
    ];
    let formatted = 0;
    for (let seed = 0; seed < changesOfSpec; seed += 1) {
      const random = new Random(seed);
      // So many a text, however long it is: one that is in the wrong place makes all of the text wrong.
      const chance = random.pick([2, 20]) / places.length;
      let changed = '';
      let start = 0;
      for (const place of places) {
        changed += text.slice(start, place);
        if (random.chance(chance)) changed += random.pick(inserted);
        start = place;
      }
      changed += text.slice(start);
      if (holds(changed)) formatted += 1;
    }
    expect(formatted).toBeGreaterThan(changesOfSpec / 8);
  });
}
