import { describe, expect, test } from 'vitest';
import { codesOf, said } from './warned.js';

const head = 'input = 1 x 32 x 32\n  classes = 2\n  depth = 2\n  channels = 4\n  padding = same';
const net = (lines: string, name = 'Net') => `unet ${name} {\n  ${head}\n  ${lines}\n}\n`;
const reason = 'as published';

describe('a comment with a reason allows a warning', () => {
  const bias = 'allow(bias-before-norm): as published';
  test.each([
    ['behind the line', net(`norm = batch // ${bias}`)],
    ['behind the line, in a block comment', net(`norm = batch /* ${bias} */`)],
    ['behind one of two on a line', net(`repeat = 1  norm = batch // ${bias}`)],
    ['behind another comment', net(`norm = batch /* why */ // ${bias}`)],
    ['behind an item of a list', net(`norm = [\n    batch, // ${bias}\n    none, none]`)],
    ['between the sign and the value', net(`norm = /* ${bias} */ batch`)],
    ['above the line', net(`// ${bias}\n  norm = batch`)],
    [
      'above the line, in a block comment over several',
      net(`/* allow(bias-before-norm):\n     as published */\n  norm = batch`),
    ],
    [
      'above the line, with another comment between',
      net(`// ${bias}\n  // The paper says no more.\n\n  norm = batch`),
    ],
    ['above the declaration', `// ${bias}\n${net('norm = batch')}`],
    ['behind the first brace', net('norm = batch').replace('{', `{ // ${bias}`)],
    ['behind the last brace', `${net('norm = batch').trimEnd()} // ${bias}\n`],
    ['with other line ends', net(`norm = batch // ${bias}`).replaceAll('\n', '\r\n')],
  ])('%s', (_name, text) => {
    expect(said(text).map(({ message }) => message)).toEqual([]);
  });

  test('but only where it stands', () => {
    const both = 'bias-before-norm';
    expect(codesOf(net(`repeat = 1 // ${bias}\n  norm = batch`))).toEqual(['needless-allow', both]);
    expect(codesOf(net(`norm = batch  repeat = 1 // ${bias}`))).toEqual([both, 'needless-allow']);
    expect(codesOf(net(`norm = batch\n  norm[1] = instance // ${bias}`))).toEqual([both]);
    const two = `${net('norm = batch', 'A').trimEnd()} // ${bias}\n${net('norm = batch', 'B')}`;
    expect(codesOf(two)).toEqual([both]);
  });

  test('one comment may name several', () => {
    const lines = 'norm = batch\n  skip[1] = none';
    expect(codesOf(net(lines))).toEqual(['bias-before-norm', 'skip-unused']);
    expect(codesOf(`// allow(bias-before-norm, skip-unused): ${reason}\n${net(lines)}`)).toEqual([]);
    expect(codesOf(`// allow( skip-unused ): ${reason}\n${net(lines)}`)).toEqual(['bias-before-norm']);
  });

  test('older warnings too', () => {
    const text = net('head = softmax').replace('classes = 2', 'classes = 1');
    expect(codesOf(text)).toEqual(['softmax-of-one-class']);
    const [at] = said(text);
    const line = text.slice(0, at?.span.start).split('\n').length - 1;
    const allowed = text
      .split('\n')
      .map((one, i) => (i === line ? `${one} // allow(softmax-of-one-class): a test` : one));
    expect(codesOf(allowed.join('\n'))).toEqual([]);
  });

  const block = (comment: string) =>
    `block Own(c) {\n  k = input -> conv(1, c) ${comment}\n  attention(input -> conv(1, c), k, input -> conv(1, c))\n}\n`;
  const dead = `// allow(dead-parameters): ${reason}`;

  test('in a block, for all networks that use it', () => {
    const nets = `${net('bottleneck = Own', 'A')}${net('bottleneck = Own', 'B')}`;
    expect(codesOf(block('') + nets)).toEqual(['dead-parameters']);
    expect(codesOf(block(dead) + nets)).toEqual([]);
    expect(codesOf(`${dead}\n${block('')}${nets}`)).toEqual([]);
  });

  test('in a line of a block only that line', () => {
    const body = (first: string, second: string) =>
      `block Own(c) {\n  input\n    -> conv(3, c, bias: true) ${first}\n    -> batch -> relu\n    -> conv(3, c, bias: true) ${second}\n    -> batch\n}\n`;
    const own = net('bottleneck = Own');
    expect(codesOf(body('', '') + own)).toEqual(['bias-before-norm', 'bias-before-norm']);
    expect(codesOf(body(`// ${bias}`, '') + own)).toEqual(['bias-before-norm']);
    expect(codesOf(body(`// ${bias}`, `// ${bias}`) + own)).toEqual([]);
  });

  test('in a file that is imported', () => {
    const own = `import { Own } from "./own.unet"\n${net('bottleneck = Own')}`;
    expect(codesOf(own, {}, { 'own.unet': block('') })).toEqual(['dead-parameters']);
    expect(codesOf(own, {}, { 'own.unet': block(dead) })).toEqual([]);
    const heir = 'import { Base } from "./base.unet"\nunet Net extends Base { channels = 8 }';
    expect(codesOf(heir, {}, { 'base.unet': net('norm = batch', 'Base') })).toEqual(['bias-before-norm']);
    expect(codesOf(heir, {}, { 'base.unet': net(`norm = batch // ${bias}`, 'Base') })).toEqual([]);
  });

  test('at the base for what a network inherits, and at a variant for its own', () => {
    expect(
      codesOf(`${net(`norm = batch // ${bias}`, 'Base')}unet Net extends Base { channels = 8 }`),
    ).toEqual([]);
    const study = (comment: string) =>
      `${net('norm = batch\n  bias = false')}ablation Study of Net {\n  vary bias = [false, true] ${comment}\n}\n`;
    expect(codesOf(study(''))).toEqual(['bias-before-norm']);
    expect(codesOf(study(`// ${bias}`))).toEqual([]);
  });
});

describe('malformed-allow', () => {
  const saidBeside = (comment: string) => said(net(`norm = batch // ${comment}`));
  test('without a reason: the warning is allowed, and the comment is not', () => {
    for (const comment of [
      'allow(bias-before-norm)',
      'allow(bias-before-norm):',
      'allow(bias-before-norm) :  ',
    ]) {
      const [one, ...others] = saidBeside(comment);
      expect(others).toEqual([]);
      expect(one).toMatchObject({ code: 'malformed-allow', args: { problem: 'no-reason' } });
    }
  });

  test('a misspelt name, with a fix that makes the text clean', () => {
    const text = net(`norm = batch // allow(bias-befor-norm): ${reason}`);
    const one = said(text).find(({ code }) => code === 'malformed-allow');
    expect(one?.help).toContain('`bias-before-norm`');
    const edit = one?.fixes[0]?.edits[0];
    if (!edit) throw new Error('there is no fix');
    const { start, end } = edit.span;
    expect(text.slice(start, end)).toBe('bias-befor-norm');
    expect(codesOf(text.slice(0, start) + edit.newText + text.slice(end))).toEqual([]);
  });

  test.each([
    ['syntax', { problem: 'error-code', code: 'syntax' }],
    ['malformed-allow', { problem: 'code-about-allow', code: 'malformed-allow' }],
    ['toString', { problem: 'unknown-code', code: 'toString' }],
    ['', { problem: 'no-code' }],
  ])('%s', (name, args) => {
    const found = said(net(`norm = batch // allow(bias-before-norm, ${name}): ${reason}`));
    expect(found.map((one) => one.args)).toEqual([args]);
  });

  const comment = '// allow(skip-unused): why';
  test.each([
    ['in an empty file', comment],
    ['at the end of a file', `${net('')}${comment}\n`],
    ['at the end of a declaration', net(comment)],
    ['at the end of a declaration above another', `${net(comment)}${net('', 'Other')}`],
  ])('where nothing follows: %s', (_name, text) => {
    expect(said(text).map(({ args }) => args)).toEqual([{ problem: 'nothing-covered' }]);
  });

  test('other comments that say allow are only comments', () => {
    for (const comment of ['allow me', 'we allow(bias-before-norm) nothing', 'allowed(x): y', 'allow (x)']) {
      expect(codesOf(net(`repeat = 1 // ${comment}`))).toEqual([]);
    }
  });
});

describe('needless-allow', () => {
  const needless = net(`repeat = 1 // allow(bias-before-norm): ${reason}`);

  test('where there is no such warning', () => {
    expect(codesOf(needless)).toEqual(['needless-allow']);
    expect(codesOf(`${needless}${net('', 'Other')}`)).toEqual(['needless-allow']);
  });

  test.each([
    ['a param set from outside', `param w = 4\n${needless}`, { set: { w: '5' } }],
    ['another input', needless, { input: '1 x 64 x 64' }],
    ['one network of several', needless, { network: 'Net' }],
    ['an error', `${needless}${net('skip = nonsense', 'Wrong')}`, {}],
  ])('is not said with %s', (_name, text, options) => {
    expect(codesOf(text, options)).not.toContain('needless-allow');
  });

  test('is not said of an imported file, nor of a block that is for other files', () => {
    const own = (more: string) => `block Own(c) {\n  input -> conv(1, c) ${more}\n}\n`;
    const comment = `// allow(dead-parameters): ${reason}`;
    const importing = `import { Own } from "./own.unet"\n${net('bottleneck = Own')}`;
    expect(codesOf(importing, {}, { 'own.unet': own(comment) })).toEqual([]);
    expect(codesOf(own(comment))).toEqual([]);
    expect(codesOf(own(comment) + net(''))).toEqual([]);
    expect(codesOf(own(comment) + net('bottleneck = Own'))).toEqual(['needless-allow']);
  });
});
