import { expect, test } from 'vitest';
import { renderSarif, sarifLog, uriOf } from '../../src/diagnostics/render/sarif.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import { version } from '../../src/diagnostics/version.js';
import { made } from './made-diagnostics.js';

const base = made('a = 1\n  bc = 2\n', 'bc', { code: 'unknown-attribute', message: 'no `bc`' });
const other = { file: new SourceFile('lib/my other.unet', 'c = 3'), start: 4, end: 5 };

test('is a log as the specification of SARIF 2.1.0 has it', () => {
  const diagnostic = {
    ...base,
    help: 'did you mean `a`?',
    notes: [{ message: 'there', span: other }],
    fixes: [
      {
        title: 'Change both',
        edits: [
          { span: base.span, newText: 'a' },
          { span: other, newText: '4' },
          { span: { ...base.span, end: base.span.start }, newText: 'x ' },
        ],
      },
    ],
  };
  expect(JSON.parse(renderSarif([diagnostic]))).toEqual({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'unet-lang',
            version,
            rules: [
              {
                id: 'unknown-attribute',
                shortDescription: { text: 'There is no attribute of that name.' },
                helpUri: 'docs/diagnostics/unknown-attribute.md',
                defaultConfiguration: { level: 'error' },
              },
            ],
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          {
            ruleId: 'unknown-attribute',
            ruleIndex: 0,
            level: 'error',
            message: { text: 'no `bc`\ndid you mean `a`?' },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'net.unet' },
                  region: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 5 },
                },
              },
            ],
            relatedLocations: [
              {
                id: 0,
                message: { text: 'there' },
                physicalLocation: {
                  artifactLocation: { uri: 'lib/my%20other.unet' },
                  region: { startLine: 1, startColumn: 5, endLine: 1, endColumn: 6 },
                },
              },
            ],
            fixes: [
              {
                description: { text: 'Change both' },
                artifactChanges: [
                  {
                    artifactLocation: { uri: 'net.unet' },
                    replacements: [
                      {
                        deletedRegion: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 5 },
                        insertedContent: { text: 'a' },
                      },
                      {
                        deletedRegion: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 3 },
                        insertedContent: { text: 'x ' },
                      },
                    ],
                  },
                  {
                    artifactLocation: { uri: 'lib/my%20other.unet' },
                    replacements: [
                      {
                        deletedRegion: { startLine: 1, startColumn: 5, endLine: 1, endColumn: 6 },
                        insertedContent: { text: '4' },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
});

test('has one rule a code, in the order of their first results, and results point at them', () => {
  const warning = made('b', 'b', { code: 'no-effect', severity: 'warning' });
  const [run] = sarifLog([base, warning, base], { docs: 'https://example.org/codes/' }).runs;
  expect(run?.tool.driver.rules?.map(({ id, helpUri }) => [id, helpUri])).toEqual([
    ['unknown-attribute', 'https://example.org/codes/unknown-attribute.md'],
    ['no-effect', 'https://example.org/codes/no-effect.md'],
  ]);
  expect(run?.results?.map(({ ruleIndex, level }) => [ruleIndex, level])).toEqual([
    [0, 'error'],
    [1, 'warning'],
    [0, 'error'],
  ]);
});

test('says that nothing was found by an empty list, not by none', () => {
  expect(sarifLog([]).runs[0]?.results).toEqual([]);
});

test.each([
  ['specs/a.unet', 'specs/a.unet'],
  ['./a b%c#d.unet', './a%20b%25c%23d.unet'],
  ['/home/ä/a.unet', 'file:///home/%C3%A4/a.unet'],
  ['C:\\nets\\a.unet', 'file:///C:/nets/a.unet'],
  ['nets\\a.unet', 'nets/a.unet'],
  ['\ud800.unet', '%EF%BF%BD.unet'],
])('the path %s is the URI %s', (path, uri) => {
  expect(uriOf(path)).toBe(uri);
});
