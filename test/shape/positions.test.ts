import { describe, expect, test } from 'vitest';
import { type CompileOptions, compile } from '../../src/compiler/compile.js';
import { admissibleSizes, fits } from '../../src/shape/admissible.js';
import { inferSizes } from '../../src/shape/infer.js';
import { elaborateText } from '../random/elaborated.js';
import { randomTransformer, TRANSFORMER } from '../random/random-transformer.js';
import { propagate } from './propagate.js';

/** Sizes are tried from 1 to this one. */
const LARGEST = 130;

describe('random transformers', () => {
  test('take the sizes that every op can take: one, where there is a table', () => {
    const counts = new Set<string>();
    for (let seed = 300; seed < 360; seed += 1) {
      const { text, spatial, pinned } = randomTransformer(seed);
      const { graph } = elaborateText(text, TRANSFORMER);
      const admissible = graph && admissibleSizes(graph);
      if (!graph || admissible?.kind !== 'sizes') throw new Error(text);
      for (const [axis, sizes] of admissible.axes.entries()) {
        const fitting = [];
        for (let n = 1; n <= LARGEST; n += 1) {
          const propagated = propagate(graph, axis, n) !== undefined;
          expect(fits(sizes, n), `${n} along ${axis}\n${text}`).toBe(propagated);
          const { mismatches } = inferSizes(
            graph,
            spatial.map((own, i) => (i === axis ? n : own)),
          );
          expect(mismatches.length === 0, `${n} along ${axis}\n${text}`).toBe(propagated);
          if (propagated) fitting.push(n);
        }
        if (pinned) expect(fitting, text).toEqual([spatial[axis]]);
        else expect(fitting.length, text).toBeGreaterThan(3);
        counts.add(`${pinned} ${spatial.length}`);
      }
    }
    expect(counts.size).toBe(4);
  });

  test('can be declared with every size that fits the other ops', () => {
    let [taken, refused] = [0, 0];
    for (let seed = 400; seed < 415; seed += 1) {
      const { text, spatial } = randomTransformer(seed);
      const { graph } = elaborateText(text, TRANSFORMER);
      const admissible = graph && admissibleSizes(graph, 'follow');
      if (admissible?.kind !== 'sizes') throw new Error(text);
      for (let n = 1; n <= 60; n += 1) {
        const declared = text.replace(spatial.join(' x '), [n, ...spatial.slice(1)].join(' x '));
        const other = elaborateText(declared, TRANSFORMER).graph;
        const propagated = other !== undefined && propagate(other, 0, n) !== undefined;
        expect(admissible.axes[0] && fits(admissible.axes[0], n), declared).toBe(propagated);
        const { networks } = compile('net.unet', declared);
        expect(networks.length, declared).toBe(propagated ? 1 : 0);
        if (propagated) taken += 1;
        else refused += 1;
      }
    }
    expect(taken).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(200);
  });
});

describe('an input that the table is not made for', () => {
  const net = (input: string, more = '') =>
    `unet Net { input = ${input} classes = 2 padding = same bottleneck = transformer(layers: 1, heads: 2, dim: 8, mlp: 16) ${more} }`;
  const messages = (text: string, options: CompileOptions = {}) =>
    compile('net.unet', text, options).diagnostics.map(({ code, message, help }) => [code, message, help]);

  test('is refused with the table that it would need', () => {
    expect(messages(net('3 x 224 x 224'), { input: '3 x 256 x 256' })).toEqual([
      [
        'positions-fixed',
        'the positions of bottleneck are a table of 14 x 14; an input of 256 x 256 would need one of 16 x 16',
        '224 x 224 fits; a network with the other table, and so with other weights, declares `input = 3 x 256 x 256`',
      ],
    ]);
    expect(messages(net('3 x 224 x 224'), { input: '3 x 224 x 224' })).toEqual([]);
  });

  test('is one finding for all axes, also where some of them fit', () => {
    const [[code, message] = []] = messages(net('3 x 64 x 96'), { input: '3 x 64 x 32' });
    expect([code, message]).toEqual([
      'positions-fixed',
      'the positions of bottleneck are a table of 4 x 6; an input of 64 x 32 would need one of 4 x 2',
    ]);
    expect(messages(net('3 x 64 x 96'), { input: '3 x 80 x 32' })).toHaveLength(1);
  });

  test('is refused by the poolings first, and the only size that fits is named', () => {
    expect(messages(net('3 x 64 x 64'), { input: '3 x 64 x 70' })).toEqual([
      [
        'input-does-not-fit',
        'W = 70 does not fit: pool[2] gets W = 35, which is odd',
        'nearest that fit: 64',
      ],
    ]);
  });

  test('a declared input that fits nothing is said of the file, whatever is asked', () => {
    const [[code, , help] = [], ...more] = messages(net('3 x 70 x 64'), { input: '3 x 64 x 64' });
    expect([code, help, more.length]).toEqual(['input-does-not-fit', 'nearest that fit: 64, 80', 0]);
  });

  test('an expectation knows the one size', () => {
    const expecting = (row: string) => messages(net('3 x 64 x 96', `expect { ${row} }`));
    expect(expecting('admissible(3 x 64 x 96)')).toEqual([]);
    expect(expecting('admissible(3 x 96 x 96) == false')).toEqual([]);
    expect(expecting('admissible(3 x 96 x 96)')).toEqual([
      [
        'expectation-failed',
        'expected admissible(3 x 96 x 96), found false',
        'H = 64, which a table of positions pins; W = 96, which a table of positions pins',
      ],
    ]);
  });

  test('a network without a table takes another input', () => {
    const text = 'block A(c) { attention(input, input, input, heads: 2) -> conv(1, c) }';
    const free = net('3 x 64 x 64').replace(/bottleneck = .*\)/, 'bottleneck = A');
    expect(messages(`${text} ${free}`, { input: '3 x 96 x 32' })).toEqual([]);
  });
});
