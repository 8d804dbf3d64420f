import { elementCount } from '../../ir/parameter.js';
import { elementSizes, floatChunks, isElementType, readableTypes } from '../element-type.js';
import { isObject, isSizes, kindOf, repeatedKeys, textEntries } from '../json-text.js';
import type { RandomAccess } from '../random-access.js';
import { storedShapeText } from '../shape-text.js';
import { ListingBuilder, type TensorListing } from '../tensor-listing.js';

export type { RandomAccess } from '../random-access.js';

/** The limit of the reference implementation. A longer header is damage or an attack. */
const LONGEST_HEADER = 100_000_000;

/**
 * The tensors of a safetensors file (github.com/huggingface/safetensors, "Format"). Only the header is read now. The
 * listing contains all damage found.
 */
export function listSafetensors(file: RandomAccess): TensorListing {
  const list = new ListingBuilder('safetensors');
  const parsed = parseHeader(file, list);
  if (!parsed) return list.finish();
  let metadata: Record<string, string> = {};
  const taken: Extent[] = [];
  for (const [name, entry] of Object.entries(parsed.json)) {
    if (name === '__metadata__') metadata = textEntries(entry);
    else {
      const extent = addTensor(name, entry, parsed.dataStart, file, list);
      if (extent) taken.push(extent);
    }
  }
  for (const name of parsed.repeated) {
    list.report('duplicate-tensor', name, 'one tensor per name', 'several');
  }
  findOverlaps(taken, list);
  return list.finish(metadata);
}

interface Header {
  readonly json: object;
  /** Names that occur more than once. */
  readonly repeated: readonly string[];
  readonly dataStart: number;
}

function parseHeader(file: RandomAccess, list: ListingBuilder): Header | undefined {
  const damaged = (expected: string, found: string): undefined => {
    list.report('weights-damaged', undefined, expected, found);
  };
  const truncated = (expected: string): undefined => {
    list.report('weights-truncated', undefined, expected, `${file.size} bytes`);
  };
  if (file.size < 8) return truncated('at least 8 bytes');
  const lengthBytes = file.read(0, 8);
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) {
    return damaged(`a header of at most ${LONGEST_HEADER} bytes`, `a header length of ${length}`);
  }
  const dataStart = 8 + Number(length);
  if (dataStart > file.size) return truncated(`at least ${dataStart} bytes`);
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file.read(8, Number(length)));
    json = JSON.parse(text);
  } catch {
    return damaged('a header of JSON text', 'something else');
  }
  if (!isObject(json)) return damaged('a JSON object as the header', kindOf(json));
  const repeated = repeatedKeys(text).flatMap(([name, ...inner]) =>
    name === undefined || inner.length > 0 ? [] : [name],
  );
  return { json, repeated, dataStart };
}

/** The bytes of a tensor in the file, `end` excluded. */
interface Extent {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

function addTensor(
  name: string,
  entry: unknown,
  dataStart: number,
  file: RandomAccess,
  list: ListingBuilder,
): Extent | undefined {
  const report = (
    code: 'tensor-damaged' | 'unreadable-tensor-type' | 'weights-truncated',
    expected: string,
    found: string,
  ): undefined => {
    list.refuse(code, name, expected, found);
  };
  if (!isObject(entry)) return report('tensor-damaged', 'an object', kindOf(entry));
  const { dtype, shape, data_offsets: offsets }: Record<string, unknown> = { ...entry };
  if (typeof dtype !== 'string') return report('tensor-damaged', 'a type', kindOf(dtype));
  if (!isElementType(dtype)) return report('unreadable-tensor-type', readableTypes, dtype);
  if (!isSizes(shape)) return report('tensor-damaged', 'a shape of whole numbers', kindOf(shape));
  const [start, end] = isSizes(offsets) && offsets.length === 2 ? offsets : [];
  if (start === undefined || end === undefined) {
    return report('tensor-damaged', 'two whole numbers as data_offsets', kindOf(offsets));
  }
  const count = elementCount(shape);
  const bytes = count * elementSizes[dtype];
  if (end - start !== bytes) {
    return report(
      'tensor-damaged',
      `${bytes} bytes for ${storedShapeText(shape)} of ${dtype}`,
      `${end - start} bytes`,
    );
  }
  if (dataStart + end > file.size) {
    return report('weights-truncated', `at least ${dataStart + end} bytes`, `${file.size} bytes`);
  }
  list.add({ name, shape, chunks: () => floatChunks(file, dtype, dataStart + start, count) });
  return { name, start, end };
}

/** Two tensors that share bytes are damage too, because the format forbids it. */
function findOverlaps(taken: readonly Extent[], list: ListingBuilder): void {
  const sorted = taken.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  let last = 0;
  for (const { name, start, end } of sorted) {
    if (start < last) {
      list.report('tensor-damaged', name, 'bytes of its own', 'bytes that another tensor has');
    }
    last = Math.max(last, end);
  }
}
