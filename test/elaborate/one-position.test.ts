import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { network } from '../language/compiled.js';

const lines = 'classes = 2  depth = 1  padding = same';
const netOf = (blocks: string, more = '', input = '1 x 16 x 24') =>
  network(`${blocks}\nunet Net { input = ${input}  ${lines}  ${more} }`);
const diagnosticsOf = (block: string) =>
  compile('net.unet', `${block}\nunet Net { input = 1 x 16 x 24  ${lines}  block = Own }`).diagnostics;
const double = (rank: number, from: number, to: number) =>
  3 ** rank * from * to + to + 3 ** rank * to * to + to;

describe('squeeze_excitation', () => {
  const own = 'block Own(c, r = 16) { input -> double(c) -> squeeze_excitation(c, reduction: r) }';
  /** A 1x1 conv to `hidden` channels and one back, both with biases. */
  const gate = (c: number, hidden: number) => c * hidden + hidden + hidden * c + c;

  test.each([
    [2, '1 x 16 x 24'],
    [3, '1 x 8 x 16 x 24'],
  ])('64 and 128 channels by a reduction of 16, in %iD: gates of 4 and 8 channels', (rank, input) => {
    const plain = netOf('', 'channels = 64', input).facts.parameters;
    const { facts } = netOf(own, 'block = Own  channels = 64', input);
    expect(gate(64, 4)).toBe(2 * 64 * 4 + 4 + 64);
    expect(facts.parameters - plain).toBe(2 * gate(64, 4) + gate(128, 8));
    expect(plain).toBe(
      double(rank, 1, 64) +
        double(rank, 64, 128) +
        (2 ** rank * 128 * 64 + 64) +
        double(rank, 128, 64) +
        (64 * 2 + 2),
    );
  });

  test('the hidden channels are rounded down, and are one at least', () => {
    const hidden = (c: number, r: number) =>
      netOf(
        own,
        `block = Own(r: ${r})  channels = [${c}, 4]  up = transpose(channels: skip)`,
      ).graph.nodes.find(({ path }) => path.text === 'encoder[1].squeeze_excitation[1].conv[1]')?.channels;
    expect([hidden(64, 16), hidden(63, 16), hidden(15, 16), hidden(1, 16), hidden(24, 8)]).toEqual([
      4, 3, 1, 1, 3,
    ]);
  });

  test('keeps the biases of its convs where the network has none, and keeps its size under valid padding', () => {
    const { graph, facts } = network(
      `${own}\nunet Net { input = 1 x 44 x 44  classes = 2  depth = 1  bias = false  block = Own }`,
    );
    const convs = graph.nodes.filter(({ path }) => /^encoder\[1\]\.squeeze.*conv/.test(path.text));
    expect(convs.map(({ parameters }) => parameters.map(({ role }) => role))).toEqual([
      ['weight', 'bias'],
      ['weight', 'bias'],
    ]);
    expect(facts.spatial(facts.stage('encoder[1]') ?? -1)).toEqual([40, 40]);
    expect(facts.context).toEqual([16, 16]);
  });

  test('every position behind it depends on the whole input', () => {
    const { facts } = netOf(own, 'block = Own');
    expect(facts.receptiveField(facts.stage('encoder[1]') ?? -1)).toEqual([16, 24]);
  });
});

describe('a map of one position', () => {
  const first = (block: string, kind: string) => {
    const { graph, facts } = netOf(block, 'block = Own');
    const node = graph.nodes.find((one) => one.kind === kind);
    return node?.inputs.map((id) => [graph.nodes[id]?.kind, facts.spatial(id).join(' x ')]);
  };

  test.each([
    ['+', 'add'],
    ['*', 'mul'],
  ])('goes into `%s` on either side', (sign, kind) => {
    const expected = [
      ['conv', '16 x 24'],
      ['globalAverage', '1 x 1'],
    ];
    const map = 'h = input -> conv(3, c)';
    expect(first(`block Own(c) { ${map}\n  h ${sign} (h -> global_avg) }`, kind)).toEqual(expected);
    expect(first(`block Own(c) { ${map}\n  (h -> global_avg) ${sign} h }`, kind)).toEqual(expected);
  });

  test('meets others of one position too, and several in one sum', () => {
    const two = 'block Own(c) { h = input -> conv(3, c)\n  g = h -> global_avg\n  (g -> sigmoid) + g + h }';
    const { graph, facts } = netOf(two, 'block = Own');
    const sums = graph.nodes.filter(({ kind, path }) => kind === 'add' && path.text.startsWith('encoder[1]'));
    expect(sums.map(({ id }) => facts.spatial(id).join(' x '))).toEqual(['1 x 1', '16 x 24']);
  });

  test('must have the channels of the other', () => {
    const [error] = diagnosticsOf(
      'block Own(c) { h = input -> conv(3, c)\n  h * (h -> global_avg -> conv(1, 3)) }',
    );
    expect(error).toMatchObject({ code: 'channels-not-equal', args: { op: '*', left: 64, right: 3 } });
  });

  test('is not concatenated with a map of more', () => {
    const diagnostics = diagnosticsOf('block Own(c) { concat(input, input -> global_avg) -> conv(3, c) }');
    expect(diagnostics.map(({ code }) => code)).toEqual(['sizes-not-equal']);
  });

  test('takes convs that keep its size, and no pooling', () => {
    const { graph, facts } = netOf(
      'block Own(c) { h = input -> conv(3, c)\n  h * (h -> global_avg -> conv(3, c) -> sigmoid) }',
      'block = Own',
    );
    const inner = graph.nodes.find(({ path }) => path.text === 'encoder[1].conv[2]');
    expect(facts.spatial(inner?.id ?? -1)).toEqual([1, 1]);
    for (const stage of ['max(2)', 'conv(3, c, padding: valid)']) {
      const block = `block Own(c) { h = input -> conv(3, c)\n  h * (h -> global_avg -> ${stage}) }`;
      expect(diagnosticsOf(block).map(({ severity }) => severity)).toContain('error');
    }
  });

  test('the size of what is averaged is free', () => {
    const { axes } = netOf(
      'block Own(c) { h = input -> conv(3, c)\n  h * (h -> global_avg) }',
      'block = Own',
    );
    expect(axes.map(({ step, minimum }) => [step, minimum])).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });
});
