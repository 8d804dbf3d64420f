import { Facts } from '../analysis/facts.js';
import type { Graph } from '../ir/graph.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';
import type { AxisSizes } from '../shape/admissible.js';
import { inferSizes } from '../shape/infer.js';

/** A network with everything that the compiler proved about it. */
export interface CompiledNetwork {
  readonly name: string;
  readonly spec: NetworkSpec;
  /** For inference: one output, and only what it needs. */
  readonly graph: Graph;
  /** For training: with the outputs of supervised heads too; the same graph if there are none. */
  readonly training: Graph;
  /** All input sizes that fit, an entry for each axis. */
  readonly axes: readonly AxisSizes[];
  /** Shapes, counts and memory at the declared input size. */
  readonly facts: Facts;
}

/** The network with its training graph in place of its inference graph, for code that trains it with other tools. */
export function forTraining(network: CompiledNetwork): CompiledNetwork {
  const { graph, training } = network;
  if (training === graph) return network;
  const facts = new Facts(training, inferSizes(training, network.facts.spatial(0)), training);
  return { ...network, graph: training, facts };
}
