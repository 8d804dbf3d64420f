import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { hostOf, network, placed } from './compiled.js';

const text = `param base = 4
param wide = 2 * base + 1
unet Net {
  input = 1 x 32 x 32
  classes = wide
  depth = 2
  padding = same
  channels = base
}
`;
const values = (set?: Readonly<Record<string, string>>) => {
  const { spec } = network(text, 'Net', set ? { set } : {});
  return [spec.levels[0]?.channels.value, spec.classes.value];
};

describe('params', () => {
  test('are constants that others can be made of', () => {
    expect(values()).toEqual([4, 9]);
  });

  test('--set replaces one, and what is made of it follows', () => {
    expect(values({ base: '8' })).toEqual([8, 17]);
    expect(values({ wide: 'base - 1' })).toEqual([4, 3]);
    expect(values({ base: '2^3', wide: '5' })).toEqual([8, 5]);
  });

  test('--set reaches the params of imported files', () => {
    const files = { 'base.unet': text };
    const options = { host: hostOf(files), set: { base: '6' } };
    const { spec } = network(
      'import { Net } from "./base.unet"\nunet Own extends Net { classes = 2 }',
      'Own',
      options,
    );
    expect(spec.levels[0]?.channels.value).toBe(6);
  });

  test.each([
    ['a name that no param has', { bsae: '8' }, 'unknown-name', '`base`'],
    ['no value', { base: '= 8' }, 'syntax', undefined],
    ['a value of the wrong kind', { base: '2.5' }, 'wrong-kind', undefined],
  ])('--set with %s is an error at its own place', (_name, set, code, help) => {
    const { diagnostics } = compile('net.unet', text, { set });
    expect(diagnostics.map((one) => one.code)).toEqual([code]);
    if (help === undefined) expect(diagnostics[0]?.help).toBeUndefined();
    else expect(diagnostics[0]?.help).toContain(help);
    if (code !== 'wrong-kind') expect(diagnostics[0]?.span.file.path).toMatch(/^--set/);
  });
});

describe('--input', () => {
  test('takes the place of the network’s own', () => {
    const { facts, graph } = network(text, 'Net', { input: '1 x 8 x 12' });
    expect(facts.spatial(facts.output)).toEqual([8, 12]);
    expect(graph.inputSize).toEqual([8, 12]);
  });

  test.each([
    ['1 x 30 x 32', 'input-does-not-fit'],
    ['1 x 32', 'wrong-kind'],
    ['1 x 32 x 32 x 32', 'rank-mismatch'],
    ['large', 'wrong-kind'],
  ])('%s is refused: %s', (input, code) => {
    const { diagnostics, networks } = compile('net.unet', text, { input });
    expect(diagnostics.map((one) => one.code)).toEqual([code]);
    expect(networks).toHaveLength(code === 'wrong-kind' ? 1 : 0);
  });
});

describe('expressions', () => {
  const classes = (expression: string) =>
    network(`param n = 7\nunet Net { input = 1 x 8 x 8  classes = ${expression}  depth = 1  padding = same }`)
      .spec.classes.value;

  test.each([
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['20 - 8 - 2', 10],
    ['24 / 4 / 2', 3],
    ['2^3^2', 512],
    ['17 % 5', 2],
    ['min(3, 5, 2)', 2],
    ['max(3, 5, 2)', 5],
    ['n * 2 - -1', 15],
    ['1_000', 1_000],
  ])('%s is %i', (expression, value) => {
    expect(classes(expression)).toBe(value);
  });

  test('a name that is none is an error where it is used', () => {
    const { diagnostics } = compile(
      'net.unet',
      'param num = 7\nunet Net { input = 1 x 8 x 8  classes = nun + 1 }',
    );
    expect(diagnostics.map(placed)).toEqual([['unknown-name', 'nun']]);
    expect(diagnostics[0]?.help).toContain('`num`');
  });
});
