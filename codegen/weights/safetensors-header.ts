import { elementCount } from '../../src/ir/parameter.js';
import type { WeightsProblem } from './weights-problem.js';

/** Bytes that can be read at any place: a file, or bytes in memory. Nothing is read before it is needed. */
export interface RandomAccess {
  /** The number of bytes there are. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`; both lie inside. The result may be a view that lives as long as
   * it is used.
   */
  read(offset: number, length: number): Uint8Array;
}

/** Number types that are read, and their bytes an element. */
export const elementSizes = { F32: 4, F16: 2, BF16: 2, F64: 8 } as const;
export type ElementType = keyof typeof elementSizes;

/** A tensor of the file; `offset` counts from the start of the file. */
export interface TensorEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly offset: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the header. */
  readonly tensors: readonly TensorEntry[];
  /** Every name in the header, with the damaged entries. */
  readonly names: ReadonlySet<string>;
  readonly problems: readonly WeightsProblem[];
}

/** The reference implementation's limit. A longer length is damage or an attack. */
const LONGEST_HEADER = 100_000_000;

/** Reads and checks the header. All damage found is in `problems`, tensors without damage in `tensors`. */
export function readHeader(file: RandomAccess): SafetensorsHeader {
  const problems: WeightsProblem[] = [];
  const parsed = parseHeader(file, problems);
  const tensors: TensorEntry[] = [];
  const names = new Set<string>();
  let metadata: Record<string, string> = {};
  if (!parsed) return { metadata, tensors, names, problems };
  for (const [name, entry] of Object.entries(parsed.json)) {
    if (name === '__metadata__') {
      metadata = stringEntries(entry);
      continue;
    }
    names.add(name);
    const tensor = checkEntry(name, entry, parsed.dataStart, file.size, problems);
    if (tensor) tensors.push(tensor);
  }
  findOverlaps(tensors, problems);
  return { metadata, tensors, names, problems };
}

function parseHeader(
  file: RandomAccess,
  problems: WeightsProblem[],
): { readonly json: object; readonly dataStart: number } | undefined {
  const damaged = (expected: string, found: string): undefined => {
    problems.push({ kind: 'damaged-header', tensor: undefined, expected, found });
  };
  if (file.size < 8) return truncated('at least 8 bytes', file.size);
  const lengthBytes = file.read(0, 8);
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) {
    return damaged(`a header of at most ${LONGEST_HEADER} bytes`, `a header length of ${length}`);
  }
  const dataStart = 8 + Number(length);
  if (dataStart > file.size) return truncated(`at least ${dataStart} bytes`, file.size);
  const bytes = file.read(8, Number(length));
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return damaged('a header of JSON text', 'something else');
  }
  if (!isObject(json)) return damaged('a JSON object as the header', kindOf(json));
  return { json, dataStart };

  function truncated(expected: string, found: number): undefined {
    problems.push({ kind: 'truncated-file', tensor: undefined, expected, found: `${found} bytes` });
  }
}

function checkEntry(
  name: string,
  entry: unknown,
  dataStart: number,
  fileSize: number,
  problems: WeightsProblem[],
): TensorEntry | undefined {
  const report = (
    kind: 'damaged-entry' | 'unsupported-type' | 'truncated-file',
    expected: string,
    found: string,
  ) => {
    problems.push({ kind, tensor: name, expected, found });
    return undefined;
  };
  if (!isObject(entry)) return report('damaged-entry', 'an object', kindOf(entry));
  const { dtype, shape, data_offsets: offsets }: Record<string, unknown> = { ...entry };
  if (typeof dtype !== 'string') return report('damaged-entry', 'a type', kindOf(dtype));
  if (!isElementType(dtype)) return report('unsupported-type', Object.keys(elementSizes).join(', '), dtype);
  if (!isSizes(shape)) return report('damaged-entry', 'a shape of whole numbers', kindOf(shape));
  const [start, end] = isSizes(offsets) && offsets.length === 2 ? offsets : [];
  if (start === undefined || end === undefined) {
    return report('damaged-entry', 'two whole numbers as data_offsets', kindOf(offsets));
  }
  const bytes = elementCount(shape) * elementSizes[dtype];
  if (end - start !== bytes) {
    return report(
      'damaged-entry',
      `${bytes} bytes for ${shapeText(shape)} of ${dtype}`,
      `${end - start} bytes`,
    );
  }
  if (dataStart + end > fileSize) {
    return report('truncated-file', `at least ${dataStart + end} bytes`, `${fileSize} bytes`);
  }
  return { name, type: dtype, shape, offset: dataStart + start };
}

/** Two tensors in the same bytes are damage, too (the format forbids it). */
function findOverlaps(tensors: readonly TensorEntry[], problems: WeightsProblem[]): void {
  const sorted = tensors.filter((t) => elementCount(t.shape) > 0).sort((a, b) => a.offset - b.offset);
  let end = 0;
  for (const tensor of sorted) {
    if (tensor.offset < end) {
      problems.push({
        kind: 'damaged-entry',
        tensor: tensor.name,
        expected: 'bytes of its own',
        found: 'bytes that another tensor has',
      });
    }
    end = Math.max(end, tensor.offset + elementCount(tensor.shape) * elementSizes[tensor.type]);
  }
}

/** A shape as people write it: `64 x 3 x 3`; `scalar` for no axis. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' x ');
}

function isElementType(text: string): text is ElementType {
  return Object.hasOwn(elementSizes, text);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function stringEntries(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'another list' : `a value of type ${typeof value}`;
}
