import type { NodeOf } from '../../../src/ir/graph.js';
import type { OpKind } from '../../../src/ir/op-attributes.js';
import type { ParameterRole } from '../../../src/ir/parameter.js';
import type { LayerCall, LayerWeight } from './layer-call.js';

/** What a lowering needs to know besides its node. */
export interface LayerPosition {
  /** The layer name of the node's path: the name of the layer with its weights. */
  readonly name: string;
  /** The layers whose outputs are the node's inputs. */
  readonly inputs: readonly string[];
  /** The channels of the first input. */
  readonly inputChannels: number;
  /** Whether the model leaves the spatial sizes free. */
  readonly dynamic: boolean;
}

/** Writes one graph node as layers, in order; the last one's output is the node's value. */
export type TfjsLowering<K extends OpKind> = (
  node: NodeOf<K>,
  position: LayerPosition,
) => readonly LayerCall[];

/** A weight with the layout of its parameter. */
export function plainWeight(name: string, node: NodeOf<OpKind>, role: ParameterRole): readonly LayerWeight[] {
  const parameter = node.parameters.find((candidate) => candidate.role === role);
  if (!parameter) return [];
  return [{ name, parameter, reshape: parameter.shape, permutation: parameter.shape.map((_, axis) => axis) }];
}

/** A weight with the axes of the parameter, viewed in the shape `reshape`, in another order. */
export function movedWeight(
  name: string,
  node: NodeOf<OpKind>,
  role: ParameterRole,
  reshape: readonly number[],
  permutation: readonly number[],
): readonly LayerWeight[] {
  const parameter = node.parameters.find((candidate) => candidate.role === role);
  return parameter ? [{ name, parameter, reshape, permutation }] : [];
}
