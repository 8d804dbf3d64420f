import { describe, expect, test } from 'vitest';
import { receptiveField } from '../../src/analysis/receptive-field.js';
import { compile } from '../../src/compiler/compile.js';
import type { Graph } from '../../src/ir/graph.js';
import { compileAt, fittedNetwork } from '../random/fitted.js';
import { measuredFields } from './dependence.js';

/**
 * Whether some position sees no input, and the claim is an upper bound: of a transposed conv with a kernel below its
 * stride, or of a dilated conv with an even kernel, whose taps are all beside the position, in the padding of a small
 * map.
 */
function hasBound(graph: Graph): boolean {
  return graph.nodes.some(
    ({ kind, attributes }) =>
      // Its bound holds at any place of a map of any size.
      kind === 'interpolate' ||
      (kind === 'convTranspose' &&
        attributes.kernel.some((size, axis) => size < (attributes.stride[axis] ?? 1))) ||
      (kind === 'conv' &&
        attributes.kernel.some((size, axis) => size % 2 === 0 && (attributes.dilation[axis] ?? 1) > 1)),
  );
}

test('the receptive fields of random networks are what changes of the input show', () => {
  let [compared, largest] = [0, 0];
  for (let seed = 1; seed <= 300; seed += 1) {
    const fitted = fittedNetwork(seed, { light: true, maximalDepth: 3 });
    if (!fitted) continue;
    const { graph, facts } = fitted.network;
    const atMinimum = compileAt(
      fitted.spec,
      fitted.axes.map(({ minimum }) => minimum),
    ).graph;
    for (const [axis, { minimum, step }] of fitted.axes.entries()) {
      const unbounded = graph.stages.map(({ value }) => receptiveField(graph, value)[axis] ?? 0);
      // So large that positions in the middle see no border, in each phase of the strides.
      const wanted = 2 * Math.max(...unbounded.filter(Number.isFinite)) + 2 * step;
      const size = minimum + Math.ceil(Math.max(0, wanted - minimum) / step) * step;
      if ((facts.macs / (graph.inputSize[axis] ?? 1)) * size * size > 1e7) continue;
      const measured = measuredFields(atMinimum, axis, size);
      // Behind a mean over all positions the whole input is seen, whatever its size.
      const claimed = unbounded.map((field) => Math.min(field, size));
      for (const [
        i,
        {
          path: { text: name },
          value,
        },
      ] of graph.stages.entries()) {
        const why = `${name}, axis ${axis}, size ${size}\n${fitted.note}`;
        if (hasBound(graph)) expect(measured.get(value), why).toBeLessThanOrEqual(claimed[i] ?? 0);
        else expect(measured.get(value), why).toBe(claimed[i]);
        compared += 1;
        largest = Math.max(largest, claimed[i] ?? 0);
      }
    }
  }
  expect(compared).toBeGreaterThan(800);
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
