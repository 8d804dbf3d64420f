import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { float16Value } from './float16.js';
import { alignedBytes } from './little-endian.js';
import {
  type ElementType,
  elementSizes,
  type RandomAccess,
  readHeader,
  shapeText,
  type TensorEntry,
} from './safetensors-header.js';
import type { WeightSource } from './weight-source.js';
import type { WeightsProblem } from './weights-problem.js';

const CHUNK = 65536;

export type WeightsReading =
  | {
      readonly ok: true;
      readonly weights: WeightSource;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly problems: readonly WeightsProblem[] };

/**
 * Opens a safetensors file as the weights of a graph: each parameter must be there by its name and in its
 * shape, and nothing else may be. Only the header is read now; tensors are read chunk by chunk when asked
 * for and converted to float32 (F64 is rounded). All problems come at once.
 */
export function readSafetensors(file: RandomAccess, graph: Graph): WeightsReading {
  const { tensors, names, metadata, problems: damage } = readHeader(file);
  const unreadable = damage.some((problem) => problem.tensor === undefined);
  if (unreadable) return { ok: false, problems: damage };
  const problems = [...damage];
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const parameters = parametersOf(graph);
  for (const { name, shape } of parameters) {
    const tensor = byName.get(name);
    const expected = shapeText(shape);
    if (!names.has(name)) {
      problems.push({ kind: 'missing-tensor', tensor: name, expected, found: 'nothing' });
    } else if (tensor && shapeText(tensor.shape) !== expected) {
      problems.push({ kind: 'wrong-shape', tensor: name, expected, found: shapeText(tensor.shape) });
    }
  }
  const wanted = new Set(parameters.map((parameter) => parameter.name));
  for (const { name, shape } of tensors) {
    if (wanted.has(name)) continue;
    problems.push({ kind: 'extra-tensor', tensor: name, expected: 'nothing', found: shapeText(shape) });
  }
  if (problems.length > 0) return { ok: false, problems };
  const weights: WeightSource = {
    chunks(parameter) {
      const tensor = byName.get(parameter.name);
      if (!tensor) throw new Error(`no tensor named ${parameter.name}`);
      return tensorChunks(file, tensor);
    },
  };
  return { ok: true, weights, metadata };
}

function* tensorChunks(file: RandomAccess, tensor: TensorEntry): Generator<Float32Array, void, undefined> {
  const count = elementCount(tensor.shape);
  const size = elementSizes[tensor.type];
  for (let start = 0; start < count; start += CHUNK) {
    const length = Math.min(CHUNK, count - start);
    const bytes = alignedBytes(file.read(tensor.offset + start * size, length * size), size);
    yield toFloat32(tensor.type, bytes.buffer, bytes.byteOffset, length);
  }
}

function toFloat32(type: ElementType, buffer: ArrayBufferLike, offset: number, length: number): Float32Array {
  switch (type) {
    case 'F32':
      return new Float32Array(buffer, offset, length);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, offset, length));
    case 'F16': {
      const bits = new Uint16Array(buffer, offset, length);
      const values = new Float32Array(length);
      for (let i = 0; i < length; i++) values[i] = float16Value(bits[i] ?? 0);
      return values;
    }
    case 'BF16': {
      // The upper half of a float32's bits.
      const words = Uint32Array.from(new Uint16Array(buffer, offset, length), (bits) => bits << 16);
      return new Float32Array(words.buffer);
    }
  }
}
