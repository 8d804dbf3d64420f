import { expect } from 'vitest';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { fittedNetwork } from '../random/fitted.js';
import { gradientsOf, normals, slopeAlong } from './run-gradients.js';

const BATCH = 2;
const TOLERANCE = 1e-5;
/** As in the comparison of models: so many times what the weights' last digit changes is rounding. */
const NOISE_FACTOR = 32;

interface Outcome {
  readonly error: number;
  readonly allowed: number;
}

/** How far the gradients by all parameters together are from the slope of the loss along a random direction. */
async function outcomeOf(graph: Graph): Promise<Outcome> {
  const gradients = await gradientsOf(graph, BATCH);
  const directions = new Map<string, Float32Array>();
  let [found, squares] = [0, 0];
  for (const { name, trainable, shape } of parametersOf(graph)) {
    if (!trainable) continue;
    const direction = normals(`direction ${name}`, elementCount(shape));
    directions.set(name, direction);
    for (const [i, value] of (gradients.get(name) ?? new Float32Array(1).fill(Number.NaN)).entries()) {
      found += value * (direction[i] ?? 0);
      squares += value * value;
    }
  }
  const size = Math.max(Math.sqrt(squares), 1e-6);
  const slope = slopeAlong(graph, BATCH, directions);
  const noise = Math.abs(slopeAlong(graph, BATCH, directions, 'last digits moved') - slope);
  return {
    error: Math.abs(found - slope) / size,
    allowed: Math.max(TOLERANCE, (NOISE_FACTOR * noise) / size),
  };
}

/** The gradients of so many random networks from seed 1 against the slopes of their losses. */
export async function checkGradients(count: number): Promise<void> {
  const problems: string[] = [];
  const kinds = new Set<string>();
  let [networks, plain] = [0, 0];
  for (let seed = 1; networks < count; seed += 1) {
    const fitted = fittedNetwork(seed, { maximalDepth: 3 });
    if (!fitted || fitted.network.facts.macs > 2e6) continue;
    networks += 1;
    const { training } = fitted.network;
    for (const { kind } of training.nodes) kinds.add(kind);
    const { error, allowed } = await outcomeOf(training);
    if (error <= TOLERANCE) plain += 1;
    if (!(error <= allowed)) problems.push(`${error}, ${allowed} is rounding: ${fitted.note}`);
  }
  expect(problems).toEqual([]);
  // Hardly any network needs the allowance.
  expect(plain).toBeGreaterThan(0.83 * count);
  expect(kinds.size).toBeGreaterThan(22);
}
