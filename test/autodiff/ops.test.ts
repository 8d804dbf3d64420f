import { describe, expect, test } from 'vitest';
import { bodies, ranks } from '../onnx/example-graphs.js';
import { between, framed } from './framed.js';
import { gradientErrors, gradientsOf } from './run-gradients.js';

describe.each(ranks)('%iD gradients equal central differences', (rank) => {
  test.each(Object.keys(bodies))('%s', async (name) => {
    const errors = await gradientErrors(framed(name, rank), 2);
    for (const { name: parameter, error } of errors) expect(error, parameter).toBeLessThan(1e-5);
  });

  test('a device without MaxUnpool gets the same gradients of a pooling, each maximum once', async () => {
    // Repeated borders make windows of equal numbers.
    const repeated = between('maxPool of equal numbers', rank, (b, x) => {
      const [before, after] = [b.axes(2, 1, 3), b.axes(2, 3, 1)];
      const wide = b.add('pad', [x], { mode: 'replicate', before, after });
      return b.add('maxPool', [wide], { window: b.axes(2, 2, 2), stride: b.axes(2, 2, 2) });
    });
    for (const graph of [framed('maxPool', rank), repeated]) {
      const [own, other] = [
        await gradientsOf(graph, 2),
        await gradientsOf(graph, 2, { lacking: new Set(['MaxUnpool']) }),
      ];
      for (const [name, gradient] of own) {
        const given = other.get(name) ?? new Float32Array();
        expect(given.length).toBe(gradient.length);
        const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        // The shares of a repeated number may be added in another order.
        for (const [i, value] of gradient.entries()) {
          expect(Math.abs(value - (given[i] ?? 0)), name).toBeLessThanOrEqual(1e-6 * largest);
        }
      }
    }
  });
});
