import { affineText, evaluateAffine } from '../../src/ir/affine.js';
import { axisName, type Graph, type Node } from '../../src/ir/graph.js';
import type { FloatType } from './lowering-settings.js';
import { dataType, onnx } from './proto.js';

/** A size, or the name of a free size: `N`, `H/2 - 4`. */
export type Dimension = number | string;

/** A value of the ONNX graph with numbers of the network. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: FloatType;
  readonly shape: readonly Dimension[];
}

/** A value of 64-bit numbers: sizes and positions that are computed at run time. */
export interface WideTensor {
  readonly name: string;
  readonly type: 'int64' | 'float64';
  readonly shape: readonly Dimension[];
}

export const BATCH = 'N';

export function elementType(type: FloatType | WideTensor['type']): number {
  switch (type) {
    case 'float16':
      return dataType.FLOAT16;
    case 'float32':
      return dataType.FLOAT;
    case 'int64':
      return dataType.INT64;
    case 'float64':
      return dataType.DOUBLE;
    default:
      return type satisfies never;
  }
}

export function elementSize(type: FloatType): number {
  return type === 'float16' ? 2 : 4;
}

/** (N, C, ...spatial) of a node's value: sizes at the graph's input size, or formulas in H, W, D. */
export function shapeOf(graph: Graph, node: Node, dynamic: boolean): readonly Dimension[] {
  const spatial = node.spatial.map((size, axis) => {
    if (dynamic && size.p !== 0) return affineText(size, axisName(axis, graph.rank));
    return evaluateAffine(size, graph.inputSize[axis] ?? 0);
  });
  return [BATCH, node.channels, ...spatial];
}

export function valueInfo(tensor: OnnxTensor | WideTensor): InstanceType<typeof onnx.ValueInfoProto> {
  const dim = tensor.shape.map((size) =>
    typeof size === 'number' ? { dimValue: size } : { dimParam: size },
  );
  return onnx.ValueInfoProto.create({
    name: tensor.name,
    type: { tensorType: { elemType: elementType(tensor.type), shape: { dim } } },
  });
}
