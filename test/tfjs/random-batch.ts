import type { OpKind } from '../../src/ir/op-attributes.js';
import { fittedNetwork } from '../random/fitted.js';
import { StageCheck } from './check-tfjs.js';
import { engines, useEngine } from './run-tfjs.js';

export interface RandomBatch {
  /** What differs, each with the engine, the seed and the text of its network. */
  readonly problems: readonly string[];
  readonly networks: number;
  readonly stages: number;
  readonly ranks: ReadonlySet<number>;
  readonly kinds: ReadonlySet<OpKind>;
}

/** Compares the networks of seeds, in order, on every engine with onnxruntime: two samples, every stage. */
export async function randomBatch(
  firstSeed: number,
  count: number,
  largestMacs: number,
): Promise<RandomBatch> {
  const problems: string[] = [];
  const kinds = new Set<OpKind>();
  const ranks = new Set<number>();
  let [networks, stages] = [0, 0];
  for (let seed = firstSeed; networks < count; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted || fitted.network.facts.macs > largestMacs) continue;
    networks += 1;
    const { graph } = fitted.network;
    ranks.add(graph.rank);
    for (const node of graph.nodes) kinds.add(node.kind);
    const check = await StageCheck.of(fitted.network);
    stages += check.expected.size;
    for (const engine of engines) {
      const tf = await useEngine(engine);
      // Free sizes every other time: the layers are the same, their shapes are not.
      for (const problem of await check.problems(tf, seed % 2 === 1)) {
        problems.push(`on ${engine}: ${problem}\n${fitted.note}`);
      }
    }
  }
  return { problems, networks, stages, ranks, kinds };
}
