import { describe, expect, test } from 'vitest';
import { mapProblemText } from '../../src/diagnostics/codes/weights/name-maps.js';
import type { Graph } from '../../src/ir/graph.js';
import { slotsByMap } from '../../src/weights/bind/slots-by-map.js';
import { builtInMaps } from '../../src/weights/names/built-in-maps.js';
import { compileNameMap, type NameMap, readNameMap } from '../../src/weights/names/name-map.js';
import { compiled } from './torch-networks.js';

/** Two levels: encoder, up and decoder [1] and [2], each with two convs, and batch norms behind them. */
const { graph } = compiled(`unet Net {
  input = 1 x 8 x 8; classes = 2; depth = 2; channels = 2; padding = same; norm = batch(affine: false)
}`);

function mapOf(text: object): NameMap {
  const reading = readNameMap(JSON.stringify(text));
  if (!reading.ok) throw new Error(reading.problems.map(mapProblemText).join('\n'));
  return reading.map;
}

/** The names of all parameters by a map that has rules for most of the rest. */
function namesBy(names: Record<string, string>, of: Graph = graph): Record<string, string> {
  const mapped = slotsByMap(of, mapOf({ names }));
  if (!mapped.ok) throw new Error(JSON.stringify(mapped.problems));
  return Object.fromEntries(mapped.slots.map(({ parameter, name }) => [parameter.name, name]));
}

const rest = {
  'encoder[{l}].conv[{n}]': 'e{l}.c{n}',
  'encoder[{l}].batchNorm[{n}]': 'e{l}.n{n}',
  'bottleneck.conv[{n}]': 'b.c{n}',
  'bottleneck.batchNorm[{n}]': 'b.n{n}',
  'decoder[{l}].conv[{n}]': 'd{l}.c{n}',
  'decoder[{l}].batchNorm[{n}]': 'd{l}.n{n}',
  'up[{l}].convTranspose[1]': 'u{l}',
  'head.conv[1]': 'h',
};

describe('what a rule says', () => {
  test('a layer has its tensors under the names of PyTorch', () => {
    expect(namesBy(rest)).toMatchObject({
      'encoder[1].conv[1].weight': 'e1.c1.weight',
      'encoder[1].conv[1].bias': 'e1.c1.bias',
      'encoder[2].batchNorm[2].mean': 'e2.n2.running_mean',
      'encoder[2].batchNorm[2].variance': 'e2.n2.running_var',
      'up[1].convTranspose[1].weight': 'u1.weight',
    });
    const { graph: affine } = compiled(`unet Net {
      input = 1 x 8 x 8; classes = 2; depth = 1; channels = 2; padding = same
      norm = instance; activation = prelu
    }`);
    const names = {
      'encoder[1].instanceNorm[{n}]': 'i{n}',
      'encoder[1].prelu[{n}]': 'p{n}',
      'encoder[1].conv[{n}]': 'c{n}',
      'bottleneck.conv[{n}]': 'b.c{n}',
      'bottleneck.instanceNorm[{n}]': 'b.i{n}',
      'bottleneck.prelu[{n}]': 'b.p{n}',
      'up[1].convTranspose[1]': 'u',
      'decoder[1].conv[{n}]': 'd.c{n}',
      'decoder[1].instanceNorm[{n}]': 'd.i{n}',
      'decoder[1].prelu[{n}]': 'd.p{n}',
      'head.conv[1]': 'h',
    };
    expect(namesBy(names, affine)).toMatchObject({
      'encoder[1].instanceNorm[1].scale': 'i1.weight',
      'encoder[1].instanceNorm[1].shift': 'i1.bias',
      'encoder[1].prelu[2].slope': 'p2.weight',
    });
  });

  test('the rule with fewer open numbers holds, and one of a tensor before one of a layer', () => {
    const names = {
      ...rest,
      'encoder[1].conv[{n}]': 'first{n}',
      'encoder[{l}].conv[2].bias': 'second.{l}',
      'encoder[1].conv[2].bias': 'third',
    };
    expect(namesBy(names)).toMatchObject({
      'encoder[1].conv[1].weight': 'first1.weight',
      'encoder[1].conv[2].bias': 'third',
      'encoder[2].conv[1].weight': 'e2.c1.weight',
      'encoder[2].conv[2].bias': 'second.2',
    });
  });

  test.each([
    ['{l}', '1 2'],
    ['{depth - l}', '1 0'],
    ['{3 * l - 3}', '0 3'],
    ['{ 2*(l+depth)/2 }', '3 4'],
    ['{10 - 2 - l}', '7 6'],
    ['{2 + 3 * l}', '5 8'],
    ['{12 / 2 / l}', '6 3'],
    ['{l}-{l * l}', '1-1 2-4'],
  ])('%s for the levels 1 and 2 of 2 is %s', (formula, expected) => {
    const found = namesBy({ ...rest, 'up[{l}].convTranspose[1].weight': formula });
    const values = [1, 2].map((level) => found[`up[${level}].convTranspose[1].weight`]);
    expect(values.join(' ')).toBe(expected);
  });

  test('a number that stands twice must be the same', () => {
    const found = namesBy({ ...rest, 'encoder[{l}].conv[{l}].weight': 'same{l}' });
    expect(found).toMatchObject({
      'encoder[1].conv[1].weight': 'same1',
      'encoder[1].conv[2].weight': 'e1.c2.weight',
      'encoder[2].conv[2].weight': 'same2',
    });
  });

  test('depth may stand on the left, too', () => {
    const found = namesBy({ ...rest, 'encoder[{depth}].conv[1].weight': 'deepest' });
    expect(found['encoder[2].conv[1].weight']).toBe('deepest');
    expect(found['encoder[1].conv[1].weight']).toBe('e1.c1.weight');
  });

  test('names to ignore', () => {
    const map = mapOf({ names: rest, ignore: ['aux.*', '*.mask', 'exactly'] });
    const names = ['aux.1.weight', 'a.mask', 'exactly', 'auxiliary', 'a.mask.b', 'not exactly'];
    expect(names.filter(map.ignores)).toEqual(['aux.1.weight', 'a.mask', 'exactly']);
  });
});

describe('a map that does not fit says all that is wrong', () => {
  function problemsOf(names: Record<string, string>, left: readonly string[] = []) {
    const kept = Object.entries({ ...rest, ...names }).filter(([key]) => !left.includes(key));
    const mapped = slotsByMap(graph, mapOf({ names: Object.fromEntries(kept) }));
    return mapped.ok ? [] : mapped.problems;
  }

  test('layers without a rule', () => {
    const norm = (layer: string) => ({ case: 'no-rule', layer, roles: ['mean', 'variance'] });
    expect(problemsOf({}, ['head.conv[1]', 'encoder[{l}].batchNorm[{n}]'])).toEqual([
      norm('encoder[1].batchNorm[1]'),
      norm('encoder[1].batchNorm[2]'),
      norm('encoder[2].batchNorm[1]'),
      norm('encoder[2].batchNorm[2]'),
      { case: 'no-rule', layer: 'head.conv[1]', roles: ['weight', 'bias'] },
    ]);
  });

  test('rules that fit nothing, unless they are marked', () => {
    const unused = (rule: string, nearest?: string) => ({
      case: 'unused-rule',
      rule,
      network: 'Net',
      nearest,
    });
    expect(
      problemsOf({
        'encodr[{l}].conv[{n}]': 'x',
        'encoder[3].conv[1]': 'y',
        'encoder[{l}].prelu[{n}]?': 'z',
      }),
    ).toEqual([unused('encodr[{l}].conv[{n}]', 'encoder[1].conv[1]'), unused('encoder[3].conv[1]')]);
  });

  test('two rules that are equally exact', () => {
    const rules = ['encoder[2].conv[{n}]', 'encoder[{l}].conv[2]'];
    expect(problemsOf({ 'encoder[2].conv[{n}]': 'x{n}', 'encoder[{l}].conv[2]': 'y{l}' })).toEqual([
      { case: 'ambiguous', rules, parameter: 'encoder[2].conv[2].weight' },
      { case: 'ambiguous', rules, parameter: 'encoder[2].conv[2].bias' },
    ]);
  });

  test('formulas that give no whole number', () => {
    const rule = 'up[{l}].convTranspose[1]';
    expect(problemsOf({ 'up[{l}].convTranspose[1]': 'u{l / 2}' })).toEqual([
      { case: 'no-whole-number', rule, parameter: 'up[1].convTranspose[1].weight' },
      { case: 'no-whole-number', rule, parameter: 'up[1].convTranspose[1].bias' },
    ]);
    expect(problemsOf({ 'up[{l}].convTranspose[1]': 'u{l - 2}' })).toHaveLength(2);
    expect(problemsOf({ 'up[{l}].convTranspose[1]': 'u{l / (l - l)}' })).toHaveLength(4);
  });

  test('one name for two tensors', () => {
    const up = 'up[{l}].convTranspose[1]';
    const shared = (rules: string[], layers: string[], name: string) =>
      ['weight', 'bias'].map((role) => ({
        case: 'shared-name',
        rules,
        parameters: layers.map((layer) => `${layer}.${role}`),
        name: `${name}.${role}`,
      }));
    expect(problemsOf({ [up]: 'u' })).toEqual(
      shared([up], ['up[2].convTranspose[1]', 'up[1].convTranspose[1]'], 'u'),
    );
    expect(problemsOf({ 'head.conv[1]': 'u1' })).toEqual(
      shared([up, 'head.conv[1]'], ['up[1].convTranspose[1]', 'head.conv[1]'], 'u1'),
    );
  });
});

describe('a file that is no map says all that is wrong', () => {
  const keys = ['about', 'names', 'ignore'];
  const formula = (rule: string, text: string) => ({ case: 'no-formula', rule, text });

  test.each<[string, string, readonly object[]]>([
    ['no JSON', '{"names": {', [{ case: 'not-json', reason: expect.stringMatching(/./) }]],
    ['a list', '[1]', [{ case: 'not-an-object', found: 'another list' }]],
    ['no names', '{}', [{ case: 'wrong-kind', key: 'names', found: 'nothing' }]],
    [
      'other keys',
      '{"name": {}, "version": 1, "names": {}}',
      [
        { case: 'unknown-key', key: 'name', keys, nearest: 'names' },
        { case: 'unknown-key', key: 'version', keys, nearest: undefined },
      ],
    ],
    [
      'wrong kinds',
      '{"about": 1, "ignore": "x", "names": {"a[1]": 1}}',
      [
        { case: 'wrong-kind', key: 'about', found: 'a value of type number' },
        { case: 'wrong-kind', key: 'ignore', found: 'a value of type string' },
        { case: 'name-not-a-text', rule: 'a[1]', found: 'a value of type number' },
      ],
    ],
    [
      'the same rule twice',
      '{"names": {"a[1]": "x", "b[1]": "y", "a[1]": "z"}}',
      [{ case: 'repeated-key', key: 'a[1]' }],
    ],
    [
      'broken rules',
      JSON.stringify({
        names: {
          'a[{n]': 'x',
          'b[{n}]': 'y{n',
          'c[{1}]': 'z',
          'd[{n}]': 'z{m}',
          'e[{lev}]': 'z{lve}',
          'f[{n}]': 'z{n +}',
          'g[{n}]': 'z{3n}',
          'h[{n}]': 'z{}',
        },
      }),
      [
        { case: 'unpaired-brace', rule: 'a[{n]' },
        { case: 'unpaired-brace', rule: 'b[{n}]' },
        { case: 'no-capture-name', rule: 'c[{1}]', text: '1' },
        { case: 'unknown-number', rule: 'd[{n}]', name: 'm', nearest: 'n' },
        { case: 'unknown-number', rule: 'e[{lev}]', name: 'lve', nearest: 'lev' },
        formula('f[{n}]', 'n +'),
        formula('g[{n}]', '3n'),
        formula('h[{n}]', ''),
      ],
    ],
  ])('%s', (_name, text, expected) => {
    const reading = readNameMap(text);
    expect(reading.ok ? [] : reading.problems).toEqual(expected);
  });

  test('hostile nesting is no formula', () => {
    const text = JSON.stringify({ names: { 'a[{n}]': `{${'('.repeat(100_000)}n${')'.repeat(100_000)}}` } });
    expect(readNameMap(text).ok).toBe(false);
  });
});

test.each([...builtInMaps])('the built-in map %s is a map file', (_name, map) => {
  expect(compileNameMap(map).ok).toBe(true);
  expect(readNameMap(JSON.stringify(map)).ok).toBe(true);
});
