import { describe, expect, test } from 'vitest';
import { ExampleBuilder } from '../onnx/example-graphs.js';
import { erf } from './erf.js';
import { evaluate } from './evaluate.js';

// Small cases worked out by hand: the evaluator is what everything else is compared with.

const image = { shape: [1, 1, 2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
const noWeights = { chunks: () => [] };

describe('the reference evaluator', () => {
  test('a conv is a cross-correlation', () => {
    const b = new ExampleBuilder('net', 2);
    const y = b.conv(b.input(1), 1, { kernel: [2, 2], before: [0, 1], after: [0, 0] });
    const graph = b.finish([2, 3], ['output', y]);
    const values = evaluate(
      graph,
      { chunks: (p) => [p.role === 'bias' ? Float32Array.of(100) : Float32Array.of(1, 10, 2, 20)] },
      image,
    );
    // 1 left + 10 right + 2 below left + 20 below right, over the columns (0 1) (1 2) (2 3).
    expect(values.get(y)).toEqual({
      shape: [1, 1, 1, 3],
      data: Float64Array.of(100 + 10 + 80, 100 + 1 + 20 + 8 + 100, 100 + 2 + 30 + 10 + 120),
    });
  });

  test('a transposed conv spreads each position', () => {
    const b = new ExampleBuilder('net', 2);
    const attributes = {
      kernel: [1, 3],
      stride: [1, 2],
      before: [0, 1],
      after: [0, -1],
      channels: 1,
      bias: false,
    };
    const y = b.add('convTranspose', [b.input(1)], { ...attributes, init: 'he_normal' });
    const values = evaluate(
      b.finish([2, 3], ['output', y]),
      { chunks: () => [Float32Array.of(1, 10, 100)] },
      image,
    );
    // The row 1 2 3 spreads to 1 10 100+2 20 200+3 30 300; the first is cut off, a zero comes after the last.
    const row = (a: number, c: number, d: number) => [
      10 * a,
      100 * a + c,
      10 * c,
      100 * c + d,
      10 * d,
      100 * d,
      0,
    ];
    expect(values.get(y)?.data).toEqual(Float64Array.from([...row(1, 2, 3), ...row(4, 5, 6)]));
  });

  test('resampling', () => {
    const b = new ExampleBuilder('net', 2);
    const x = b.input(1);
    const centres = b.add('resize', [x], { mode: 'linear', factor: [1, 2], alignCorners: false });
    const corners = b.add('resize', [x], { mode: 'linear', factor: [1, 2], alignCorners: true });
    const reflected = b.add('pad', [x], { mode: 'reflect', before: [0, 2], after: [0, 1] });
    const mean = b.add('avgPool', [x], { window: [2, 2], stride: [1, 1] });
    const values = evaluate(b.finish([2, 3], ['output', mean]), noWeights, image);
    expect([...(values.get(centres)?.data ?? [])].slice(0, 6)).toEqual([1, 1.25, 1.75, 2.25, 2.75, 3]);
    const found = values.get(corners)?.data ?? [];
    for (const [i, value] of [1, 1.4, 1.8, 2.2, 2.6, 3].entries()) expect(found[i]).toBeCloseTo(value, 12);
    expect([...(values.get(reflected)?.data ?? [])].slice(0, 6)).toEqual([3, 2, 1, 2, 3, 2]);
    expect([...(values.get(mean)?.data ?? [])]).toEqual([3, 4]);
  });

  test('norms', () => {
    const b = new ExampleBuilder('net', 2);
    const x = b.input(2);
    const instance = b.add('instanceNorm', [x], { affine: false, eps: 0 });
    const layer = b.add('layerNorm', [x], { affine: false, eps: 3 });
    const group = b.add('groupNorm', [x], { groups: 1, affine: false, eps: 0 });
    const graph = b.finish([1, 2], ['output', group]);
    const values = evaluate(graph, noWeights, { shape: [1, 2, 1, 2], data: Float64Array.of(1, 3, 5, 7) });
    expect([...(values.get(instance)?.data ?? [])]).toEqual([-1, 1, -1, 1]);
    // Mean 3 and 5, variance 4 and 4, with eps 7.
    const layered = 2 / Math.sqrt(7);
    expect([...(values.get(layer)?.data ?? [])]).toEqual([-layered, -layered, layered, layered]);
    const [far, near] = [3 / Math.sqrt(5), 1 / Math.sqrt(5)];
    expect([...(values.get(group)?.data ?? [])]).toEqual([-far, -near, near, far]);
  });

  test('the error function, by Abramowitz & Stegun table 7.1 and beyond', () => {
    const known = [
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [2, 0.9953222650189527],
      [2.6, 0.9997639655834707],
      [-3, -0.9999779095030014],
    ] as const;
    for (const [x, value] of known) expect(erf(x)).toBeCloseTo(value, 13);
  });
});
