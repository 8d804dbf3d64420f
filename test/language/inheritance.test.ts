import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { spanText } from '../../src/diagnostics/span.js';
import { hostOf, network, placed } from './compiled.js';

const base = `unet Base {
  input    = 1 x 188 x 188
  classes  = 2
  padding  = valid
  skip[4]  = none // allow(skip-unused): to be inherited
  channels = 8
}
`;

describe('a network that extends another', () => {
  const child = `${base}
unet Net extends Base {
  classes = 5
  skip[3] = add
  up[3]   = transpose(channels: skip)
}
unet Grandchild extends Net { channels = 4 }
`;

  test('has the values of the nearest declaration that sets them', () => {
    const { spec } = network(child);
    expect(spec.classes.value).toBe(5);
    expect(spec.input.value.spatial).toEqual([188, 188]);
    expect(spec.levels.map(({ skip }) => skip.value.kind)).toEqual(['concat', 'concat', 'add', 'none']);
    const grandchild = network(child, 'Grandchild').spec;
    expect(grandchild.classes.value).toBe(5);
    expect(grandchild.levels.map(({ channels }) => channels.value)).toEqual([4, 8, 16, 32]);
  });

  test('knows of each value which network set it, and where', () => {
    const { spec } = network(child, 'Grandchild');
    const [first, , third, fourth] = spec.levels;
    const provenance = [
      spec.classes,
      spec.input,
      third?.skip,
      fourth?.skip,
      first?.channels,
      first?.pool,
    ].map((setting) => setting && [setting.origin, setting.network, spanText(setting.span)]);
    expect(provenance).toEqual([
      ['inherited', 'Net', '5'],
      ['inherited', 'Base', '1 x 188 x 188'],
      ['inherited', 'Net', 'add'],
      ['inherited', 'Base', 'none'],
      ['written', 'Grandchild', '4'],
      // A default has no line of its own: it belongs to the network that is compiled.
      ['default', 'Grandchild', 'Grandchild'],
    ]);
  });

  test('keeps a setting of a single level of its base before a whole one of its own', () => {
    const { spec } = network(`${base} unet Net extends Base { skip = concat(order: up_first) }`);
    expect(spec.levels.map(({ skip }) => skip.value.kind)).toEqual(['concat', 'concat', 'concat', 'none']);
    expect(spec.levels[3]?.skip.network).toBe('Base');
  });

  test('names both lines where its own makes an inherited one wrong', () => {
    const { diagnostics } = compile(
      'net.unet',
      `${base} unet Net extends Base { depth = 5  skip[4] = concat }`,
    );
    expect(diagnostics.map(placed)).toEqual([['input-too-small', '5']]);
    expect(diagnostics[0]?.notes.map(({ span }) => spanText(span))).toContain('1 x 188 x 188');
  });

  test('can come from another file, with the names of that file', () => {
    const files = {
      'blocks.unet': 'param width = 6\nblock Own(c) { input -> conv(1, c) -> relu }',
      'base.unet': `import { Own, width } from "./blocks.unet"
unet Base { input = 1 x 16 x 16  classes = 2  depth = 2  padding = same  block = Own  channels = width }`,
    };
    const text = 'import { Base } from "./base.unet"\nunet Net extends Base { classes = 3 }';
    const { spec, graph } = network(text, 'Net', { host: hostOf(files) });
    expect(spec.levels[0]?.channels.value).toBe(6);
    expect(spec.levels[0]?.block.span.file.path).toBe('base.unet');
    expect(graph.nodes[1]?.origin.span.file.path).toBe('blocks.unet');
  });
});

describe('expectations', () => {
  const text = `param base = 8
unet Base { input = 1 x 16 x 16  classes = 2  depth = 1  padding = same  channels = base
  expect { encoder[1] == 8 x 16 x 16 } }
unet Net extends Base { channels = 4 }
`;

  test('belong to the network that they are written in', () => {
    expect(network(text, 'Base').spec.expects).toHaveLength(1);
    expect(network(text).spec.expects).toEqual([]);
  });

  test('are left out where a param or the input is set from outside, and the result says so', () => {
    const wrong = text.replace('== 8 x', '== 9 x');
    const plain = compile('net.unet', wrong);
    expect(plain.diagnostics.map(({ code }) => code)).toEqual(['expectation-failed']);
    expect(plain.expectationsLeftOut).toBe(false);
    for (const options of [{ set: { base: '6' } }, { input: '1 x 32 x 16' }]) {
      const { diagnostics, expectationsLeftOut, networks } = compile('net.unet', wrong, options);
      expect(diagnostics).toEqual([]);
      expect(expectationsLeftOut).toBe(true);
      expect(networks).toHaveLength(2);
    }
  });
});
