import { expect, test } from 'vitest';
import { renderGithub } from '../../src/diagnostics/render/github.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import { made } from './made-diagnostics.js';

test('is one workflow command a diagnostic, lines and columns from 1, the last column included', () => {
  const error = made('a = 1\n  bc = 2', 'bc', { code: 'unknown-attribute', message: 'no `bc`' });
  const warning = made('a', 'a', { code: 'no-effect', severity: 'warning', message: 'nothing' });
  expect(renderGithub([error, warning])).toBe(
    '::error file=net.unet,line=2,col=3,endLine=2,endColumn=4,title=unknown-attribute::no `bc`\n' +
      '::warning file=net.unet,line=1,col=1,endLine=1,endColumn=1,title=no-effect::nothing\n',
  );
  expect(renderGithub([])).toBe('');
});

test('leaves the columns out of a place over several lines', () => {
  expect(renderGithub([made('a {\n}', '{\n}')])).toBe(
    '::error file=net.unet,line=1,endLine=2,title=syntax::a message\n',
  );
});

test('an empty place has one column', () => {
  const file = new SourceFile('net.unet', 'abc');
  expect(renderGithub([{ ...made('x', 'x'), span: { file, start: 3, end: 3 } }])).toContain(
    'col=4,endLine=1,endColumn=4,',
  );
});

test('puts notes, help and fixes behind the message, with escaped line breaks', () => {
  const base = made('a = 1', 'a');
  const diagnostic = {
    ...base,
    help: 'do this',
    notes: [{ message: 'there', span: base.span }],
    fixes: [{ title: 'Use b', edits: [{ span: base.span, newText: 'b' }] }],
  };
  expect(renderGithub([diagnostic]).split('::')[2]).toBe(
    'a message%0Anote: net.unet:1:1: there%0Ahelp: do this%0Afix: Use b\n',
  );
});

test('escapes what would end or divide a command', () => {
  const file = new SourceFile('C:\\a,b\n100%.unet', 'a');
  const diagnostic = { ...made('a', 'a'), span: { file, start: 0, end: 1 }, message: 'x: 50%, y\r\nz ::' };
  expect(renderGithub([diagnostic])).toBe(
    '::error file=C%3A\\a%2Cb%0A100%25.unet,line=1,col=1,endLine=1,endColumn=1,title=syntax::x: 50%25, y%0D%0Az ::\n',
  );
});
