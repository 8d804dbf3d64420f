import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { checkFields } from './random-fields.js';

test('the receptive fields of random networks are what changes of the input show', () => {
  const { compared, largest } = checkFields(100);
  expect(compared).toBeGreaterThan(250);
  expect(largest).toBeGreaterThan(30);
});

describe('worked by hand', () => {
  const fields = (text: string) => {
    const { networks, diagnostics } = compile(
      'net.unet',
      `unet Net { input = 1 x 64 x 64  classes = 2  ${text} }`,
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([]);
    return networks.flatMap(({ graph, facts }) =>
      graph.stages.map(({ path: { text: name }, value }) => [name, facts.receptiveField(value)]),
    );
  };

  test('two 3x3 convs see 5, a pooling adds one step, the convs below it two steps each', () => {
    expect(fields('depth = 1  padding = same  up = nearest')).toEqual([
      ['input', [1, 1]],
      ['encoder[1]', [5, 5]],
      ['pool[1]', [6, 6]],
      ['bottleneck', [14, 14]],
      ['up[1]', [14, 14]],
      ['skip[1]', [5, 5]],
      // Its 5 positions lie over 3 positions of the bottleneck, two steps of 2 apart: 14 + 4.
      ['decoder[1]', [18, 18]],
      ['output', [18, 18]],
    ]);
  });

  test('each axis for itself', () => {
    const text =
      'depth = 1  padding = same  repeat = 1  kernel = 1x5  pool = max(1x4)  skip = none  up = nearest';
    expect(fields(text).filter(([name]) => name === 'encoder[1]' || name === 'bottleneck')).toEqual([
      ['encoder[1]', [1, 5]],
      // 5 windows of 4 positions, each seen through 5 taps.
      ['bottleneck', [1, 24]],
    ]);
  });

  test('a crop moves a skip and does not widen its field', () => {
    const { networks } = compile('net.unet', 'unet Net { input = 1 x 20 x 20  classes = 2  depth = 1 }');
    const [network] = networks;
    expect(network?.facts.receptiveField(network.facts.stage('skip[1]') ?? -1)).toEqual([5, 5]);
  });
});
