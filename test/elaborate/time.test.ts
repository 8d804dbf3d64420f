import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { spanText } from '../../src/diagnostics/span.js';
import { network } from '../language/compiled.js';

const lines = 'classes = 2  depth = 1  padding = same';
const flat = 'input = 3 x 16 x 24';
/** A block that adds a projection of the embedding to a map. */
const shifted = 'block Shifted(c) { (input -> conv(3, c)) + (time -> conv(1, c)) }';
const netOf = (more: string, blocks = shifted) => network(`${blocks}\nunet Net { ${lines}  ${more} }`);
const errorsOf = (text: string) =>
  compile('net.unet', text).diagnostics.filter(({ severity }) => severity === 'error');

/** Parameters of a conv with a bias, `positions` weights for each pair of channels. */
const conv = (positions: number, from: number, to: number) => positions * from * to + to;

describe('a time step', () => {
  test.each([
    [2, 'input = 3 x 16 x 24', '1 x 1'],
    [3, 'input = 3 x 8 x 16 x 24', '1 x 1 x 1'],
  ])('is an input of one number a sample in %iD, and its embedding a map of one position', (_, input, one) => {
    const { graph, facts } = netOf(`${input}  channels = 6  block = Shifted  time = time_embedding`);
    const step = graph.nodes.find(({ kind }) => kind === 'time');
    expect([step?.path.text, step?.channels, step?.inputs]).toEqual(['time', 1, []]);
    expect(facts.spatial(step?.id ?? -1).join(' x ')).toBe(one);
    const embedding = facts.stage('time') ?? -1;
    expect([graph.nodes[embedding]?.channels, facts.spatial(embedding).join(' x ')]).toEqual([24, one]);
    expect(facts.spatial(facts.output)).toEqual(facts.spatial(0));
  });

  test('parameters: two 1x1 convs of the embedding, and one in each block that uses it', () => {
    const { facts } = netOf(`${flat}  channels = 6  block = Shifted  time = time_embedding(dim: 10)`);
    expect(facts.parameters).toBe(
      conv(1, 6, 10) +
        conv(1, 10, 10) +
        // Level 1, the bottleneck, level 1 again with what came up beside its skip.
        (conv(9, 3, 6) + conv(1, 10, 6)) +
        (conv(9, 6, 12) + conv(1, 10, 12)) +
        conv(4, 12, 6) +
        (conv(9, 12, 6) + conv(1, 10, 6)) +
        conv(1, 6, 2),
    );
  });

  test('as many sinusoids as level 1 has channels, made even, four at least', () => {
    const sinusoids = (channels: number) =>
      netOf(
        `${flat}  channels = ${channels}  up = transpose(channels: skip)  block = Shifted  time = time_embedding`,
      ).graph.nodes.find(({ kind }) => kind === 'sinusoid')?.attributes;
    expect([1, 3, 4, 7, 64].map(sinusoids)).toEqual(
      [4, 4, 4, 8, 64].map((channels) => ({ channels, period: 10_000 })),
    );
  });

  test('reaches the blocks of the stem, of the ways down and up, and of the head', () => {
    const blocks = `${shifted}
block Down(c) { (input -> conv(2, c, stride: stride)) + (time -> conv(1, c)) }
block Up(c) { (input -> transpose(stride, c)) + (time -> conv(1, c)) }`;
    const { graph, facts } = netOf(
      `${flat}  channels = 4  time = time_embedding  stem = Shifted  pool = Down  up = Up  head_block = Shifted`,
      blocks,
    );
    const users = graph.nodes.filter(({ inputs }) => inputs.includes(facts.stage('time') ?? -1));
    expect(users.map(({ path }) => path.text)).toEqual([
      'stem.conv[2]',
      'pool[1].conv[2]',
      'up[1].conv[1]',
      'head.conv[2]',
    ]);
  });

  test('an inner block can use it', () => {
    const blocks = `${shifted}\nblock Outer(c) { input -> Shifted(c) -> relu -> Shifted(c) }`;
    const { graph, facts } = netOf(`${flat}  channels = 4  block = Outer  time = time_embedding`, blocks);
    const users = graph.nodes.filter(({ inputs }) => inputs.includes(facts.stage('time') ?? -1));
    expect(users.map(({ path }) => path.text).slice(0, 2)).toEqual([
      'encoder[1].Shifted[1].conv[2]',
      'encoder[1].Shifted[2].conv[2]',
    ]);
  });

  test('`none` gives the step itself on', () => {
    const { graph, facts } = netOf(`${flat}  channels = 4  block = Shifted  time = none`);
    const embedding = graph.nodes[facts.stage('time') ?? -1];
    expect([embedding?.kind, embedding?.channels]).toEqual(['time', 1]);
  });

  test('a network that extends one with a time step has it too', () => {
    const text = `${shifted}\nunet Base { ${lines}  ${flat}  block = Shifted  time = time_embedding }
unet Net extends Base { channels = 8 }`;
    const { graph, facts } = network(text);
    expect(graph.nodes[facts.stage('time') ?? -1]?.channels).toBe(32);
  });
});

describe('the name `time`', () => {
  test('of a network without one is an error, with the uses that led there and what to write', () => {
    const text = `${shifted}\nblock Outer(c) { input -> Shifted(c) }\nunet Net { ${lines}  ${flat}  block = Outer }`;
    const [error, ...more] = errorsOf(text);
    expect(more).toEqual([]);
    expect(error).toMatchObject({
      code: 'missing-attribute',
      args: { attribute: 'time', network: 'Net' },
    });
    expect(error && spanText(error.span)).toBe('time');
    expect(error?.notes.map(({ span }) => spanText(span))).toEqual(['Shifted(c)', 'Outer']);
    expect(error?.notes.map(({ message }) => /`(\w+)`/.exec(message)?.[1])).toEqual(['Shifted', 'Outer']);
    expect(error?.help).toContain('time = time_embedding');
  });

  test('is free where a block binds it, or has it as a parameter', () => {
    const own = 'block Own(c) { time = input -> conv(3, c)\n  time + (time -> relu) }';
    const parameter = 'block Own(c, time = 3) { input -> conv(time, c) }';
    for (const block of [own, parameter]) {
      const unused = '\n// allow(dead-parameters): the block has its own\ntime = time_embedding';
      const { graph } = netOf(`${flat}  channels = 4  block = Own  ${unused}`, block);
      expect(graph.nodes.filter(({ kind }) => kind === 'time')).toEqual([]);
      const conv = graph.nodes.find(({ path }) => path.text === 'encoder[1].conv[1]');
      expect(conv?.attributes).toMatchObject({ kernel: [3, 3] });
    }
  });

  test('bound to a map of the embedding stands for that map from then on', () => {
    const block =
      'block Own(c) { time = time -> activation -> conv(1, c)\n  (input -> conv(3, c)) + time -> relu -> conv(3, c) }';
    const { graph } = netOf(`${flat}  channels = 4  block = Own  time = time_embedding`, block);
    const sum = graph.nodes.find(({ path }) => path.text === 'encoder[1].add[1]');
    expect(sum?.inputs.map((id) => graph.nodes[id]?.path.text)).toEqual([
      'encoder[1].conv[2]',
      'encoder[1].conv[1]',
    ]);
  });
});

describe('sinusoid', () => {
  const errors = (block: string) =>
    errorsOf(`block Own(c) { ${block} }\nunet Net { ${lines}  ${flat}  bottleneck = Own }`);

  test('takes one channel', () => {
    const [error, ...more] = errors('input -> sinusoid(c)');
    expect(more).toEqual([]);
    expect(error).toMatchObject({
      code: 'contradiction',
      args: { problem: 'sinusoid-channels', channels: 64 },
    });
  });

  test('makes an even number of channels', () => {
    expect(errors('input -> conv(1, 1) -> sinusoid(c + 1)').map(({ code }) => code)).toEqual(['wrong-kind']);
    expect(errors('input -> conv(1, 1) -> sinusoid(2)').map(({ code }) => code)).toEqual(['out-of-range']);
  });
});
