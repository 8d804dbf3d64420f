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
  const found = (text: string, options: CompileOptions = {}) =>
    compile('net.unet', text, options).diagnostics.map(({ code, args, help }) => ({ code, args, help }));

  test('is refused with the table that it would need', () => {
    const [diagnostic, ...more] = found(net('3 x 224 x 224'), { input: '3 x 256 x 256' });
    expect(more).toEqual([]);
    expect(diagnostic).toMatchObject({
      code: 'positions-fixed',
      args: { input: '256 x 256', where: 'bottleneck', table: '14 x 14', needed: '16 x 16' },
    });
    expect(diagnostic?.help).toContain('224 x 224 fits');
    expect(diagnostic?.help).toContain('`input = 3 x 256 x 256`');
    expect(found(net('3 x 224 x 224'), { input: '3 x 224 x 224' })).toEqual([]);
  });

  test('is one finding for all axes, also where some of them fit', () => {
    expect(found(net('3 x 64 x 96'), { input: '3 x 64 x 32' })).toMatchObject([
      {
        code: 'positions-fixed',
        args: { input: '64 x 32', where: 'bottleneck', table: '4 x 6', needed: '4 x 2' },
      },
    ]);
    expect(found(net('3 x 64 x 96'), { input: '3 x 80 x 32' })).toHaveLength(1);
  });

  test('is refused by the poolings first, and the only size that fits is named', () => {
    expect(found(net('3 x 64 x 64'), { input: '3 x 64 x 70' })).toMatchObject([
      {
        code: 'input-does-not-fit',
        args: { axis: 'W', input: 70, op: 'pool[2]', size: 35, stride: 2, residue: 0 },
        help: expect.stringMatching(/: 64$/),
      },
    ]);
  });

  test('a declared input that does not fit is reported, even if another input is requested', () => {
    const diagnostics = found(net('3 x 70 x 64'), { input: '3 x 64 x 64' });
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      { code: 'input-does-not-fit', help: expect.stringContaining('64, 80') },
    ]);
  });

  test('an expectation knows the one size', () => {
    const expecting = (row: string) => found(net('3 x 64 x 96', `expect { ${row} }`));
    expect(expecting('admissible(3 x 64 x 96)')).toEqual([]);
    expect(expecting('admissible(3 x 96 x 96) == false')).toEqual([]);
    const [failed, ...more] = expecting('admissible(3 x 96 x 96)');
    expect(more).toEqual([]);
    expect(failed).toMatchObject({
      code: 'expectation-failed',
      args: { row: 'admissible(3 x 96 x 96)', found: 'false' },
    });
    expect(failed?.help).toMatch(/H = 64, .*W = 96, /);
  });

  test('a network without a table takes another input', () => {
    const text = 'block A(c) { attention(input, input, input, heads: 2) -> conv(1, c) }';
    const free = net('3 x 64 x 64').replace(/bottleneck = .*\)/, 'bottleneck = A');
    expect(found(`${text} ${free}`, { input: '3 x 96 x 32' })).toEqual([]);
  });
});
