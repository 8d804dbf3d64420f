import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failureCodes } from '../../src/diagnostics/codes.js';
import { type Wording, wordings } from './wordings.js';

const path = join(import.meta.dirname, 'wording.snap.txt');

/** A code on a line of its own, its sentences below it, the remedies one step deeper. */
function listing(all: readonly Wording[]): string {
  const indented = (text: string, depth: number) => text.replace(/^/gm, ' '.repeat(depth));
  const lines: string[] = [];
  let last: string | undefined;
  for (const { code, message, help } of all) {
    if (code !== last) lines.push(...(last === undefined ? [] : ['']), code);
    lines.push(indented(message, 2));
    if (help !== undefined) lines.push(indented(`help: ${help}`, 4));
    last = code;
  }
  return `${lines.join('\n')}\n`;
}

test('the sentences of failures are the ones in the snapshot', () => {
  const text = listing(wordings());
  if (process.env.UPDATE === '1') writeFileSync(path, text);
  else expect(text).toBe(readFileSync(path, 'utf8'));
});

test('every failure has a sample', () => {
  expect(new Set(wordings().map(({ code }) => code))).toEqual(new Set(Object.keys(failureCodes)));
});

test('a sentence begins small, has no full stop, and mentions no undefined argument', () => {
  for (const { code, message, help = '' } of wordings()) {
    for (const text of [message, help]) {
      expect(text, code).not.toMatch(/undefined|null|\[object/);
      expect(text, code).not.toMatch(/[^.]\.$|[^.]\.\n|^\s|\s$/);
    }
    // Names of files, options, packages and models keep their own letters.
    expect(message, code).not.toMatch(/^(?:A|An|The|It|There|Cannot|No) /);
  }
});
