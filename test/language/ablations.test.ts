import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { spanText } from '../../src/diagnostics/span.js';

const base = `unet Net {
  input    = 1 x 32 x 32
  classes  = 2
  depth    = 2
  channels = 4
  padding  = same
  up       = transpose(channels: skip)
  expect { output == 2 x 32 x 32 }
}
`;
const study = `${base}
ablation Study of Net {
  seeds = [1, 2]
  vary skip = [concat, add, none]
  vary repeat = [1, 3]
  variant Thin { channels = 2  skip[1] = none }
}
`;

describe('an ablation', () => {
  const result = compile('net.unet', study);
  const found = (name: string) => result.networks.find((one) => one.name === name);

  test('makes a network of each variant, several `vary` multiplied', () => {
    expect(result.diagnostics).toEqual([]);
    expect(result.names).toEqual([
      'Net',
      'Study.skip=concat,repeat=1',
      'Study.skip=concat,repeat=3',
      'Study.skip=add,repeat=1',
      'Study.skip=add,repeat=3',
      'Study.skip=none,repeat=1',
      'Study.skip=none,repeat=3',
      'Study.Thin',
    ]);
    expect(result.networks.map(({ name }) => name)).toEqual(result.names);
    expect(result.ablations.map(({ name, seeds, variants }) => [name, seeds, variants.length])).toEqual([
      ['Study', [1, 2], 7],
    ]);
  });

  test('changes in each what it names, and nothing else', () => {
    const settings = (name: string) => {
      const spec = found(name)?.spec;
      return spec?.levels.map(({ skip, repeat, channels }) => [
        skip.value.kind,
        repeat.value,
        channels.value,
      ]);
    };
    expect(settings('Study.skip=add,repeat=3')).toEqual([
      ['add', 3, 4],
      ['add', 3, 8],
    ]);
    expect(settings('Study.Thin')).toEqual([
      ['none', 2, 2],
      ['concat', 2, 4],
    ]);
    const { spec } = found('Study.skip=add,repeat=3') ?? {};
    expect(spec?.levels[0]?.skip.origin).toBe('written');
    expect([spec?.classes.origin, spec?.classes.network]).toEqual(['inherited', 'Net']);
  });

  test('does not pass on the expectations of its network', () => {
    expect(found('Net')?.spec.expects).toHaveLength(1);
    for (const { name, spec } of result.networks) if (name !== 'Net') expect(spec.expects, name).toEqual([]);
  });

  test('with one `vary` names variants Study.skip=add', () => {
    const { names } = compile('net.unet', `${base} ablation Study of Net { vary skip = [concat, add] }`);
    expect(names).toEqual(['Net', 'Study.skip=concat', 'Study.skip=add']);
  });

  test('names a value that is called as it is written, without blanks', () => {
    const text = `${base} ablation Study of Net { vary norm = [batch, group(groups: 2)] }`;
    expect(compile('net.unet', text).names).toEqual([
      'Net',
      'Study.norm=batch',
      'Study.norm=group(groups:2)',
    ]);
  });

  test('can be asked for a single variant', () => {
    const { networks, names } = compile('net.unet', study, { network: 'Study.Thin' });
    expect(networks.map(({ name }) => name)).toEqual(['Study.Thin']);
    expect(names).toHaveLength(8);
  });

  test('says of a variant that can not be which line of it is wrong', () => {
    const text = `${base} ablation Study of Net { vary skip = [concat, add]  variant Deep { depth = 6 } }`;
    const { diagnostics, networks } = compile('net.unet', text);
    expect(diagnostics.map(({ code, span }) => [code, spanText(span)])).toEqual([['input-too-small', '6']]);
    expect(networks.map(({ name }) => name)).toEqual(['Net', 'Study.skip=concat', 'Study.skip=add']);
  });
});
