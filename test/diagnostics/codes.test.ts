import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codes, diagnosticCodes } from '../../src/diagnostics/codes.js';
import { brokenFiles, readBroken } from './broken-files.js';
import { readFixture } from './fixture-format.js';
import { madeTexts } from './made-texts.js';

const table = Object.keys(codes).sort();
const pages = readdirSync(join(import.meta.dirname, '..', '..', 'docs', 'diagnostics'))
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -'.md'.length))
  .sort();
const shown = new Set([
  ...madeTexts.map(({ code }) => code as string),
  ...brokenFiles.flatMap((file) =>
    [...readFixture(readBroken(file)).expected.matchAll(/^\/\/! (?:error|warning) ([a-z-]+) /gm)].map(
      (match) => match[1] ?? '',
    ),
  ),
]);

test('every code has a page, and every page a code', () => {
  expect(pages).toEqual(table);
});

test('each code stands in one table: a spread would silently replace the other', () => {
  const folder = join(import.meta.dirname, '..', '..', 'src', 'diagnostics', 'codes');
  const written = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/^ {2}'?([a-z0-9-]+)'?: (?:error|warning)[(<]/gm),
    ])
    .map((match) => match[1] ?? '');
  expect(written.sort()).toEqual(table);
});

test('every code of a diagnostic is shown by a broken text, and nothing but codes', () => {
  expect([...shown].sort()).toEqual(Object.keys(diagnosticCodes).sort());
});

test('there are at least ninety broken specs', () => {
  expect(brokenFiles.length).toBeGreaterThanOrEqual(90);
});
