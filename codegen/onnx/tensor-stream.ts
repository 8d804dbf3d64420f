import protobuf from 'protobufjs/minimal.js';
import { elementCount } from '../../src/ir/parameter.js';
import { float16Bits } from '../../src/weights/float16.js';
import { littleEndianBytes } from '../../src/weights/little-endian.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import type { ModelInitializer } from './emitter.js';
import { onnx } from './proto.js';
import { elementSize, elementType } from './tensor.js';

/** Field numbers of onnx.proto. */
const TENSOR_RAW_DATA = 9;

/**
 * Data of a tensor in a file of its own starts at a multiple of this, so that it can be mapped and read as
 * vectors.
 */
const ALIGNMENT = 64;

/** Small pieces are joined up to this many bytes; longer pieces are not copied. */
const PIECE = 65536;

/** The head of a length-delimited field: its tag and its length (protobuf.dev, "Encoding"). */
export function fieldHead(field: number, length: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32((field << 3) | 2)
    .uint32(length)
    .finish();
}

/** The bytes of an initializer's data. */
export function dataSize(initializer: ModelInitializer): number {
  return elementCount(initializer.dims) * elementSize(initializer.type);
}

/** A TensorProto up to the data: its fields, then the head of raw_data. The data follow. */
export function tensorHead(initializer: ModelInitializer): Uint8Array {
  const fields = onnx.TensorProto.encode(description(initializer)).finish();
  const head = fieldHead(TENSOR_RAW_DATA, dataSize(initializer));
  const bytes = new Uint8Array(fields.length + head.length);
  bytes.set(fields);
  bytes.set(head, fields.length);
  return bytes;
}

/** A whole TensorProto whose data lie in another file. */
export function externalTensor(initializer: ModelInitializer, location: string, offset: number): Uint8Array {
  const entries = { location, offset: String(offset), length: String(dataSize(initializer)) };
  return onnx.TensorProto.encode({
    ...description(initializer),
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  }).finish();
}

function description({ parameter, dims, type }: ModelInitializer) {
  return { name: parameter.name, dims: [...dims], dataType: elementType(type) };
}

/** Where each initializer's data start in a file of their own, and the file's size. */
export function externalLayout(initializers: readonly ModelInitializer[]): {
  readonly offsets: readonly number[];
  readonly size: number;
} {
  const offsets: number[] = [];
  let size = 0;
  for (const initializer of initializers) {
    const offset = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    offsets.push(offset);
    size = offset + dataSize(initializer);
  }
  return { offsets, size };
}

/** The data of an initializer as in raw_data: row-major, little-endian, in the initializer's type. */
export function* dataBytes(
  initializer: ModelInitializer,
  weights: WeightSource,
): Generator<Uint8Array, void, undefined> {
  let length = 0;
  let bits = new Uint16Array(0);
  for (const chunk of weights.chunks(initializer.parameter)) {
    length += chunk.length * elementSize(initializer.type);
    if (initializer.type === 'float32') {
      yield littleEndianBytes(chunk);
      continue;
    }
    if (bits.length < chunk.length) bits = new Uint16Array(chunk.length);
    const half = bits.subarray(0, chunk.length);
    float16Bits(chunk, half);
    yield littleEndianBytes(half);
  }
  // The sizes are written before the data, so a source of another length would damage the file.
  if (length !== dataSize(initializer)) {
    throw new Error(`${initializer.parameter.name}: ${length} bytes instead of ${dataSize(initializer)}`);
  }
}

/** The data file: each initializer's data at its offset, zeros between. */
export function* externalBytes(
  initializers: readonly ModelInitializer[],
  weights: WeightSource,
): Generator<Uint8Array, void, undefined> {
  let size = 0;
  for (const initializer of initializers) {
    const gap = Math.ceil(size / ALIGNMENT) * ALIGNMENT - size;
    if (gap > 0) yield new Uint8Array(gap);
    yield* dataBytes(initializer, weights);
    size += gap + dataSize(initializer);
  }
}

/** Joins short pieces, to make fewer writes. Long pieces are not copied. */
export function* joinPieces(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(PIECE);
  let filled = 0;
  for (const piece of pieces) {
    if (filled > 0 && filled + piece.length > PIECE) {
      yield buffer.subarray(0, filled);
      filled = 0;
    }
    if (piece.length >= PIECE) {
      yield piece;
    } else {
      buffer.set(piece, filled);
      filled += piece.length;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
