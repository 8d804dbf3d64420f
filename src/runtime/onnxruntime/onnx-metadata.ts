import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';

/**
 * Reads metadata_props of an ONNX file. The engines do not provide them, and the weights, up to 2 GB, are in the same
 * message. So this walks only the outermost fields, and skips the graph.
 *
 * Field numbers: onnx.proto3, messages ModelProto and StringStringEntryProto.
 */

const METADATA_PROPS = 14;
const GRAPH = 7;
const IR_VERSION = 1;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Wire types of the fields of ModelProto; a file that contradicts them is not a model. */
const WIRE_TYPES: ReadonlyMap<number, number> = new Map([
  [IR_VERSION, VARINT],
  [2, LENGTH],
  [3, LENGTH],
  [4, LENGTH],
  [5, VARINT],
  [6, LENGTH],
  [GRAPH, LENGTH],
  [8, LENGTH],
  [METADATA_PROPS, LENGTH],
  [20, LENGTH],
  [25, LENGTH],
]);

/** A tag and a length are at most 5 + 10 bytes. */
const FIELD_START = 15;
const WINDOW = 1 << 16;

/** Bytes that are read piece by piece. */
interface Source {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer only at the end. */
  slice(offset: number, length: number): Uint8Array;
}

function fileSource(descriptor: number): Source {
  let start = 0;
  let held = new Uint8Array(0);
  return {
    size: fstatSync(descriptor).size,
    slice(offset, length) {
      if (offset < start || offset + length > start + held.length) {
        const buffer = new Uint8Array(Math.max(WINDOW, length));
        let filled = 0;
        while (filled < buffer.length) {
          const count = readSync(descriptor, buffer, filled, buffer.length - filled, offset + filled);
          if (count === 0) break;
          filled += count;
        }
        [start, held] = [offset, buffer.subarray(0, filled)];
      }
      return held.subarray(offset - start, offset - start + length);
    },
  };
}

/** One StringStringEntryProto: key = 1, value = 2. */
function readEntry(bytes: Uint8Array): readonly [string, string] {
  const reader = protobuf.Reader.create(bytes);
  let [key, value] = ['', ''];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((1 << 3) | LENGTH)) key = reader.string();
    else if (tag === ((2 << 3) | LENGTH)) value = reader.string();
    else reader.skipType(tag & 7);
  }
  return [key, value];
}

/** What a walk over the outermost fields of a model finds. */
interface ModelFields {
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the graph is. */
  readonly graph: { readonly start: number; readonly length: number };
}

function readFields(source: Source, path: string | undefined): ModelFields | Failure {
  const notOnnx = failure('not-onnx', { path });
  const entries: (readonly [string, string])[] = [];
  let graph: ModelFields['graph'] | undefined;
  let [hasVersion, position] = [false, 0];
  while (position < source.size) {
    const reader = protobuf.Reader.create(source.slice(position, FIELD_START));
    const tag = reader.uint32();
    const [field, wire] = [tag >>> 3, tag & 7];
    if (field === 0 || (WIRE_TYPES.get(field) ?? wire) !== wire) return notOnnx;
    let length = 0;
    if (wire === VARINT) reader.uint64();
    else if (wire === FIXED64) length = 8;
    else if (wire === FIXED32) length = 4;
    else if (wire === LENGTH) length = reader.uint32();
    else return notOnnx;
    const start = position + reader.pos;
    const missing = start + length - source.size;
    if (missing > 0) {
      if (!hasVersion) return notOnnx;
      return failure('onnx-truncated', { path, missing });
    }
    if (field === METADATA_PROPS) entries.push(readEntry(source.slice(start, length)));
    hasVersion ||= field === IR_VERSION;
    if (field === GRAPH) graph ??= { start, length };
    position = start + length;
  }
  return graph ? { metadata: Object.fromEntries(entries), graph } : notOnnx;
}

/** GraphProto: node = 1. NodeProto: input = 1, output = 2, op_type = 4. */
const NODE = 1;
const NODE_INPUT = 1;
const NODE_OUTPUT = 2;
const NODE_OP = 4;

/** Ops whose output has the numbers of their first input, in another shape, type or number. */
const MOVES: readonly string[] = [
  ...['Identity', 'Cast', 'Dropout', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose'],
  ...['Slice', 'Resize', 'Upsample', 'Expand', 'Concat', 'Tile'],
];

/** A node of a graph: its kind of op, and the names of its values. */
interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The nodes of a model, in the order of the file; none from a field on that no graph has. */
function nodesOf(source: Source, { graph }: ModelFields): readonly GraphNode[] {
  const nodes: GraphNode[] = [];
  let position = graph.start;
  while (position < graph.start + graph.length) {
    const reader = protobuf.Reader.create(source.slice(position, FIELD_START));
    const tag = reader.uint32();
    // All fields of a graph have a length.
    if ((tag & 7) !== LENGTH) return [];
    const length = reader.uint32();
    const start = position + reader.pos;
    if (tag >>> 3 === NODE) {
      const node = protobuf.Reader.create(source.slice(start, length));
      let op = '';
      const inputs: string[] = [];
      const outputs: string[] = [];
      while (node.pos < node.len) {
        const field = node.uint32();
        if (field === ((NODE_OUTPUT << 3) | LENGTH)) outputs.push(node.string());
        else if (field === ((NODE_INPUT << 3) | LENGTH)) inputs.push(node.string());
        else if (field === ((NODE_OP << 3) | LENGTH)) op = node.string();
        else node.skipType(field & 7);
      }
      nodes.push({ op, inputs, outputs });
    }
    position = start + length;
  }
  return nodes;
}

/**
 * The kind of op that computes a value of the graph, by its name, before ops that only move or convert it; undefined if
 * no node does.
 */
function findProducer(all: readonly GraphNode[], value: string): string | undefined {
  const nodes = new Map(all.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  let node = nodes.get(value);
  // A damaged graph may have a cycle.
  for (let step = 0; step < nodes.size && node !== undefined && MOVES.includes(node.op); step++) {
    node = nodes.get(node.inputs[0] ?? '') ?? { op: node.op, inputs: [], outputs: [] };
  }
  return node?.op;
}

/** The wire reader throws a RangeError beyond the end, and an Error for an unknown wire type. */
function readSource<T>(
  source: Source,
  path: string | undefined,
  use: (fields: ModelFields) => T,
): T | Failure {
  if (source.size === 0) return failure('file-empty', { path: path ?? 'the model' });
  try {
    const fields = readFields(source, path);
    return fields instanceof Failure ? fields : use(fields);
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && /wire type|varint/.test(error.message))) {
      return failure('not-onnx', { path });
    }
    throw error;
  }
}

function withModel<T>(
  model: string | Uint8Array,
  use: (fields: ModelFields, source: Source) => T,
): T | Failure {
  if (typeof model !== 'string') {
    const slice = (offset: number, length: number) => model.subarray(offset, offset + length);
    const source = { size: model.length, slice };
    return readSource(source, undefined, (fields) => use(fields, source));
  }
  let descriptor: number | undefined;
  try {
    descriptor = openSync(model, 'r');
    const source = fileSource(descriptor);
    return readSource(source, model, (fields) => use(fields, source));
  } catch (error) {
    return fileFailure('read', model, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * The metadata of a model file or of its bytes. The memory does not grow with the weights. Fails if the file is missing,
 * unreadable, empty, cut off, or not an ONNX model at its outermost level.
 */
export function readOnnxMetadata(model: string | Uint8Array): Readonly<Record<string, string>> | Failure {
  return withModel(model, ({ metadata }) => metadata);
}

/** The kind of op that computes an output of a model, such as "Sigmoid"; undefined if no op does. Fails as readOnnxMetadata does. */
export function readOnnxProducer(model: string | Uint8Array, output: string): string | undefined | Failure {
  return withModel(model, (fields, source) => findProducer(nodesOf(source, fields), output));
}

/** Ops whose inputs are an image and weights. Constants of other ops may be infinite, such as the bounds of a Clip. */
const WEIGHTED: readonly string[] = [
  ...['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'PRelu'],
  ...['BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization'],
];

/** The names of the values that may be weights: inputs of convolutions, norms and the like. Fails as readOnnxMetadata does. */
export function readOnnxWeightNames(model: string | Uint8Array): ReadonlySet<string> | Failure {
  return withModel(
    model,
    (fields, source) =>
      new Set(nodesOf(source, fields).flatMap(({ op, inputs }) => (WEIGHTED.includes(op) ? inputs : []))),
  );
}
