import { describe, expect, test } from 'vitest';
import { sizeRule } from '../../src/analysis/size-table.js';
import { compile } from '../../src/compiler/compile.js';
import type { Graph } from '../../src/ir/graph.js';
import { network } from '../language/compiled.js';

const netOf = (lines: string) => network(`unet Net { classes = 2  channels = 4  ${lines} }`);
const padded = 'input = 3 x 16 x 24  depth = 1  padding = same';
const shapes = ({ facts, graph }: ReturnType<typeof netOf>) =>
  Object.fromEntries(
    graph.stages.map(({ path: { text: name }, value }) => [
      name,
      [graph.nodes[value]?.channels, ...facts.spatial(value)].join(' x '),
    ]),
  );
/** The paths of what an op reads. */
const readBy = (graph: Graph, path: string) =>
  graph.nodes.find((node) => node.path.text === path)?.inputs.map((id) => graph.nodes[id]?.path.text);
const cropsOf = (graph: Graph) =>
  Object.fromEntries(
    graph.nodes.flatMap(({ kind, path, attributes }) => (kind === 'crop' ? [[path.text, attributes]] : [])),
  );

/** Parameters of a conv with a bias, `positions` weights for each pair of channels. */
const conv = (positions: number, from: number, to: number) => positions * from * to + to;
/** The standard block with its two convs. */
const double = (positions: number, from: number, to: number) =>
  conv(positions, from, to) + conv(positions, to, to);

describe('a skip from every block', () => {
  test('each block of a level and the input of the level have a stage and a skip', () => {
    expect(shapes(netOf(`${padded}  skip = every(blocks: 2)`))).toEqual({
      input: '3 x 16 x 24',
      'encoder[1,0]': '3 x 16 x 24',
      'encoder[1,1]': '4 x 16 x 24',
      'encoder[1]': '4 x 16 x 24',
      'pool[1]': '4 x 8 x 12',
      bottleneck: '8 x 8 x 12',
      'up[1]': '4 x 16 x 24',
      'skip[1]': '4 x 16 x 24',
      'decoder[1,2]': '4 x 16 x 24',
      'skip[1,1]': '4 x 16 x 24',
      'decoder[1,1]': '4 x 16 x 24',
      'skip[1,0]': '3 x 16 x 24',
      'decoder[1]': '4 x 16 x 24',
      output: '2 x 16 x 24',
    });
  });

  test('the last skip is joined first, and each join has a block behind it', () => {
    const { graph } = netOf(`${padded}  skip = every(blocks: 2)`);
    const last = (use: number) => `encoder[1].double[${use}].relu[2]`;
    expect(readBy(graph, 'decoder[1].double[1].concat[1]')).toEqual([last(2), 'up[1].convTranspose[1]']);
    expect(readBy(graph, 'decoder[1].double[2].concat[1]')).toEqual([
      last(1),
      'decoder[1].double[1].relu[2]',
    ]);
    expect(readBy(graph, 'decoder[1].double[3].concat[1]')).toEqual([
      'input',
      'decoder[1].double[2].relu[2]',
    ]);
    const other = netOf(`${padded}  skip = every(blocks: 2, order: up_first)`).graph;
    expect(readBy(other, 'decoder[1].double[3].concat[1]')).toEqual([
      'decoder[1].double[2].relu[2]',
      'input',
    ]);
  });

  test.each([
    [2, 'input = 3 x 16 x 24', 'transpose(2)'],
    [3, 'input = 3 x 8 x 16 x 24', 'transpose(2)'],
  ])('parameters in %iD, each use of a block with weights of its own', (rank, input, up) => {
    const [weights, taps] = [3 ** rank, 2 ** rank];
    const count =
      // Down: 3 channels to 4, then 4 to 4, then to the 8 of the bottleneck.
      double(weights, 3, 4) +
      double(weights, 4, 4) +
      double(weights, 4, 8) +
      conv(taps, 8, 4) +
      // Up: 4 from below beside 4, 4 and the 3 of the input.
      double(weights, 4 + 4, 4) +
      double(weights, 4 + 4, 4) +
      double(weights, 3 + 4, 4) +
      conv(1, 4, 2);
    const { facts } = netOf(`${input}  depth = 1  padding = same  up = ${up}  skip = every`);
    expect(facts.parameters).toBe(count);
  });

  test('two levels: what is pooled is the input of the next one, and its skip', () => {
    const net = netOf('input = 1 x 16 x 24  depth = 2  padding = same  skip = every(blocks: 3)');
    expect(readBy(net.graph, 'decoder[2].double[4].concat[1]')).toEqual([
      'pool[1].maxPool[1]',
      'decoder[2].double[3].relu[2]',
    ]);
    const level = (from: number, c: number) =>
      // Down c channels three times, up four times.
      double(9, from, c) + 2 * double(9, c, c) + 3 * double(9, 2 * c, c) + double(9, c + from, c);
    expect(net.facts.parameters).toBe(
      level(1, 4) + level(4, 8) + double(9, 8, 16) + conv(4, 16, 8) + conv(4, 8, 4) + conv(1, 4, 2),
    );
  });

  test('one block: a skip from it and one from its input', () => {
    const names = netOf(`${padded}  skip = every(blocks: 1)`).graph.stages.map(({ path }) => path.text);
    expect(names.filter((name) => /^(encoder|decoder|skip)/.test(name))).toEqual([
      'encoder[1,0]',
      'encoder[1]',
      'skip[1]',
      'decoder[1,1]',
      'skip[1,0]',
      'decoder[1]',
    ]);
  });

  test('with valid convs each skip is cropped to what it meets, in 2D and in 3D', () => {
    const flat = netOf('input = 1 x 60 x 64  depth = 1  skip = every(blocks: 2)');
    // Four positions go in each use of a block: n - 4, n - 8, n/2 - 4, n/2 - 8, then n - 16 comes up.
    expect(shapes(flat)).toMatchObject({
      'encoder[1,1]': '4 x 56 x 60',
      'encoder[1]': '4 x 52 x 56',
      'up[1]': '4 x 44 x 48',
      'decoder[1,2]': '4 x 40 x 44',
      'decoder[1,1]': '4 x 36 x 40',
      'decoder[1]': '4 x 32 x 36',
    });
    const even = (amount: number, rank: number) => ({
      before: Array(rank).fill(amount),
      after: Array(rank).fill(amount),
    });
    // n - 8 to n - 16, n - 4 to n - 20, n to n - 24.
    const crops = (rank: number) => ({
      'skip[1].crop[1]': even(4, rank),
      'skip[1,1].crop[1]': even(8, rank),
      'skip[1,0].crop[1]': even(12, rank),
    });
    expect(cropsOf(flat.graph)).toEqual(crops(2));
    expect(flat.graph.crops).toEqual([{ level: 1, ...even(4, 2) }]);
    // b is the bottleneck's size n/2 - 8, and n - 28 positions come out, two at least.
    expect(flat.axes.map((axis, i) => sizeRule(flat.graph, axis, i))).toEqual([
      'H: in = 2b + 16, out = 2b - 12, b >= 7',
      'W: in = 2b + 16, out = 2b - 12, b >= 7',
    ]);
    const deep = netOf('input = 1 x 60 x 64 x 68  depth = 1  skip = every(blocks: 2)');
    expect(cropsOf(deep.graph)).toEqual(crops(3));
    expect(deep.facts.context).toEqual([28, 28, 28]);
  });

  test('a level may have it, and others another mode', () => {
    const lines = 'input = 1 x 32 x 32  depth = 2  padding = same';
    const first = netOf(`${lines}  skip[1] = every(blocks: 1)`).graph.stages.map(({ path }) => path.text);
    expect(first).toContain('skip[1,0]');
    expect(first).not.toContain('skip[2,0]');
    const nested = netOf(`${lines}  skip[1] = nested  skip[2] = every(blocks: 1)`);
    expect(readBy(nested.graph, 'up[1,1].convTranspose[1]')).toEqual(['encoder[2].double[1].relu[2]']);
  });

  test('before_pool halves the first conv of each use on the way down, and none on the way up', () => {
    const { graph } = netOf(`${padded}  doubling = before_pool  skip = every(blocks: 2)`);
    const channels = (path: string) => graph.nodes.find((node) => node.path.text === path)?.channels;
    expect(['encoder[1].double[1]', 'encoder[1].double[2]'].map((use) => channels(`${use}.conv[1]`))).toEqual(
      [2, 2],
    );
    expect(channels('decoder[1].double[2].conv[1]')).toBe(4);
  });

  test('a stage that no block of the level makes is unknown, and the help lists those of the level', () => {
    const text = `unet Net { classes = 2  ${padded}  skip = every(blocks: 2)  expect { encoder[1, 2] == 4 x 16 x 24 } }`;
    const [error] = compile('net.unet', text).diagnostics;
    expect(error?.code).toBe('unknown-stage');
    expect(error?.help).toContain('`encoder[1,0]`, `encoder[1,1]`, `encoder[1]`');
  });
});

describe('stem', () => {
  const stem = 'block First(c) { input -> conv(5, c) }\nunet Net { classes = 2  channels = 4';

  test('stands before level 1, has its channels, and is the input that a skip from every block joins', () => {
    const net = network(`${stem}  ${padded}  stem = First  skip = every(blocks: 1) }`);
    expect(shapes(net)).toMatchObject({ stem: '4 x 16 x 24', 'encoder[1,0]': '4 x 16 x 24' });
    expect(readBy(net.graph, 'decoder[1].double[2].concat[1]')?.[0]).toBe('stem.conv[1]');
    expect(net.facts.parameters).toBe(
      conv(25, 3, 4) +
        double(9, 4, 4) +
        double(9, 4, 8) +
        conv(4, 8, 4) +
        2 * double(9, 8, 4) +
        conv(1, 4, 2),
    );
  });

  test('a stride in it is one for the whole network', () => {
    const strided = network(
      'unet Net { input = 1 x 32 x 32  classes = 2  depth = 1  padding = same  stem = First }\nblock First(c) { input -> conv(3, c, stride: 2) }',
    );
    expect(strided.facts.spatial(strided.facts.output)).toEqual([16, 16]);
    expect(strided.axes.map((axis, i) => sizeRule(strided.graph, axis, i))[0]).toBe(
      'H: in = 4b, out = 2b, b >= 1',
    );
  });
});
