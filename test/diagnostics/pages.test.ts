import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codes, failureCodes } from '../../src/diagnostics/codes.js';
import { renderText } from '../../src/diagnostics/render/text.js';
import { brokenFiles, readBroken } from './broken-files.js';
import { compileWith, readFixture } from './fixture-format.js';
import { madeTexts } from './made-texts.js';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'diagnostics');
const MAIN = 'example.unet';

/** The examples of a part of a page. The one without a name is compiled; the others are what it imports. */
function examplesOf(part: string): {
  readonly mains: readonly string[];
  readonly files: ReadonlyMap<string, string>;
} {
  const mains: string[] = [];
  const files = new Map<string, string>();
  for (const [, name, text = ''] of part.matchAll(/^```unet(?: (\S+))?\n(.*?)^```$/gms)) {
    if (name === undefined) mains.push(text);
    else files.set(name, text);
  }
  return { mains, files };
}

/** Codes that no file of this repository gives: their pages have no wrong example. */
const inFiles = new Set(
  brokenFiles.flatMap((file) =>
    [...readFixture(readBroken(file)).expected.matchAll(/^\/\/! \w+ ([a-z-]+) /gm)].map((match) => match[1]),
  ),
);
const onlyMade = new Set<string>([
  ...madeTexts.map(({ code }) => code).filter((code) => !inFiles.has(code)),
  ...Object.keys(failureCodes),
]);

// The table's own keys, so each is a Code.
describe.each(Object.keys(codes) as (keyof typeof codes)[])('the page of %s', (code) => {
  const path = join(folder, `${code}.md`);
  const page = readFileSync(path, 'utf8');
  const [wrongPart = '', rightPart = '', ...more] = page.split(/^## How to fix it$/m);
  const wrong = examplesOf(wrongPart);
  const right = examplesOf(rightPart);
  const files = new Map([...wrong.files, ...right.files]);
  const read = (file: string) => wrong.files.get(file) ?? (file === MAIN ? wrong.mains[0] : undefined);

  test('has its parts in order', () => {
    expect(more).toEqual([]);
    expect(page.startsWith(`# \`${code}\`\n\n${codes[code].summary}\n`)).toBe(true);
    const headings = [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    expect(headings).toEqual([...(onlyMade.has(code) ? [] : ['Wrong']), 'Why', 'How to fix it']);
  });

  if (!onlyMade.has(code))
    test('shows a wrong example with the message that it gives', () => {
      expect(wrong.mains).toHaveLength(1);
      const diagnostics = compileWith(MAIN, wrong.mains[0] ?? '', read);
      expect(new Set(diagnostics.map((diagnostic) => diagnostic.code))).toEqual(new Set([code]));
      const shown = `\`\`\`text\n${renderText(diagnostics, { color: false, width: 100 })}\`\`\`\n`;
      if (process.env.UPDATE === '1')
        writeFileSync(
          path,
          page.replace(/^```text\n.*?^```\n/ms, () => shown),
        );
      else expect(page).toContain(shown);
    });

  if (!onlyMade.has(code))
    test('shows a right example that compiles clean', () => {
      expect(right.mains.length).toBeGreaterThan(0);
      for (const text of right.mains) {
        expect(compileWith(MAIN, text, (file) => files.get(file)).map((one) => one.message)).toEqual([]);
      }
    });
});
