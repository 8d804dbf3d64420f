import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../codegen/tfjs/tf.js';
import type { CompiledNetwork } from '../../src/compiler/compile.js';
import { elementCount } from '../../src/ir/parameter.js';
import { RandomStream } from '../../src/weights/random-stream.js';

export interface Examples {
  /** (N, ...spatial, C), normal numbers. */
  readonly x: Tensor;
  /** (N, ...spatial, K): one class at each position. */
  readonly y: Tensor;
}

/** Seeded inputs, and classes that depend on them, so that there is something to learn. */
export function examplesFor(tf: Tf, { graph, facts }: CompiledNetwork, count: number): Examples {
  const output = graph.outputs[0]?.value ?? 0;
  const classes = graph.nodes[output]?.channels ?? 0;
  const inputShape = [count, ...graph.inputSize, graph.nodes[0]?.channels ?? 0];
  const values = new Float32Array(elementCount(inputShape));
  new RandomStream(5, 'x').fillNormal(values, 1);
  const labelShape = [count, ...facts.spatial(output)];
  const noise = new Float32Array(elementCount(labelShape));
  new RandomStream(6, 'y').fillNormal(noise, 1);
  const labels = new Float32Array(noise.length * classes);
  for (const [i, value] of noise.entries()) {
    const label = Math.min(classes - 1, Math.floor(Math.abs(value) * 1.5));
    labels[i * classes + label] = 1;
  }
  return { x: tf.tensor(values, inputShape), y: tf.tensor(labels, [...labelShape, classes]) };
}

/** Trains without shuffling; the loss of each step. */
export async function lossesOf(
  model: LayersModel,
  { x, y }: Examples,
  steps: number,
  batchSize: number,
): Promise<readonly number[]> {
  const losses: number[] = [];
  const epochs = (steps * batchSize) / (x.shape[0] ?? 1);
  await model.fit(x, y, {
    batchSize,
    epochs,
    shuffle: false,
    verbose: 0,
    callbacks: {
      onBatchEnd: async (_batch, logs) => {
        losses.push(logs?.loss ?? Number.NaN);
      },
    },
  });
  return losses;
}
