import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenFiles, brokenFolder, compileBroken, readBroken } from './broken-files.js';
import { applyEdits, expectedLines, readFixture, writeFixture } from './fixture-format.js';

describe.each(brokenFiles)('%s', (file) => {
  const content = readBroken(file);
  const { text, expected } = readFixture(content);
  const diagnostics = compileBroken(file, text);

  test('gives the diagnostics at its end', () => {
    expect(diagnostics.length).toBeGreaterThan(0);
    if (process.env.UPDATE === '1') writeFileSync(join(brokenFolder, file), writeFixture(text, diagnostics));
    else expect(expectedLines(diagnostics)).toBe(expected);
  });

  test('points into the text', () => {
    for (const { span, notes, fixes } of diagnostics) {
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
  test.runIf(offered.length > 0)('every fix removes its diagnostic and adds none', () => {
    for (const { diagnostic, fix } of offered) {
      for (const edit of fix.edits) expect(edit.span.file.path).toBe(file);
      const after = compileBroken(file, applyEdits(text, fix.edits));
      const kept = after.filter((one) => one.code === diagnostic.code && one.message === diagnostic.message);
      const before = diagnostics.filter(
        (one) => one.code === diagnostic.code && one.message === diagnostic.message,
      );
      expect(kept.length, fix.title).toBeLessThan(before.length);
      expect(after.length, fix.title).toBeLessThan(diagnostics.length);
    }
  });
});
