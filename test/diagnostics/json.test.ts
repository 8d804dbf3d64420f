import { expect, test } from 'vitest';
import { checkJson, renderJson } from '../../src/diagnostics/render/json.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import { made, within } from './made-diagnostics.js';

const base = made('a = 1\n  bc = 2\n', 'bc', { code: 'unknown-attribute', message: 'no "bc"' });
const other = new SourceFile('lib/other.unet', 'c = 3');
const elsewhere = { file: other, start: 0, end: 1 };

test('is the contract of `check --json`, positions from zero', () => {
  const diagnostic = {
    ...base,
    help: 'did you mean `a`?',
    notes: [
      { message: 'here', span: within(base, 'a = 1') },
      { message: 'there', span: elsewhere },
    ],
    fixes: [{ title: 'Change to `a`', edits: [{ span: base.span, newText: 'a' }] }],
  };
  expect(JSON.parse(renderJson([diagnostic]))).toEqual({
    errors: 1,
    warnings: 0,
    diagnostics: [
      {
        code: 'unknown-attribute',
        severity: 'error',
        message: 'no "bc"',
        file: 'net.unet',
        range: { start: { line: 1, character: 2 }, end: { line: 1, character: 4 } },
        help: 'did you mean `a`?',
        notes: [
          {
            message: 'here',
            file: 'net.unet',
            range: { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } },
          },
          {
            message: 'there',
            file: 'lib/other.unet',
            range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
          },
        ],
        fixes: [
          {
            title: 'Change to `a`',
            edits: [
              {
                range: { start: { line: 1, character: 2 }, end: { line: 1, character: 4 } },
                newText: 'a',
              },
            ],
          },
        ],
      },
    ],
  });
});

test('counts errors and warnings, and has no `help` where there is none', () => {
  const warning = { ...base, severity: 'warning' as const };
  const json = checkJson([base, warning, warning]);
  expect([json.errors, json.warnings]).toEqual([1, 2]);
  expect(Object.keys(json.diagnostics[0] ?? {})).toEqual([
    'code',
    'severity',
    'message',
    'file',
    'range',
    'notes',
    'fixes',
  ]);
  expect(checkJson([])).toEqual({ errors: 0, warnings: 0, diagnostics: [] });
});

test('offers only fixes whose edits all lie in the file of the diagnostic', () => {
  const own = { span: base.span, newText: 'a' };
  const foreign = { span: elsewhere, newText: 'd' };
  const fixes = [
    { title: 'here', edits: [own] },
    { title: 'there', edits: [foreign] },
    { title: 'both', edits: [own, foreign] },
  ];
  expect(checkJson([{ ...base, fixes }]).diagnostics[0]?.fixes.map((fix) => fix.title)).toEqual(['here']);
});

test('counts UTF-16 code units', () => {
  const { range } = checkJson([made('"😀" x', 'x')]).diagnostics[0] ?? {};
  expect(range).toEqual({ start: { line: 0, character: 5 }, end: { line: 0, character: 6 } });
});
