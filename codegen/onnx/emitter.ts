import type { Node } from '../../src/ir/graph.js';
import type { Parameter, ParameterRole } from '../../src/ir/parameter.js';
import { float16Bits } from '../../src/weights/float16.js';
import { littleEndianBytes } from '../../src/weights/little-endian.js';
import type { FloatType } from './lowering-settings.js';
import { attributeProto, dataType, type NodeAttribute, type NodeProto, onnx } from './proto.js';
import type { Dimension, OnnxTensor, WideTensor } from './tensor.js';

/** A parameter as a tensor of the model. `dims` may have more axes of size 1 than the parameter's shape. */
export interface ModelInitializer {
  readonly parameter: Parameter;
  readonly dims: readonly number[];
  readonly type: FloatType;
}

/** The results of lowering a graph. */
export interface Emitted {
  readonly nodes: NodeProto[];
  /** Small tensors that the lowering adds, with their data. */
  readonly constants: InstanceType<typeof onnx.TensorProto>[];
  readonly initializers: ModelInitializer[];
  /** Every value that a node makes, in order. */
  readonly values: (OnnxTensor | WideTensor)[];
}

type Attributes = Readonly<Record<string, NodeAttribute>>;

/** Writes ONNX nodes and constants under the name of one graph node. */
export class NodeEmitter {
  constructor(
    private readonly emitted: Emitted,
    private readonly node: Node,
    /** The tensor for the graph node's value. */
    private readonly target: OnnxTensor,
    readonly opset: number,
  ) {}

  /** The shape (N, C, ...spatial) of the graph node's value. */
  get shape(): readonly Dimension[] {
    return this.target.shape;
  }

  /** Adds the ONNX node that makes the graph node's value. Its name is the stage path. */
  result(opType: string, inputs: readonly string[], attributes: Attributes = {}): OnnxTensor {
    return this.push(this.node.path.text, opType, inputs, attributes, this.target);
  }

  /** Adds an ONNX node for an intermediate value. The names of the node and of its output are `path/suffix`. */
  inner(
    suffix: string,
    opType: string,
    inputs: readonly string[],
    attributes: Attributes,
    shape: readonly Dimension[],
  ): OnnxTensor {
    const name = this.nameOf(suffix);
    return this.push(name, opType, inputs, attributes, { name, shape, type: this.target.type });
  }

  /** Like `inner`, for a vector of `count` sizes; returns the name of its output. */
  innerSizes(suffix: string, opType: string, inputs: readonly string[], count: number): string {
    const output: WideTensor = { name: this.nameOf(suffix), type: 'int64', shape: [count] };
    pushNode(this.emitted, output.name, opType, inputs, {}, output);
    return output.name;
  }

  /** Like `inner`, for 64-bit numbers; returns the name of its output. */
  innerWide(
    suffix: string,
    opType: string,
    inputs: readonly string[],
    attributes: Attributes,
    { type, shape }: Omit<WideTensor, 'name'>,
  ): string {
    const output: WideTensor = { name: this.nameOf(suffix), type, shape };
    pushNode(this.emitted, output.name, opType, inputs, attributes, output);
    return output.name;
  }

  /** Like `inner`, for an operator with a second output, of indices; returns the name of the first one. */
  innerWithIndices(
    suffix: string,
    opType: string,
    inputs: readonly string[],
    attributes: Attributes,
    shape: readonly Dimension[],
  ): string {
    const name = this.nameOf(suffix);
    const indices: WideTensor = { name: `${name}_indices`, type: 'int64', shape };
    pushNode(this.emitted, name, opType, inputs, attributes, { name, shape, type: this.target.type }, [
      indices,
    ]);
    return name;
  }

  /** The tensor of a parameter of the node, in the shape `dims`; undefined if the node has no such parameter. */
  optionalParameter(role: ParameterRole, dims?: readonly number[]): string | undefined {
    const parameter = this.node.parameters.find((candidate) => candidate.role === role);
    if (!parameter) return undefined;
    this.emitted.initializers.push({ parameter, dims: dims ?? parameter.shape, type: this.target.type });
    return parameter.name;
  }

  parameter(role: ParameterRole, dims?: readonly number[]): string {
    const name = this.optionalParameter(role, dims);
    if (name === undefined) throw new Error(`${this.node.path} has no ${role}`);
    return name;
  }

  /** A constant vector of 64-bit integers: axes, sizes, positions. */
  ints(suffix: string, values: readonly (number | bigint)[]): string {
    const name = this.nameOf(suffix);
    const rawData = new Uint8Array(8 * values.length);
    const view = new DataView(rawData.buffer);
    for (const [i, value] of values.entries()) view.setBigInt64(8 * i, BigInt(value), true);
    this.addConstant(name, dataType.INT64, [values.length], rawData);
    return name;
  }

  /** A constant of the type that the lowering computes in; `dims` [] makes a scalar. */
  floats(suffix: string, values: readonly number[], dims: readonly number[]): string {
    const name = this.nameOf(suffix);
    if (this.target.type === 'float32') return this.float32s(suffix, values, dims);
    const bits = new Uint16Array(values.length);
    float16Bits(Float32Array.from(values), bits);
    this.addConstant(name, dataType.FLOAT16, dims, littleEndianBytes(bits).slice());
    return name;
  }

  /** A constant that is float32 in a model of any type, as some inputs of ops must be. */
  float32s(suffix: string, values: readonly number[], dims: readonly number[]): string {
    const name = this.nameOf(suffix);
    this.addConstant(name, dataType.FLOAT, dims, littleEndianBytes(Float32Array.from(values)).slice());
    return name;
  }

  /** A vector of float64, for positions beyond 2^24. */
  float64s(suffix: string, values: readonly number[]): string {
    const name = this.nameOf(suffix);
    const rawData = littleEndianBytes(Float64Array.from(values)).slice();
    this.addConstant(name, dataType.DOUBLE, [values.length], rawData);
    return name;
  }

  private nameOf(suffix: string): string {
    return `${this.node.path}/${suffix}`;
  }

  private addConstant(name: string, type: number, dims: readonly number[], rawData: Uint8Array): void {
    this.emitted.constants.push(onnx.TensorProto.create({ name, dataType: type, dims: [...dims], rawData }));
  }

  private push(
    name: string,
    opType: string,
    inputs: readonly string[],
    attributes: Attributes,
    output: OnnxTensor,
  ): OnnxTensor {
    pushNode(this.emitted, name, opType, inputs, attributes, output);
    return output;
  }
}

/** Adds one ONNX node with one output, or with more. */
export function pushNode(
  emitted: Emitted,
  name: string,
  opType: string,
  inputs: readonly string[],
  attributes: Attributes,
  output: OnnxTensor | WideTensor,
  more: readonly WideTensor[] = [],
): void {
  const outputs = [output, ...more];
  const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
  emitted.nodes.push(
    onnx.NodeProto.create({
      name,
      opType,
      input: [...inputs],
      output: outputs.map((one) => one.name),
      attribute,
    }),
  );
  emitted.values.push(...outputs);
}
