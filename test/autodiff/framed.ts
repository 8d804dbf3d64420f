import type { Graph, ValueId } from '../../src/ir/graph.js';
import { bodies, ExampleBuilder, type Rank } from '../onnx/example-graphs.js';

const inputSizes: Readonly<Record<Rank, readonly number[]>> = { 2: [12, 20], 3: [8, 12, 20] };

/** A body between convolutions, so that there are parameters whose gradient goes through it. */
export function framed(name: string, rank: Rank): Graph {
  return between(name, rank, bodies[name] ?? ((_, x) => x));
}

/** A body that is not in the table. */
export function between(name: string, rank: Rank, body: (b: ExampleBuilder, x: ValueId) => ValueId): Graph {
  const b = new ExampleBuilder(name, rank);
  // A norm takes a bias away, so that its gradient is 0 and nothing to measure by.
  const bias = !/^(batch|instance)Norm/.test(name);
  const x = b.conv(b.input(), 6, { kernel: b.axes(1, 1, 1), bias }, 'before');
  return b.finish(inputSizes[rank], ['output', body(b, x)]);
}
