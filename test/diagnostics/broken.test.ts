import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isStandard } from '../../src/language/modules/modules.js';
import { brokenFiles, brokenFolder, compileBroken, readBroken } from './broken-files.js';
import { applyEdits, expectedLines, readFixture, writeFixture } from './fixture-format.js';

describe.each(brokenFiles)('%s', (file) => {
  const content = readBroken(file);
  const { text, expected } = readFixture(content);
  const diagnostics = compileBroken(file, text);

  test('gives the diagnostics at its end', () => {
    expect(diagnostics.length).toBeGreaterThan(0);
    if (process.env.UPDATE === '1')
      writeFileSync(join(brokenFolder, file), writeFixture(file, text, diagnostics));
    else expect(expectedLines(file, diagnostics)).toBe(expected);
  });

  test('points into the text, and never at the library', () => {
    for (const { span, notes, fixes } of diagnostics) {
      expect(isStandard(span.file)).toBe(false);
      const spans = [
        span,
        ...notes.map((note) => note.span),
        ...fixes.flatMap((f) => f.edits.map((e) => e.span)),
      ];
      for (const { file: source, start, end } of spans) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(source.text.length);
      }
    }
  });

  const offered = diagnostics.flatMap((diagnostic) => diagnostic.fixes.map((fix) => ({ diagnostic, fix })));
  if (offered.length === 0) return;
  test('every fix removes its diagnostic and adds none', () => {
    for (const { diagnostic, fix } of offered) {
      const changed = new Map(
        fix.edits.map(({ span }) => {
          const own = fix.edits.filter((edit) => edit.span.file === span.file);
          return [span.file.path, applyEdits(span.file.text, own)] as const;
        }),
      );
      const after = compileBroken(file, changed.get(file) ?? text, changed);
      const kept = after.filter((one) => one.code === diagnostic.code && one.message === diagnostic.message);
      const before = diagnostics.filter(
        (one) => one.code === diagnostic.code && one.message === diagnostic.message,
      );
      expect(kept.length, fix.title).toBeLessThan(before.length);
      expect(after.length, fix.title).toBeLessThan(diagnostics.length);
    }
  });
});
