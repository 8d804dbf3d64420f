import { describe, expect, test } from 'vitest';
import { renderText, summaryText } from '../../src/diagnostics/render/text.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import { made, within } from './made-diagnostics.js';

const plain = { color: false };

function lines(...rows: readonly string[]): string {
  return `${rows.join('\n')}\n`;
}

describe('renderText', () => {
  test('is empty without diagnostics', () => {
    expect(renderText([], plain)).toBe('');
  });

  test('shows place, code, message, and the source with the place underlined', () => {
    expect(renderText([made('unet A {\n  depth = 3\n}\n', 'depth')], plain)).toBe(
      lines('net.unet:2:3 error[syntax]: a message', '  |', '2 |   depth = 3', '  |   ^^^^^'),
    );
  });

  test('shows notes, help and fixes, and each place once', () => {
    const base = made('a = 1\nb = 2\n', 'b', { severity: 'warning' });
    const other = new SourceFile('other.unet', 'c = 3');
    const diagnostic = {
      ...base,
      help: 'do this',
      notes: [
        { message: 'the same place', span: base.span },
        { message: 'first', span: within(base, 'a = 1') },
        { message: 'again', span: within(base, 'a = 1') },
        { message: 'elsewhere', span: { file: other, start: 4, end: 5 } },
      ],
      fixes: [{ title: 'Use 3', edits: [{ span: base.span, newText: '3' }] }],
    };
    expect(renderText([diagnostic], plain)).toBe(
      lines(
        'net.unet:2:1 warning[syntax]: a message',
        '  |',
        '2 | b = 2',
        '  | ^',
        'net.unet:2:1 note: the same place',
        'net.unet:1:1 note: first',
        '  |',
        '1 | a = 1',
        '  | -----',
        'net.unet:1:1 note: again',
        'other.unet:1:5 note: elsewhere',
        '  |',
        '1 | c = 3',
        '  |     -',
        'help: do this',
        'fix: Use 3',
      ),
    );
  });

  test('separates diagnostics by an empty line', () => {
    const one = made('a', 'a');
    expect(renderText([one, one], plain)).toBe(`${renderText([one], plain)}\n${renderText([one], plain)}`);
  });

  test('aligns the gutter with line numbers of several digits', () => {
    const text = `${'\n'.repeat(99)}here`;
    expect(
      renderText([made(text, 'here')], plain)
        .split('\n')
        .slice(1, 4),
    ).toEqual(['    |', '100 | here', '    | ^^^^']);
  });

  test.each([
    // A tab goes to the next multiple of four columns.
    ['tabs', '\ta\tbc', 'bc', '    a   bc', '        ^^'],
    // Each ideograph takes two columns.
    ['wide characters', '名前 = x', 'x', '名前 = x', '       ^'],
    ['a wide character underlined', 'a 名 b', '名', 'a 名 b', '  ^^'],
    // A combining accent takes none.
    ['combining marks', 'e\u0301 = x', 'x', 'e\u0301 = x', '    ^'],
    ['an emoji of several code points', '👩‍🔬 = x', 'x', '👩‍🔬 = x', '     ^'],
  ])('counts columns, not characters: %s', (_, text, part, source, underline) => {
    expect(
      renderText([made(text, part)], plain)
        .split('\n')
        .slice(2, 4),
    ).toEqual([`1 | ${source}`, `  | ${underline}`]);
  });

  test('shows what a terminal would obey as a replacement character', () => {
    const diagnostic = made('a\u202eb\u009b31m = 1', '= 1', { message: 'bad \u001b[31m name' });
    const text = renderText([diagnostic], plain);
    expect(text).toContain('bad \ufffd[31m name');
    expect(text).toContain('1 | a\ufffdb\ufffd31m = 1');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that they are absent is the point
    expect(text).not.toMatch(/[\u001b\u009b\u202e]/);
  });

  test('shortens a span of several lines to its first and last', () => {
    const text = 'a {\n  b = 1\n  c = 2\n  d }\nrest';
    expect(renderText([made(text, text.slice(2, -5))], plain)).toBe(
      lines(
        'net.unet:1:3 error[syntax]: a message',
        '  |',
        '1 | a {',
        '  |   ^',
        '...',
        '4 |   d }',
        '  |   ^^^',
      ),
    );
  });

  test('shows both lines of a span over two, without dots', () => {
    expect(
      renderText([made('ab\ncd', 'b\nc')], plain)
        .split('\n')
        .slice(1, -1),
    ).toEqual(['  |', '1 | ab', '  |  ^', '2 | cd', '  | ^']);
  });

  test('does not show a line of which a span holds only the start', () => {
    expect(
      renderText([made('ab\ncd', 'ab\n')], plain)
        .split('\n')
        .slice(1, -1),
    ).toEqual(['  |', '1 | ab', '  | ^^']);
  });

  test.each([
    ['behind the last character', 'abc', 3, ['1 | abc', '  |    ^']],
    ['on the empty line at the end', 'abc\n', 4, ['2 |', '  | ^']],
    ['in an empty file', '', 0, ['1 |', '  | ^']],
    ['at a line break', 'abc\r\nd', 3, ['1 | abc', '  |    ^']],
  ])('points with one mark at an empty span %s', (_, text, at, expected) => {
    const file = new SourceFile('net.unet', text);
    const diagnostic = { ...made('x', 'x'), span: { file, start: at, end: at } };
    expect(renderText([diagnostic], plain).split('\n').slice(2, 4)).toEqual(expected);
  });

  describe('cuts long lines around the span', () => {
    const width = 60;
    const long = (before: number, after: number) => `${'x '.repeat(before)}HERE${' y'.repeat(after)}`;
    test.each([
      ['in the middle', long(500, 500)],
      ['at the start', long(0, 1_000)],
      ['at the end', long(1_000, 0)],
      ['just too long', long(14, 14)],
      ['of a megabyte', long(250_000, 250_000)],
    ])('%s', (_, text) => {
      const [, , source = '', marks = ''] = renderText([made(text, 'HERE')], { ...plain, width }).split('\n');
      expect(source.length).toBeLessThanOrEqual(width);
      expect(source).toContain('...');
      expect(marks.trimEnd().length - marks.indexOf('^')).toBe(4);
      expect(source.slice(marks.indexOf('^'), marks.indexOf('^') + 4)).toBe('HERE');
    });

    test('also where the span itself is longer than the screen', () => {
      const rows = renderText([made(`a ${'b'.repeat(500)} c`, 'b'.repeat(500))], { ...plain, width }).split(
        '\n',
      );
      for (const row of rows.slice(1)) expect(row.length).toBeLessThanOrEqual(width);
      expect(rows[3]).toMatch(/\^{40}/);
    });

    test('but leaves a line that just fits', () => {
      const text = 'x'.repeat(width - 4);
      expect(renderText([made(text, text)], { ...plain, width }).split('\n')[2]).toBe(`1 | ${text}`);
    });
  });

  test('colours with escape sequences only where asked, and the text is the same', () => {
    const diagnostic = made('unet A {}', 'A', { help: 'do this' });
    const colored = renderText([diagnostic], { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
    const escapes = /\u001b\[\d+m/g;
    expect(colored).toMatch(escapes);
    expect(colored.replace(escapes, '')).toBe(renderText([diagnostic], plain));
  });
});

test('summaryText counts errors and warnings', () => {
  const error = made('a', 'a');
  const warning = made('a', 'a', { severity: 'warning' });
  expect(summaryText([])).toBe('no errors');
  expect(summaryText([error])).toBe('1 error');
  expect(summaryText([error, warning, error])).toBe('2 errors, 1 warning');
  expect(summaryText([warning, warning])).toBe('2 warnings');
});
