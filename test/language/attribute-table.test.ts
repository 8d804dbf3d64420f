import { describe, expect, test } from 'vitest';
import { attributeOptions, attributes as attributeRows } from '../../scripts/language-tables.js';
import { compile } from '../../src/compiler/compile.js';
import { diffNetworks } from '../../src/compiler/diff.js';
import { Reporter } from '../../src/diagnostics/diagnostic.js';
import { elaborate } from '../../src/elaborate/elaborate.js';
import { loadProgram } from '../../src/language/modules/modules.js';
import { evaluateParams } from '../../src/language/modules/params.js';
import { resolveAblation } from '../../src/language/resolve/ablations.js';
import type { NetworkSpec } from '../../src/language/resolve/network-spec.js';
import { resolveNetwork } from '../../src/language/resolve/resolve-network.js';
import { specFields } from '../../src/language/resolve/spec-fields.js';
import { type AttributeDefinition, define } from '../../src/language/schema/attribute-definition.js';
import { attributeTable } from '../../src/language/schema/attributes.js';
import { choice, option } from '../../src/language/schema/choice-schema.js';
import { real } from '../../src/language/schema/number-schemas.js';
import { hashesOf } from '../../src/train/run-folder/run-folder-settings.js';
import { network, placed } from './compiled.js';

/** The table of `unet` and three attributes more, one for each scope. */
const attributes = {
  ...attributeTable,
  gain: define('levels-and-bottleneck', real(0, 10), 'a factor for each map', { fallback: '1' }),
  side_gain: define('levels', real(0, 10), 'a factor for each skip', { like: 'gain' }),
  tone: define(
    'network',
    choice({ soft: {}, hard: { edge: option(real(0, 1), 0.5) } }),
    'the colour of the maps',
  ),
} as const;
type Spec = NetworkSpec<typeof attributes>;

/** Resolves the network `Net`, or a variant of the ablation `Study`, with the attributes above. */
function resolved(lines: string, name = 'Net') {
  const reporter = new Reporter();
  const host = { read: () => undefined, resolve: (_: string, path: string) => path };
  const text = `unet Base { input = 1 x 32 x 32  classes = 2  padding = same  depth = 2 }\n${lines}`;
  const { entry: module, modules } = reporter.take(loadProgram('net.unet', text, host));
  const params = reporter.take(evaluateParams(modules, new Map()));
  const declaration = module.names.get(name.split('.')[0] ?? '')?.declaration;
  const request =
    declaration?.kind === 'unet'
      ? { name, nameSpan: declaration.name.span, located: { declaration, module }, edits: [] }
      : declaration?.kind === 'ablation'
        ? resolveAblation({ declaration, module }, params, reporter, attributes)?.variants.find(
            (variant) => variant.name === name,
          )
        : undefined;
  const spec = request && reporter.take(resolveNetwork(request, params, attributes));
  return { text, spec, params, diagnostics: reporter.diagnostics };
}

function clean(lines: string, name?: string): Spec {
  const { spec, diagnostics } = resolved(lines, name);
  if (!spec) throw new Error(`${lines}: ${diagnostics.map(({ message }) => message).join('\n')}`);
  return spec;
}

const gains = ({ levels, bottleneck }: Spec): readonly number[] =>
  [...levels, bottleneck].map(({ gain }) => gain.value);
const sideGains = ({ levels }: Spec): readonly number[] => levels.map(({ sideGain }) => sideGain.value);

describe('an attribute that is only a line of the table', () => {
  test('has its default, or the value of the attribute that it is like, or no value', () => {
    const spec = clean('unet Net extends Base { gain[2] = 4 }');
    expect(gains(spec)).toEqual([1, 4, 1]);
    expect(sideGains(spec)).toEqual([1, 4]);
    expect(spec.levels[0]?.gain.origin).toBe('default');
    expect(spec.tone).toBeUndefined();
  });

  test('is set for the network, for levels, by lists, by expressions and by words with options', () => {
    const spec = clean(
      'unet Net extends Base { gain = level  gain[bottleneck] = 9  side_gain = [0.5, 0.25] }',
    );
    expect(gains(spec)).toEqual([1, 2, 9]);
    expect(sideGains(spec)).toEqual([0.5, 0.25]);
    expect(clean('unet Net extends Base { tone = hard(edge: 1) }').tone?.value).toEqual({
      kind: 'hard',
      edge: 1,
    });
  });

  test('is inherited, and varied by an ablation', () => {
    const chain =
      'unet Middle extends Base { gain = 3  tone = soft }\nunet Net extends Middle { gain[1] = 2 }';
    const spec = clean(chain);
    expect(gains(spec)).toEqual([2, 3, 3]);
    expect(spec.levels[1]?.gain).toMatchObject({ origin: 'inherited', network: 'Middle' });
    expect(spec.tone?.value.kind).toBe('soft');
    expect(gains(clean('ablation Study of Base { vary gain = [5, 6] }', 'Study.gain=6'))).toEqual([6, 6, 6]);
  });

  test.each([
    ['gain = 11', 'out-of-range', '11'],
    ['gain = large', 'wrong-kind', 'large'],
    ['gain[4] = 2', 'level-out-of-range', '4'],
    ['side_gain[3] = 2', 'level-out-of-range', '3'],
    ['tone[1] = soft', 'not-per-level', 'tone'],
    ['tone = hrad', 'unknown-option', 'hrad'],
    ['tone = hard(edge: 2)', 'out-of-range', '2'],
    ['gian = 2', 'unknown-attribute', 'gian'],
    ['gain = 2  gain = 3', 'duplicate-attribute', 'gain'],
  ])('is checked: %s', (line, code, text) => {
    const { spec, diagnostics } = resolved(`unet Net extends Base { ${line} }`);
    expect(spec).toBeUndefined();
    // A value that holds for several levels is reported at each; `compile` keeps one of the reports.
    expect(new Set(diagnostics.map((one) => placed(one).join()))).toEqual(new Set([`${code},${text}`]));
  });

  test('is suggested for a misspelt name', () => {
    const [diagnostic] = resolved('unet Net extends Base { gian = 2 }').diagnostics;
    expect(diagnostic?.fixes.flatMap(({ edits }) => edits.map(({ newText }) => newText))).toEqual(['gain']);
  });

  test('does not keep a network from being built', () => {
    const { spec, params, diagnostics } = resolved('unet Net extends Base { gain = 2 }');
    const elaborated = spec && elaborate(spec, params).value;
    expect(diagnostics).toEqual([]);
    expect(elaborated?.graph.nodes.length).toBeGreaterThan(10);
  });

  test('is a field of the networks that `diff` compares', () => {
    const compiled = network('unet Net { input = 1 x 32 x 32  classes = 2  padding = same  depth = 2 }');
    const side = (line: string) => ({ ...compiled, spec: clean(`unet Net extends Base { ${line} }`) });
    const fields = (a: string, b: string) => diffNetworks(side(a), side(b)).fields;
    expect(fields('', 'gain = 1')).toEqual([]);
    expect(fields('', 'gain[2] = 3  side_gain = 2')).toEqual([
      { path: 'gain[2]', a: '1', b: '3' },
      { path: 'side_gain', a: '1', b: '2' },
    ]);
    expect(fields('', 'tone = hard')).toEqual([{ path: 'tone', a: null, b: 'hard(edge: 0.5)' }]);
  });

  test('is a part of the hash of a run', () => {
    const hash = (line: string) => {
      const { text } = resolved(`unet Net extends Base { ${line} }`);
      return hashesOf({ network: 'Net', spec: [{ path: 'net.unet', text }], recipe: {}, data: {} }).spec;
    };
    expect(hash('gain = 2')).toBe(hash('gain   =  2 /* the same */'));
    expect(hash('gain = 2')).not.toBe(hash('gain = 3'));
  });

  test('is a row of the reference', () => {
    const rows = attributeRows({ attributeTable: attributes }).split('\n');
    expect(rows.find((row) => row.startsWith('| `gain` '))).toBe(
      '| `gain` | a factor for each map | a number from 0 to 10 | `1` | levels, bottleneck |',
    );
    expect(rows.find((row) => row.startsWith('| `side_gain` '))).toContain('as `gain`');
    expect(attributeOptions({ attributeTable: attributes })).toContain('| `tone = hard` | `edge` |');
  });
});

describe('the table of `unet`', () => {
  const definitions = Object.entries<AttributeDefinition>(attributeTable);

  test('refers to attributes that it contains', () => {
    const names = definitions.map(([name]) => name);
    for (const [, { like = 'input', replaces = 'input' }] of definitions) {
      expect(names).toContain(like);
      expect(names).toContain(replaces);
    }
  });

  test('has a field in every network for each attribute that is not another one at the bottleneck', () => {
    const text = `block Own(c) { input -> conv(3, c) }
      unet Net { input = 1 x 32 x 32  classes = 2  padding = same  depth = 2  spacing = 1um x 1um
        stem = double  time = time_embedding  head_block = Own }`;
    const [net] = compile('net.unet', text).networks;
    if (!net) throw new Error('the network has errors');
    const paths = [...specFields(net.spec).keys()].map((path) => path.replace(/\[.*/, ''));
    for (const [name, { replaces }] of definitions) if (!replaces) expect(paths).toContain(name);
  });
});
