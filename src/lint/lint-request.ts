import type { Reporter } from '../diagnostics/diagnostic.js';
import type { Graph, Node } from '../ir/graph.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { InferredSizes } from '../shape/infer.js';

/** A legal network to be checked for what is most likely not intended. */
export interface LintRequest {
  readonly spec: NetworkSpec;
  /** The graph for training. */
  readonly graph: Graph;
  /** The ops that no output uses. */
  readonly unused: readonly Node[];
  /** The sizes of the graph's values for the declared input. */
  readonly sizes: InferredSizes;
  /** Whether the network extends another one, or is a variant of one. */
  readonly isEdit: boolean;
  readonly reporter: Reporter;
}
