import { describe, expect, test } from 'vitest';
import type { Graph, Node } from '../../src/ir/graph.js';
import { verify } from '../../src/ir/verify.js';
import { network } from '../language/compiled.js';
import { fittedNetwork } from '../random/fitted.js';
import { pathOf } from './stage-paths.js';

const legal = network(`block Gated(c) {
  h = input -> conv(3, c)
  h * (h -> conv(1, c) -> sigmoid)
}
unet Net { input = 1 x 20 x 28  classes = 2  depth = 1  channels = 8  block = Gated }`).graph;

/** The graph with one node changed. */
function tampered(path: string, change: (node: Node) => object, graph: Graph = legal): Graph {
  expect(graph.nodes.some((node) => node.path.text === path)).toBe(true);
  // A tampered node is no Node any more: that is what the verifier must notice.
  const nodes = graph.nodes.map((node) =>
    node.path.text === path ? ({ ...node, ...change(node) } as Node) : node,
  );
  return { ...graph, nodes };
}

const idOf = (path: string) => legal.nodes.find((node) => node.path.text === path)?.id ?? -1;

test('a legal graph has no violations', () => {
  expect(verify(legal)).toEqual([]);
});

test('every graph that elaboration makes is legal', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (fitted) expect(verify(fitted.network.graph), fitted.note).toEqual([]);
  }
});

describe('a violation is found and named', () => {
  const conv = 'encoder[1].conv[2]';
  const concat = 'decoder[1].concat[1]';
  const cases: readonly (readonly [what: string, graph: Graph, problem: RegExp])[] = [
    ['a wrong id', tampered(conv, () => ({ id: 77 })), /\(encoder\[1\]\.conv\[2\]\) has id 77/],
    [
      'a second input',
      tampered(conv, () => ({ kind: 'input', attributes: { channels: 8 } })),
      /only node 0 is the input/,
    ],
    [
      'a first node that is no input',
      tampered('input', () => ({ kind: 'relu' })),
      /only node 0 is the input/,
    ],
    [
      'a path that is there twice',
      tampered(conv, () => ({ path: pathOf('encoder[1].conv[1]') })),
      /the path is not unique/,
    ],
    [
      'an input that comes later',
      tampered(conv, () => ({ inputs: [idOf(concat)] })),
      /does not come before it/,
    ],
    ['an input that is itself', tampered(conv, ({ id }) => ({ inputs: [id] })), /does not come before it/],
    [
      'an input that is none',
      tampered(conv, () => ({ inputs: [-1] })),
      /uses -1, which does not come before it/,
    ],
    ['too many inputs', tampered(conv, ({ inputs }) => ({ inputs: [...inputs, ...inputs] })), /: 2 inputs/],
    ['too few inputs', tampered(concat, ({ inputs }) => ({ inputs: inputs.slice(0, 1) })), /: 1 inputs/],
    ['wrong channels', tampered(conv, () => ({ channels: 9 })), /: 9 channels/],
    [
      'attributes that make other channels',
      tampered(conv, ({ attributes }) => ({ attributes: { ...attributes, channels: 9 } })),
      /: 8 channels/,
    ],
    [
      'a product of unequal channels',
      tampered('bottleneck.mul[1]', ({ inputs }) => ({ inputs: [inputs[0], idOf('pool[1].maxPool[1]')] })),
      /inputs of 16 and 8 channels/,
    ],
    [
      'a missing parameter',
      tampered(conv, ({ parameters }) => ({ parameters: parameters.slice(1) })),
      /: parameters/,
    ],
    [
      'a parameter of another shape',
      tampered(conv, ({ parameters }) => ({
        parameters: parameters.map((p) => ({ ...p, shape: [1, ...p.shape] })),
      })),
      /: parameters/,
    ],
    [
      'a wrong size',
      tampered(conv, ({ spatial }) => ({
        spatial: spatial.map((size, axis) => (axis === 1 ? { ...size, q: -5 } : size)),
      })),
      /: the size of axis 1/,
    ],
    ['a missing axis', tampered(conv, ({ spatial }) => ({ spatial: spatial.slice(1) })), /: 1 axes/],
    [
      'inputs of different sizes',
      tampered(concat, ({ inputs }) => ({ inputs: [idOf('encoder[1].mul[1]'), inputs[1]] })),
      /inputs differ along axis 1/,
    ],
    [
      'a stage without a value',
      { ...legal, stages: [{ path: pathOf('lost'), value: 999 }] },
      /lost names value 999/,
    ],
    [
      'an output without a value',
      { ...legal, outputs: [{ name: 'lost', value: 999 }] },
      /lost names value 999/,
    ],
    ['no output', { ...legal, outputs: [] }, /there is no output/],
    [
      'a value that nothing uses',
      { ...legal, outputs: [{ name: 'output', value: idOf('head.conv[1]') }] },
      /head\.softmax\[1\] is never used/,
    ],
  ];

  test.each(cases)('%s', (_what, graph, problem) => {
    expect(
      verify(graph).some((one) => problem.test(one)),
      verify(graph).join('\n'),
    ).toBe(true);
  });
});
