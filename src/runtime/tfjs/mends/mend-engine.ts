import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { batchNormGradient } from './batch-norm-gradient.js';
import { broadcastGradients } from './broadcast-gradients.js';
import { comparisonGradients } from './comparison-gradients.js';
import { conv2dGradients } from './conv2d-gradients.js';
import { conv3d } from './conv3d.js';
import { dilatedDepthwiseGradients } from './depthwise-dilation.js';
import { depthwiseGradients } from './depthwise-gradients.js';
import { explicitPadding } from './explicit-padding.js';
import { highRank, highRankRefusal } from './high-rank.js';
import { type EngineName, engineNames, type Mend } from './mend.js';
import { mirrorPadGradient } from './mirror-pad.js';
import { pool3d } from './pool-3d.js';
import { poolGradients } from './pool-gradients.js';
import { preluForward } from './prelu.js';
import type { Refusal } from './refusal.js';
import { resizeGradients } from './resize-gradients.js';
import { slices } from './slices.js';
import { sums } from './sums.js';
import { tileGradient } from './tile-gradient.js';
import { checkedMalloc } from './wasm-malloc.js';

export type { EngineName, Mend } from './mend.js';
export type { Refusal } from './refusal.js';

/** All of them, for all engines. */
export const mends: readonly Mend[] = [
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

/** What stays wrong on an engine and therefore throws. */
export const refusals: readonly Refusal[] = [highRankRefusal];

export interface AppliedMend {
  readonly kernel: Mend['kernel'];
  /** The name of the engine's backend. */
  readonly backend: EngineName;
  readonly part: Mend['part'];
  readonly mends: string;
}

export interface MendReport {
  /** The name of the current backend. */
  readonly backend: string;
  readonly applied: readonly AppliedMend[];
  readonly refused: readonly Refusal[];
}

/**
 * Replaces what stock TensorFlow.js 4.22.0 has wrong, lacks or is very slow at on the current engine, so that the same
 * network gives the same numbers and gradients on every engine. Call it after `await tf.ready()`, and again after each
 * change of the backend; a second call on the same one changes nothing. Kernels are replaced for the current backend
 * alone; gradients are tfjs-core's own and therefore replaced for all. On `tensorflow` (tfjs-node), whose kernels are
 * right, only gradients are.
 */
export function mendEngine(tf: Tf): MendReport {
  const backend = tf.getBackend();
  const engine = engineNames.find((name) => name === backend);
  if (!engine) return { backend, applied: [], refused: [] };
  const own = mends.filter(({ engines }) => engines.includes(engine));
  for (const mend of own) mend.apply(tf, engine);
  return {
    backend,
    applied: own.map(({ kernel, part, mends: what }) => ({ kernel, backend: engine, part, mends: what })),
    refused: refusals.filter((refused) => refused.engine === engine),
  };
}
