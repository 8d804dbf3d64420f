import { describe, expect, test } from 'vitest';
import { renderText } from '../../src/diagnostics/render/text.js';
import { compileWith } from './fixture-format.js';
import { madeTexts } from './made-texts.js';

const nothing = () => undefined;
const net = 'unet Net {\n  input   = 1 x 188 x 188\n  classes = 2\n}\n';

describe('texts that are no files of this repository', () => {
  test.each(madeTexts)('$name: $code', ({ text, code, read, input }) => {
    const diagnostics = compileWith('0.unet', text, read ?? nothing, input === undefined ? {} : { input });
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(renderText(diagnostics, { color: false }).length).toBeLessThan(2_000);
  });

  test('a byte order mark is no character of the spec', () => {
    expect(compileWith('a.unet', `\ufeff${net}`, nothing)).toEqual([]);
  });

  test('lines end at CRLF, and columns do not count it', () => {
    const broken = net.replace('classes', 'clases');
    const [unix] = compileWith('a.unet', broken, nothing);
    const [windows] = compileWith('a.unet', broken.replaceAll('\n', '\r\n'), nothing);
    expect(windows?.span.file.positionAt(windows.span.start)).toEqual({ line: 2, character: 2 });
    expect(windows?.span.file.positionAt(windows.span.end)).toEqual({ line: 2, character: 8 });
    expect(windows?.message).toBe(unix?.message);
  });

  test('an empty file declares nothing, and nothing is wrong with it', () => {
    for (const text of ['', ' ', '\n\n', '// only a comment', '/* and another */']) {
      expect(compileWith('a.unet', text, nothing)).toEqual([]);
    }
  });

  test('a name as long as a file is shortened in messages', () => {
    const long = net.replace('}', `${'c'.repeat(500_000)} = 1 }`);
    const diagnostics = compileWith('a.unet', long, nothing);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual(['unknown-attribute']);
    expect(renderText(diagnostics, { color: false }).length).toBeLessThan(2_000);
  });

  test('a thousand wrong attributes are a thousand diagnostics, each with its own place', () => {
    const wrong = Array.from({ length: 1_000 }, (_, i) => `  wrong_${i} = ${i}`).join('\n');
    const diagnostics = compileWith('a.unet', `unet Net {\n  input = 1 x 188 x 188\n${wrong}\n}`, nothing);
    const unknown = diagnostics.filter((diagnostic) => diagnostic.code === 'unknown-attribute');
    expect(new Set(unknown.map((diagnostic) => diagnostic.span.start)).size).toBe(1_000);
  });
});
