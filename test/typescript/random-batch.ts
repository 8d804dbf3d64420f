import type { Tf } from '../../codegen/tfjs/tf.js';
import type { OpKind } from '../../src/ir/op-attributes.js';
import { fittedNetwork } from '../random/fitted.js';
import { emitted } from './emitted.js';
import { recordedProblems } from './recorded-model.js';
import { modelProblems } from './same-model.js';
import { typeErrors } from './type-check.js';

/** What the modules of random networks came to. */
export interface ModuleBatch {
  /** What differs or does not compile, each with the text of its network or of its module. */
  readonly problems: readonly string[];
  readonly networks: number;
  readonly kinds: ReadonlySet<OpKind>;
}

/** The modules of seeds, in order, run without tfjs: that they ask for the right layers. */
export function recordedBatch(firstSeed: number, count: number): ModuleBatch {
  const problems: string[] = [];
  const kinds = new Set<OpKind>();
  let networks = 0;
  for (let seed = firstSeed; networks < count; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted) continue;
    networks += 1;
    const { graph } = fitted.network;
    for (const node of graph.nodes) kinds.add(node.kind);
    const text = emitted(graph);
    for (const problem of recordedProblems(text, graph)) problems.push(`${problem}\n${fitted.note}`);
  }
  return { problems, networks, kinds };
}

/** The modules of seeds, in order: that they compile, and that their models on tfjs are those built directly. */
export async function modelBatch(
  tf: Tf,
  firstSeed: number,
  count: number,
  largestMacs: number,
): Promise<ModuleBatch> {
  const problems: string[] = [];
  const kinds = new Set<OpKind>();
  const modules = new Map<string, string>();
  for (let seed = firstSeed; modules.size < count; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted || fitted.network.facts.macs > largestMacs) continue;
    const { graph } = fitted.network;
    for (const node of graph.nodes) kinds.add(node.kind);
    // Free sizes every other time.
    const dynamic = seed % 2 === 1;
    const text = emitted(graph, { dynamic });
    modules.set(`seed-${seed}.ts`, text);
    for (const problem of await modelProblems(tf, text, graph, dynamic)) {
      problems.push(`${problem}\n${fitted.note}`);
    }
  }
  for (const error of typeErrors(modules)) {
    problems.push(`${error}\n${modules.get(error.split(':')[0] ?? '')}`);
  }
  return { problems, networks: modules.size, kinds };
}
