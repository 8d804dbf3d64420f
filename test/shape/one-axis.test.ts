import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';

/** The attributes that a help names: `kernel = 1x3`. */
const namedIn = (help: string) =>
  [...help.matchAll(/`([\w[\]]+) = ([^`]*)`/g)].map(([, name, value]) => ({ name, value }));

/** Does what the help says until it says nothing, and gives the text of each step. */
function followed(attributes: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  const settings = new Map(Object.entries(attributes));
  const steps: string[][] = [];
  for (;;) {
    const lines = [...settings].map(([name, value]) => `  ${name} = ${value}\n`);
    const { diagnostics, networks } = compile('net.unet', `unet N {\n${lines.join('')}}\n`);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    steps.push(errors.map(({ code }) => code));
    if (errors.length === 0) {
      expect(networks).toHaveLength(1);
      return steps;
    }
    expect(steps.length, errors.map(({ message }) => message).join('\n')).toBeLessThan(5);
    for (const { help = '' } of errors) {
      for (const { name = '', value = '' } of namedIn(help)) settings.set(name, value);
      const [, nearest] = /^nearest that fit: .*?(\d+)$/.exec(help) ?? [];
      if (nearest) settings.set('input', (settings.get('input') ?? '').replace(/\d+$/, nearest));
    }
  }
}

const small = { classes: '2', depth: '2', channels: '4' };

describe('the help for an input with one axis leads to a network that compiles', () => {
  test.each([
    ['1 x 1024', {}, [['wrong-kind'], []]],
    ['12 x 4096', {}, [['wrong-kind'], []]],
    ['1 x 1022', {}, [['wrong-kind'], ['input-does-not-fit'], []]],
    ['1 x 1 x 1024', {}, [['input-too-small'], []]],
    ['1 x 1024 x 1', {}, [['input-too-small'], []]],
    ['1 x 1 x 1024', { kernel: '7' }, [['input-too-small'], []]],
    ['1 x 1 x 1024', { stride: '4' }, [['input-too-small'], []]],
    ['2 x 1 x 64 x 64', {}, [['input-too-small'], []]],
    ['2 x 1 x 1 x 64', {}, [['input-too-small'], []]],
    ['1 x 1 x 1024', { pool: 'conv(stride: 2)' }, [['input-does-not-fit'], []]],
    ['1 x 1024 x 1', { pool: 'conv(kernel: 2, stride: 2)' }, [['input-does-not-fit'], []]],
    ['1 x 1 x 1024', { pool: 'max(window: 2)', stride: '1x2', kernel: '1x3' }, [['input-too-small'], []]],
    ['1 x 1 x 1024', { pool: 'avg(window: 2, stride: 2)' }, [['input-too-small'], []]],
    [
      '1 x 1 x 1024',
      { 'pool[2]': 'conv(stride: 2)', stride: '1x2', kernel: '1x3' },
      [['input-does-not-fit'], []],
    ],
    ['1 x 1 x 1024', { 'stride[2]': '2', 'kernel[bottleneck]': '3' }, [['input-too-small'], []]],
    [
      '1 x 1 x 1024',
      { pool: 'conv(stride: 2)', up: 'transpose(kernel: 2, stride: 2, channels: keep)' },
      [['input-does-not-fit'], []],
    ],
    [
      '1 x 1 x 1024',
      { pool: 'conv(stride: 2)', up: 'bilinear(factor: 2, conv: 3)' },
      [['input-does-not-fit'], []],
    ],
    [
      '2 x 1 x 64 x 64',
      { pool: 'conv(kernel: 2, stride: 2)', kernel: '1x3x3' },
      [['input-does-not-fit'], []],
    ],
  ] as const)('%s with %j', (input, more, steps) => {
    expect(followed({ input, ...small, padding: 'same', ...more })).toEqual(steps);
  });

  test('an op that a block writes is named, and no larger size is offered', () => {
    const block = 'block Wide(c) { input -> conv(3, c) -> activation }\n';
    const text = `${block}unet N { input = 1 x 1 x 64; classes = 2; depth = 1; kernel = 1x3; stride = 1x2; block = Wide }`;
    const errors = compile('net.unet', text).diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([
      {
        code: 'input-too-small',
        args: { axis: 'H', input: 1 },
        help: expect.stringMatching(/stride of 1 along H/),
        fixes: [],
      },
    ]);
  });

  test('without padding', () => {
    const steps = followed({ input: '1 x 1 x 1052', ...small });
    expect(steps[0]).toEqual(['input-too-small']);
  });
});
