import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/ir/graph.js';
import { bodies, ExampleBuilder, type Rank, ranks } from '../onnx/example-graphs.js';
import { gradientErrors, gradientsOf } from './run-gradients.js';

const inputSizes: Readonly<Record<Rank, readonly number[]>> = { 2: [12, 20], 3: [8, 12, 20] };

/** A body between convolutions, so that there are parameters whose gradient goes through it. */
function framed(name: string, rank: Rank): Graph {
  const b = new ExampleBuilder(name, rank);
  // A norm takes a bias away, so that its gradient is 0 and nothing to measure by.
  const bias = !/^(batch|instance)Norm/.test(name);
  const x = b.conv(b.input(), 6, { kernel: b.axes(1, 1, 1), bias }, 'before');
  const body = bodies[name]?.(b, x) ?? x;
  return b.finish(inputSizes[rank], ['output', body]);
}

describe.each(ranks)('%iD gradients equal central differences', (rank) => {
  test.each(Object.keys(bodies))('%s', async (name) => {
    const errors = await gradientErrors(framed(name, rank), 2);
    for (const { name: parameter, error } of errors) expect(error, parameter).toBeLessThan(1e-5);
  });

  test('a device without MaxUnpool gets the same gradients of a pooling', async () => {
    const graph = framed('maxPool', rank);
    const [own, other] = [await gradientsOf(graph, 2), await gradientsOf(graph, 2, new Set(['MaxUnpool']))];
    for (const [name, gradient] of own) expect(other.get(name), name).toEqual(gradient);
  });
});
