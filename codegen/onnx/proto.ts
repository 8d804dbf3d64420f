import onnxProto from 'onnx-proto';

/** The ONNX messages. The package is CommonJS, which has no named exports under Node's ES modules. */
export const { onnx } = onnxProto;

/** AttributeProto.AttributeType and TensorProto.DataType, onnx.proto. */
const attributeType = onnx.AttributeProto.AttributeType;
export const dataType = onnx.TensorProto.DataType;

export type NodeProto = InstanceType<typeof onnx.NodeProto>;
export type AttributeProto = InstanceType<typeof onnx.AttributeProto>;

/** The value of a node's attribute: an integer, integers, a real number, or text. */
export type NodeAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly text: string };

export function attributeProto(name: string, value: NodeAttribute): AttributeProto {
  if ('int' in value) return onnx.AttributeProto.create({ name, type: attributeType.INT, i: value.int });
  if ('ints' in value) {
    return onnx.AttributeProto.create({ name, type: attributeType.INTS, ints: [...value.ints] });
  }
  if ('float' in value) {
    return onnx.AttributeProto.create({ name, type: attributeType.FLOAT, f: value.float });
  }
  const s = new TextEncoder().encode(value.text);
  return onnx.AttributeProto.create({ name, type: attributeType.STRING, s });
}
