import type { Emitted } from '../../../codegen/onnx/emitter.js';
import { attributeProto, dataType, type NodeAttribute, onnx } from '../../../codegen/onnx/proto.js';
import { elementCount } from '../../ir/parameter.js';
import { littleEndianBytes } from '../../weights/little-endian.js';
import type { StepValue } from './step-value.js';

type Attributes = Readonly<Record<string, NodeAttribute>>;

/** The opset that a training step is written in. */
export const TRAINING_OPSET = 17;

/**
 * Writes a training step: standard ONNX ops, in the order of the calls. It computes the shape of every value, so that callers
 * know all sizes. Equal constants are written once.
 */
export class StepBuilder {
  readonly emitted: Emitted;
  /** The prefix of the names of new nodes. */
  scope = 'step';
  private readonly counters = new Map<string, number>();
  private readonly constants = new Map<string, StepValue>();
  private readonly kept = new Map<string, StepValue>();
  private readonly shapes = new Map<string, readonly number[]>();

  /**
   * @param emitted what the new ops are appended to
   * @param lacking ops that the device of the step does not have, so that others are written in their place
   */
  constructor(
    emitted: Emitted = { nodes: [], constants: [], initializers: [], values: [] },
    private readonly lacking: ReadonlySet<string> = new Set(),
  ) {
    this.emitted = emitted;
  }

  /** The shape of a value that an op made here. */
  shapeOf(name: string): readonly number[] | undefined {
    return this.shapes.get(name);
  }

  /** Whether the device has an op. */
  has(opType: string): boolean {
    return !this.lacking.has(opType);
  }

  /** Adds an op with one output of a known shape. */
  op(
    opType: string,
    inputs: readonly (StepValue | undefined)[],
    shape: readonly number[],
    attributes: Attributes = {},
  ): StepValue {
    const value: StepValue = { name: this.nextName(opType), shape };
    this.push(opType, inputs, [value], attributes);
    return value;
  }

  /** Adds an op with several outputs. */
  ops(
    opType: string,
    inputs: readonly (StepValue | undefined)[],
    shapes: readonly (readonly number[])[],
    attributes: Attributes = {},
  ): readonly StepValue[] {
    const name = this.nextName(opType);
    const values = shapes.map((shape, i): StepValue => ({ name: `${name}:${i}`, shape }));
    this.push(opType, inputs, values, attributes);
    return values;
  }

  /** The value that was made under a key before, or else is made now: for values that several gradients need. */
  once(key: string, make: () => StepValue): StepValue {
    const known = this.kept.get(key) ?? make();
    this.kept.set(key, known);
    return known;
  }

  /** A vector of 64-bit whole numbers. */
  ints(values: readonly number[]): StepValue {
    return this.constant(`i ${values.join()}`, [values.length], dataType.INT64, () => {
      const bytes = new Uint8Array(8 * values.length);
      const view = new DataView(bytes.buffer);
      for (const [i, value] of values.entries()) view.setBigInt64(8 * i, BigInt(value), true);
      return bytes;
    });
  }

  floats(values: readonly number[], shape: readonly number[]): StepValue {
    return this.constant(`f ${shape.join('x')} ${values.join()}`, shape, dataType.FLOAT, () =>
      littleEndianBytes(Float32Array.from(values)).slice(),
    );
  }

  scalar(value: number): StepValue {
    return this.floats([value], []);
  }

  // Elementwise, with the shapes of two operands broadcast.

  add(a: StepValue, b: StepValue): StepValue {
    return this.op('Add', [a, b], broadcast(a.shape, b.shape));
  }
  sub(a: StepValue, b: StepValue): StepValue {
    return this.op('Sub', [a, b], broadcast(a.shape, b.shape));
  }
  mul(a: StepValue, b: StepValue): StepValue {
    return this.op('Mul', [a, b], broadcast(a.shape, b.shape));
  }
  div(a: StepValue, b: StepValue): StepValue {
    return this.op('Div', [a, b], broadcast(a.shape, b.shape));
  }
  unary(opType: string, x: StepValue, attributes: Attributes = {}): StepValue {
    return this.op(opType, [x], x.shape, attributes);
  }
  times(x: StepValue, factor: number): StepValue {
    return factor === 1 ? x : this.mul(x, this.scalar(factor));
  }
  plus(x: StepValue, term: number): StepValue {
    return this.add(x, this.scalar(term));
  }
  square(x: StepValue): StepValue {
    return this.mul(x, x);
  }

  // Shapes.

  reshape(x: StepValue, shape: readonly number[]): StepValue {
    if (shape.join() === x.shape.join()) return x;
    if (elementCount(shape) !== elementCount(x.shape)) {
      throw new Error(`${x.name}: ${x.shape.join(' x ')} is not ${shape.join(' x ')}`);
    }
    return this.op('Reshape', [x, this.ints(shape)], shape);
  }
  transpose(x: StepValue, perm: readonly number[]): StepValue {
    if (perm.every((axis, i) => axis === i)) return x;
    return this.op(
      'Transpose',
      [x],
      perm.map((axis) => x.shape[axis] ?? 0),
      { perm: { ints: perm } },
    );
  }
  /** The positions start, start + stride, ... below `end` of the listed axes. */
  slice(
    x: StepValue,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    strides: readonly number[] = axes.map(() => 1),
  ): StepValue {
    const shape = [...x.shape];
    for (const [i, axis] of axes.entries()) {
      const [start = 0, end = 0, stride = 1] = [starts[i], ends[i], strides[i]];
      shape[axis] = Math.ceil((end - start) / stride);
    }
    if (shape.join() === x.shape.join()) return x;
    const inputs = [x, this.ints(starts), this.ints(ends), this.ints(axes)];
    return this.op(
      'Slice',
      strides.every((stride) => stride === 1) ? inputs : [...inputs, this.ints(strides)],
      shape,
    );
  }
  /** Zeros before and after each axis. */
  pad(x: StepValue, before: readonly number[], after: readonly number[]): StepValue {
    if ([...before, ...after].every((amount) => amount === 0)) return x;
    const shape = x.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0));
    return this.op('Pad', [x, this.ints([...before, ...after])], shape, { mode: { text: 'constant' } });
  }
  concat(parts: readonly StepValue[], axis: number): StepValue {
    const [first] = parts;
    if (!first) throw new Error('nothing to join');
    if (parts.length === 1) return first;
    const total = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    const shape = first.shape.map((size, i) => (i === axis ? total : size));
    return this.op('Concat', parts, shape, { axis: { int: axis } });
  }
  /** Parts of these sizes along an axis. */
  split(x: StepValue, axis: number, sizes: readonly number[]): readonly StepValue[] {
    const shapes = sizes.map((size) => x.shape.map((old, i) => (i === axis ? size : old)));
    return this.ops('Split', [x, this.ints(sizes)], shapes, { axis: { int: axis } });
  }
  expand(x: StepValue, shape: readonly number[]): StepValue {
    return shape.join() === x.shape.join() ? x : this.op('Expand', [x, this.ints(shape)], shape);
  }

  // Sums and products.

  /** The sum over axes, which stay with size 1. */
  sum(x: StepValue, axes: readonly number[]): StepValue {
    if (axes.every((axis) => x.shape[axis] === 1)) return x;
    const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return this.op('ReduceSum', [x, this.ints(axes)], shape, { keepdims: { int: 1 } });
  }
  /** The mean over axes, which stay with size 1. */
  mean(x: StepValue, axes: readonly number[]): StepValue {
    if (axes.every((axis) => x.shape[axis] === 1)) return x;
    const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return this.op('ReduceMean', [x], shape, { axes: { ints: axes }, keepdims: { int: 1 } });
  }
  /** Undoes a broadcast for a gradient: sums over the axes that the broadcast repeated. */
  sumTo(x: StepValue, shape: readonly number[]): StepValue {
    const added = x.shape.length - shape.length;
    const axes = x.shape.flatMap((size, axis) => (size !== (shape[axis - added] ?? 1) ? [axis] : []));
    return this.reshape(axes.length === 0 ? x : this.sum(x, axes), shape);
  }
  /** Products of the matrices in the last two axes; the axes before them are broadcast. */
  matMul(a: StepValue, b: StepValue): StepValue {
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.op('MatMul', [a, b], [...batch, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1]);
  }
  /** Exchanges the last two axes; engines merge this with the product that follows. */
  transposed(x: StepValue): StepValue {
    const rank = x.shape.length;
    const perm = x.shape.map((_, axis) =>
      axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
    );
    return this.transpose(x, perm);
  }

  private nextName(opType: string): string {
    const stem = `${this.scope}/${opType}`;
    const number = (this.counters.get(stem) ?? 0) + 1;
    this.counters.set(stem, number);
    return number === 1 ? stem : `${stem}_${number}`;
  }

  private push(
    opType: string,
    inputs: readonly (StepValue | undefined)[],
    outputs: readonly StepValue[],
    attributes: Attributes,
  ): void {
    for (const { name, shape } of outputs) this.shapes.set(name, shape);
    this.emitted.nodes.push(
      onnx.NodeProto.create({
        name: outputs[0]?.name ?? opType,
        opType,
        // A missing operand at the end is left out; one in between has the empty name.
        input: inputs.slice(0, inputs.findLastIndex((input) => input) + 1).map((input) => input?.name ?? ''),
        output: outputs.map(({ name }) => name),
        attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
      }),
    );
  }

  private constant(key: string, shape: readonly number[], type: number, bytes: () => Uint8Array): StepValue {
    const known = this.constants.get(key);
    if (known) return known;
    const value: StepValue = { name: `constant_${this.constants.size + 1}`, shape };
    this.emitted.constants.push(
      onnx.TensorProto.create({ name: value.name, dataType: type, dims: [...shape], rawData: bytes() }),
    );
    this.constants.set(key, value);
    return value;
  }
}

/** The common shape of two shapes, by the broadcasting rules of ONNX. */
export function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      throw new Error(`${a.join(' x ')} and ${b.join(' x ')} cannot be broadcast`);
    return Math.max(x, y);
  });
}
