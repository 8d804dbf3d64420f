import type { OpKind } from '../../src/ir/op-attributes.js';
import { checkOnnx } from './check-onnx.js';
import { fittedNetwork } from './fitted.js';

export interface BatchRequest {
  readonly firstSeed: number;
  /** Networks to check: those of the first seeds that fit and are small enough. */
  readonly networks: number;
  /** Multiply-adds, at most. */
  readonly largestMacs: number;
}

/** Many random networks on onnxruntime. */
export interface BatchCheck {
  /** What differs, each with the seed and the text of its network. */
  readonly problems: readonly string[];
  readonly networks: number;
  readonly stages: number;
  /** The op kinds that occurred. */
  readonly kinds: ReadonlySet<OpKind>;
  /** The models with fixed and with free sizes. */
  readonly models: readonly Uint8Array[];
}

/** Checks the networks of seeds in order, one after the other. */
export async function checkBatch(request: BatchRequest): Promise<BatchCheck> {
  const problems: string[] = [];
  const models: Uint8Array[] = [];
  const kinds = new Set<OpKind>();
  let [networks, stages] = [0, 0];
  for (let seed = request.firstSeed; networks < request.networks; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted || fitted.network.facts.macs > request.largestMacs) continue;
    networks += 1;
    for (const node of fitted.network.graph.nodes) kinds.add(node.kind);
    const check = await checkOnnx(fitted);
    stages += check.stages;
    models.push(...check.models);
    if (check.problems.length > 0) problems.push(`${check.problems.join('\n')}\n${fitted.note}`);
  }
  return { problems, networks, stages, kinds, models };
}
