import { elementCount } from '../../ir/parameter.js';
import { type OpenBeside, openInFolder } from '../beside.js';
import { type ElementType, elementSizes, floatChunks, readableTypes } from '../element-type.js';
import { type RandomAccess, windowed } from '../random-access.js';
import { storedShapeText } from '../shape-text.js';
import { ListingBuilder, type TensorListing } from '../tensor-listing.js';
import {
  FIXED32,
  FIXED64,
  fieldsOf,
  fieldText,
  LENGTH,
  ProtobufDamage,
  type ProtobufField,
  VARINT,
  varintsOf,
} from './protobuf-fields.js';

/** Field numbers of onnx.proto. */
const MODEL = { irVersion: 1, graph: 7, metadata: 14 } as const;
const GRAPH = { initializer: 5 } as const;
const TENSOR = {
  dims: 1,
  type: 2,
  floats: 4,
  ints: 5,
  name: 8,
  raw: 9,
  doubles: 10,
  externalData: 13,
  location: 14,
} as const;

/** TensorProto.DataType. */
const types: ReadonlyMap<number, ElementType> = new Map([
  [1, 'F32'],
  [10, 'F16'],
  [11, 'F64'],
  [16, 'BF16'],
]);
const otherTypes = [
  '',
  'F32',
  'U8',
  'I8',
  'U16',
  'I16',
  'I32',
  'I64',
  'text',
  'bool',
  'F16',
  'F64',
  'U32',
  'U64',
];

/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/** Bytes of a file, one part of a tensor's data. */
interface Segment {
  readonly file: RandomAccess;
  readonly start: number;
  readonly end: number;
}

/**
 * The initializers of an ONNX model. The reader walks from field to field, so its memory does not grow with the weights.
 * The weights are read on demand, from the model or from the files beside it.
 */
export function listOnnx(file: RandomAccess, openBeside: OpenBeside): TensorListing {
  const list = new ListingBuilder('onnx');
  const metadata: Record<string, string> = {};
  const near = windowed(file);
  const reader = new InitializerReader(near, file, openBeside, list);
  let [hasVersion, hasGraph] = [false, false];
  try {
    for (const field of fieldsOf(near, 0, file.size)) {
      hasVersion ||= field.number === MODEL.irVersion && field.wire === VARINT;
      if (field.number === MODEL.metadata) Object.assign(metadata, entryOf(near, field));
      if (field.number !== MODEL.graph || field.wire !== LENGTH) continue;
      hasGraph = true;
      for (const inner of fieldsOf(near, field.start, field.end)) {
        if (inner.number === GRAPH.initializer && inner.wire === LENGTH) reader.add(inner);
      }
    }
  } catch (error) {
    if (!(error instanceof ProtobufDamage)) throw error;
    if (hasVersion && error.needed !== undefined && error.needed > file.size) {
      list.report('weights-truncated', undefined, `at least ${error.needed} bytes`, `${file.size} bytes`);
    } else {
      list.report('weights-damaged', undefined, 'the fields of a model', error.message);
    }
    return list.finish();
  }
  if (!hasVersion || !hasGraph) {
    list.report('weights-damaged', undefined, 'the fields of a model', hasVersion ? 'no graph' : 'others');
  }
  return list.finish(metadata);
}

class InitializerReader {
  /** The data files that were opened; undefined for an unreadable one. */
  private readonly opened = new Map<string, RandomAccess | undefined>();

  constructor(
    /** The model, for reading a few bytes at a time. */
    private readonly near: RandomAccess,
    private readonly file: RandomAccess,
    private readonly openBeside: OpenBeside,
    private readonly list: ListingBuilder,
  ) {}

  /** Adds the TensorProto in a field of the graph. */
  add(field: ProtobufField): void {
    const [near, file, list] = [this.near, this.file, this.list];
    const shape: number[] = [];
    const inside: Segment[] = [];
    const external: Record<string, string> = {};
    let [name, type, location, hasInts] = ['', 0, 0, false];
    for (const inner of fieldsOf(near, field.start, field.end)) {
      const { number, wire, value, start, end } = inner;
      const packed = wire === LENGTH;
      if (number === TENSOR.dims) shape.push(...varintsOf(near, inner));
      else if (number === TENSOR.type) type = value;
      else if (number === TENSOR.name && packed) name = fieldText(near, inner);
      else if (number === TENSOR.location) location = value;
      else if (number === TENSOR.externalData && packed) Object.assign(external, entryOf(near, inner));
      else if (number === TENSOR.ints) hasInts = true;
      else if (
        (number === TENSOR.raw && packed) ||
        (number === TENSOR.floats && (packed || wire === FIXED32)) ||
        (number === TENSOR.doubles && (packed || wire === FIXED64))
      ) {
        inside.push({ file, start, end });
      }
    }
    const element = types.get(type);
    if (!element) {
      list.refuse('unreadable-tensor-type', name, readableTypes, otherTypes[type] ?? `number ${type}`);
      return;
    }
    const bytes = elementCount(shape) * elementSizes[element];
    const segments = location === EXTERNAL ? this.external(name, external, bytes) : inside;
    if (!segments) return;
    const found = segments.reduce((sum, { start, end }) => sum + end - start, 0);
    if (shape.some((size) => size < 0) || found !== bytes) {
      const expected = `${bytes} bytes for ${storedShapeText(shape)} of ${element}`;
      list.refuse('tensor-damaged', name, expected, hasInts ? 'numbers as int32_data' : `${found} bytes`);
      return;
    }
    list.add({ name, shape, chunks: () => chunksOf(segments, element) });
  }

  /** The location of the data in another file; undefined if they cannot be read, which is reported. */
  private external(
    name: string,
    entries: Readonly<Record<string, string>>,
    bytes: number,
  ): readonly Segment[] | undefined {
    const { location = '', offset = '0', length = String(bytes) } = entries;
    const data = this.dataFile(location);
    if (!data) return undefined;
    const [start, size] = [Number(offset), Number(length)];
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(size) || start < 0 || size < 0) {
      this.list.refuse('tensor-damaged', name, 'an offset and a length', `'${offset}' and '${length}'`);
      return undefined;
    }
    if (start + size > data.size) {
      const expected = `at least ${start + size} bytes in ${location}`;
      this.list.refuse('weights-truncated', name, expected, `${data.size} bytes`);
      return undefined;
    }
    return [{ file: data, start, end: start + size }];
  }

  private dataFile(location: string): RandomAccess | undefined {
    if (this.opened.has(location)) return this.opened.get(location);
    const data = openInFolder(location, this.openBeside);
    if (typeof data === 'string')
      this.list.report('weights-file-unreadable', undefined, `'${location}'`, data);
    const file = typeof data === 'string' ? undefined : data;
    this.opened.set(location, file);
    return file;
  }
}

function* chunksOf(
  segments: readonly Segment[],
  type: ElementType,
): Generator<Float32Array, void, undefined> {
  for (const { file, start, end } of segments) {
    yield* floatChunks(file, type, start, (end - start) / elementSizes[type]);
  }
}

/** A StringStringEntryProto (key = 1, value = 2) as an object with that key. */
function entryOf(file: RandomAccess, field: ProtobufField): Record<string, string> {
  let [key, value] = ['', ''];
  for (const inner of fieldsOf(file, field.start, field.end)) {
    if (inner.wire !== LENGTH) continue;
    if (inner.number === 1) key = fieldText(file, inner);
    else if (inner.number === 2) value = fieldText(file, inner);
  }
  return Object.fromEntries([[key, value]]);
}
