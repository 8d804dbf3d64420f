import { expect, test } from 'vitest';
import { buildTfjs } from '../../codegen/tfjs/build-model.js';
import type { CompiledNetwork } from '../../src/compiler/compile.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { examplesFor, lossesOf } from './examples-to-learn.js';
import { type EngineName, engines, useEngine } from './run-tfjs.js';

/** How many steps a comparison takes. */
const STEPS = 20;
const optimizers = ['sgd', 'adam'] as const;

async function train(
  engine: EngineName,
  network: CompiledNetwork,
  optimizer: (typeof optimizers)[number],
): Promise<readonly number[]> {
  const tf = await useEngine(engine);
  const model = await buildTfjs(network.graph, { tf, weights: seededWeights(1) });
  model.compile({
    optimizer: optimizer === 'sgd' ? tf.train.momentum(0.01, 0.9) : tf.train.adam(1e-3),
    loss: 'categoricalCrossentropy',
  });
  const examples = examplesFor(tf, network, 4);
  const losses = await lossesOf(model, examples, STEPS, 2);
  tf.dispose([examples.x, examples.y]);
  model.dispose();
  return losses;
}

/** Trains a network on every engine but the CPU's, and compares each loss with that of the CPU's. */
export function expectEqualTraining(network: CompiledNetwork): void {
  const others = engines.filter((engine) => engine !== 'cpu');
  test.each(
    others.flatMap((engine) => optimizers.map((optimizer) => [engine, optimizer] as const)),
  )('20 steps on %s with %s are the same as on cpu', async (engine, optimizer) => {
    const found = await train(engine, network, optimizer);
    const cpu = await train('cpu', network, optimizer);
    expect(found).toHaveLength(STEPS);
    for (const [step, loss] of cpu.entries()) expect(Math.abs(loss - (found[step] ?? 0))).toBeLessThan(1e-4);
    // It learns: equal losses that stand still would prove nothing.
    expect(found.at(-2)).toBeLessThan((found[0] ?? 0) * 0.98);
  });
}
