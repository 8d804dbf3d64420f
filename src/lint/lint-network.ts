import type { Graph, Node } from '../ir/graph.js';
import type { NetworkSpec } from '../semantics/network-spec.js';
import type { InferredSizes } from '../shape/infer.js';
import type { Reporter } from '../source/diagnostic.js';
import { lintBiasBeforeNorm } from './bias-before-norm.js';
import { lintDeadParameters } from './dead-parameters.js';
import { lintNormOfOne } from './norm-of-one.js';
import { lintSkipUnused } from './skip-unused.js';

/** A network that is legal, to be looked at for what is most likely not meant. */
export interface LintRequest {
  readonly spec: NetworkSpec;
  /** The graph that is trained. */
  readonly graph: Graph;
  /** Ops that were made and that no output reads. */
  readonly unused: readonly Node[];
  /** The sizes of the graph's values at the network's input. */
  readonly sizes: InferredSizes;
  /** Whether the network extends another, or is a variant of one. */
  readonly isEdit: boolean;
  readonly reporter: Reporter;
}

/** Reports warnings; each can be allowed in the text, with a reason. */
export function lintNetwork(request: LintRequest): void {
  lintBiasBeforeNorm(request);
  lintNormOfOne(request);
  lintDeadParameters(request);
  lintSkipUnused(request);
}
