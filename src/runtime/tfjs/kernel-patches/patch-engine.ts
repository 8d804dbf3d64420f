import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { batchNormGradient } from './gradients/batch-norm-gradient.js';
import { broadcastGradients } from './gradients/broadcast-gradients.js';
import { comparisonGradients } from './gradients/comparison-gradients.js';
import { resizeGradients } from './gradients/resize-gradients.js';
import { tileGradient } from './gradients/tile-gradient.js';
import { highRank, highRankRefusal } from './high-rank.js';
import { type EngineName, engineNames, type KernelPatch } from './kernel-patch.js';
import { mirrorPadGradient } from './mirror-pad.js';
import { preluForward } from './prelu.js';
import type { Refusal } from './refusal.js';
import { slices } from './slices.js';
import { sums } from './sums.js';
import { checkedMalloc } from './wasm-malloc.js';
import { conv2dGradients } from './windows/conv2d-gradients.js';
import { conv3d } from './windows/conv3d.js';
import { dilatedDepthwiseGradients } from './windows/depthwise-dilation.js';
import { depthwiseGradients } from './windows/depthwise-gradients.js';
import { explicitPadding } from './windows/explicit-padding.js';
import { pool3d } from './windows/pool-3d.js';
import { poolGradients } from './windows/pool-gradients.js';

export type { EngineName, KernelPatch } from './kernel-patch.js';
export type { Refusal } from './refusal.js';

/** All patches, for all engines. */
export const kernelPatches: readonly KernelPatch[] = [
  checkedMalloc,
  ...slices,
  ...sums,
  ...explicitPadding,
  ...conv2dGradients,
  ...conv3d,
  ...depthwiseGradients,
  dilatedDepthwiseGradients,
  ...poolGradients,
  ...pool3d,
  ...resizeGradients,
  mirrorPadGradient,
  preluForward,
  tileGradient,
  batchNormGradient,
  ...broadcastGradients,
  ...comparisonGradients,
  ...highRank,
];

/** What remains wrong on an engine, and therefore throws. */
export const refusals: readonly Refusal[] = [highRankRefusal];

export interface AppliedPatches {
  readonly kernel: KernelPatch['kernel'];
  /** The name of the engine's backend. */
  readonly backend: EngineName;
  readonly part: KernelPatch['part'];
  readonly patches: string;
}

export interface PatchReport {
  /** The name of the current backend. */
  readonly backend: string;
  readonly applied: readonly AppliedPatches[];
  readonly refused: readonly Refusal[];
}

/**
 * Replaces what stock TensorFlow.js 4.22.0 gets wrong, lacks, or does very slowly on the current engine. The same network
 * then gives the same numbers and gradients on every engine. Call it after `await tf.ready()`, and again after each change
 * of the backend; a second call for the same backend changes nothing. Kernels are replaced for the current backend only.
 * Gradients belong to tfjs-core, so they are replaced for all backends. On `tensorflow` (tfjs-node), whose kernels are
 * correct, only gradients are replaced.
 */
export function patchEngine(tf: Tf): PatchReport {
  const backend = tf.getBackend();
  const engine = engineNames.find((name) => name === backend);
  if (!engine) return { backend, applied: [], refused: [] };
  const own = kernelPatches.filter(({ engines }) => engines.includes(engine));
  for (const patch of own) patch.apply(tf, engine);
  return {
    backend,
    applied: own.map(({ kernel, part, patches: what }) => ({ kernel, backend: engine, part, patches: what })),
    refused: refusals.filter((refused) => refused.engine === engine),
  };
}
