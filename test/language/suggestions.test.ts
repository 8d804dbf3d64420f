import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { spanText } from '../../src/diagnostics/span.js';

const lines = `input = 1 x 32 x 32  classes = 2  depth = 2  padding = same`;

describe('a misspelt word is met with the one that was meant, and a fix that makes the text clean', () => {
  test.each([
    ['attribute', `unet Net { ${lines}  chanels = 4 }`, 'unknown-attribute', 'chanels', 'channels'],
    ['option', `unet Net { ${lines}  skip = concta }`, 'unknown-option', 'concta', 'concat'],
    ['argument', `unet Net { ${lines}  norm = group(afine: false) }`, 'unknown-argument', 'afine', 'affine'],
    ['block', `unet Net { ${lines}  block = residal }`, 'unknown-name', 'residal', 'residual'],
    ['base', `unet Base { ${lines} } unet Net extends Bse { }`, 'unknown-name', 'Bse', 'Base'],
    ['param', `param width = 4 unet Net { ${lines}  channels = widht }`, 'unknown-name', 'widht', 'width'],
    [
      'stage of a block',
      `block Own(c) { input -> cnov(1, c) } unet Net { ${lines}  block = Own }`,
      'unknown-name',
      'cnov',
      'conv',
    ],
    [
      'name in a block',
      `block Own(c) { first = input -> conv(1, c) frist -> relu } unet Net { ${lines}  block = Own }`,
      'unknown-name',
      'frist',
      'first',
    ],
  ])('%s', (_what, text, code, wrong, right) => {
    const { diagnostics } = compile('net.unet', text);
    const [diagnostic] = diagnostics.filter(({ severity }) => severity === 'error');
    expect([diagnostic?.code, diagnostic && spanText(diagnostic.span)]).toEqual([code, wrong]);
    expect(diagnostic?.help).toContain(`\`${right}\``);
    const edit = diagnostic?.fixes[0]?.edits[0];
    expect(edit).toBeDefined();
    if (!edit) return;
    const fixed = text.slice(0, edit.span.start) + edit.newText + text.slice(edit.span.end);
    expect(compile('net.unet', fixed).diagnostics.map(({ message }) => message)).toEqual([]);
  });

  test('a stage of `expect` as well', () => {
    const text = `unet Net { ${lines}  expect { botleneck == 256 x 8 x 8 } }`;
    const { diagnostics } = compile('net.unet', text);
    expect(diagnostics.map(({ code, help }) => [code, help])).toEqual([
      ['unknown-stage', expect.stringContaining('`bottleneck`')],
    ]);
  });

  test('a word that resembles none gets the list, and no fix', () => {
    const { diagnostics } = compile('net.unet', `unet Net { ${lines}  crop = purple }`);
    expect(diagnostics.map(({ code }) => code)).toEqual(['unknown-option']);
    expect(diagnostics[0]?.help).toContain('`center`');
    expect(diagnostics[0]?.fixes).toEqual([]);
  });
});
