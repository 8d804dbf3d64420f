import { createHash } from 'node:crypto';
import { dropoutInput } from '../../../codegen/onnx/lower/lower-graph.js';
import { Failure } from '../../diagnostics/failure.js';
import type { Graph, NodeOf } from '../../ir/graph.js';
import type { OtherInputs, Session } from '../../runtime/engine.js';
import { allocate, elementCount, type Tensor } from '../../runtime/tensor.js';
import { inferSizes } from '../../shape/infer.js';
import { RandomStream } from '../../weights/random-stream.js';

/** A model whose dropouts are inputs, and the graph that it was made of. */
export interface DropoutModel {
  readonly session: Session;
  readonly graph: Graph;
}

/** The dropouts of a graph. */
export function dropoutsOf({ nodes }: Graph): readonly NodeOf<'dropout'>[] {
  return nodes.filter((node) => node.kind === 'dropout');
}

/**
 * One sample of a network with dropout (Monte Carlo dropout, Gal and Ghahramani 2016, arXiv:1506.02142): a session that
 * draws the factors of all dropouts for each window.
 *
 * They depend on the seed, `name`, and the values of the window alone. So a sample is the same in each run, in whatever
 * order the windows come, and it is another one for each window, each of its mirror images, and each name.
 */
export function sampledSession({ session, graph }: DropoutModel, seed: number, name: string): Session {
  const dropouts = dropoutsOf(graph);
  const drawn = new Set(dropouts.map(dropoutInput));
  return {
    inputs: session.inputs.filter((input) => !drawn.has(input.name)),
    outputs: session.outputs,
    metadata: session.metadata,
    ...(session.beside ? { beside: session.beside } : {}),
    async run(input, others = new Map()) {
      const all = new Map<string, Tensor>(others);
      const sizes = inferSizes(graph, input.shape.slice(2)).sizes;
      const [windows = 0] = input.shape;
      const keys = Array.from({ length: windows }, (_, i) => contentKey(input, i));
      for (const node of dropouts) {
        const factors = factorsOf(node, sizes[node.id] ?? [], keys, seed, name);
        if (factors instanceof Failure) return factors;
        all.set(dropoutInput(node), factors);
      }
      return session.run(input, all satisfies OtherInputs);
    },
    close: () => session.close(),
  };
}

/** What tells window `index` of a batch, (N, C, ...window), from others: the hash of its values. */
function contentKey({ data, shape }: Tensor, index: number): string {
  const size = elementCount(shape.slice(1));
  const values = data.subarray(index * size, (index + 1) * size);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

/** The factors of a dropout, (N, channels, ...spatial): a fraction `rate` of them is 0, the others are 1 / (1 - rate). */
function factorsOf(
  node: NodeOf<'dropout'>,
  spatial: readonly number[],
  keys: readonly string[],
  seed: number,
  name: string,
): Tensor | Failure {
  const { rate } = node.attributes;
  const shape = [keys.length, node.channels, ...spatial];
  const data = allocate(elementCount(shape), { what: 'an array', shape });
  if (data instanceof Failure) return data;
  const size = elementCount(shape.slice(1));
  for (const [i, key] of keys.entries()) {
    const own = data.subarray(i * size, (i + 1) * size);
    new RandomStream(seed, `sample ${name} ${key} ${node.path.text}`).fillFactors(own, rate);
  }
  return { shape, data };
}
