import type { Reporter } from '../diagnostics/diagnostic.js';
import type { Graph, Node } from '../ir/graph.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { InferredSizes } from '../shape/infer.js';

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
