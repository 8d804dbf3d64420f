import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StoredType } from '../element.js';
import type { Axis } from '../stored-array.js';

const TYPES: Readonly<Record<string, StoredType>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

export interface NpyLayout {
  readonly axes: readonly Axis[];
  readonly type: StoredType;
  readonly fortranOrder: boolean;
  readonly littleEndian: boolean;
  /** Where the elements begin. */
  readonly offset: number;
}

/** The longest header that is read: NumPy's own limit is 10,000 characters. */
const MOST_HEADER = 1 << 20;

/** How many bytes from the start on the header takes, from the first 12 bytes; undefined where they are not NumPy's. */
export function npyHeaderLength(start: Uint8Array): number | undefined {
  if (start.length < 12 || String.fromCharCode(...start.subarray(0, 6)) !== '\x93NUMPY') return undefined;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const long = view.getUint8(6) >= 2;
  const length = (long ? 12 : 10) + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  return length <= MOST_HEADER ? length : undefined;
}

/** Reads the header, a Python dictionary with the keys descr, fortran_order and shape. `bytes` holds all of it. */
export function decodeNpyHeader(path: string, format: 'NPY' | 'NPZ', bytes: Uint8Array): NpyLayout | Failure {
  const damaged = (
    problem: 'signature' | 'cut-off' | 'sizes' | 'field-missing' | 'element-type',
    field?: string,
  ) => failure('header-damaged', { path, format, problem, ...(field ? { field } : {}) });
  const length = npyHeaderLength(bytes.subarray(0, 12));
  if (length === undefined) return damaged(bytes.length < 12 ? 'cut-off' : 'signature');
  if (bytes.length < length) return damaged('cut-off');
  const text = Buffer.from(bytes.subarray((bytes[6] ?? 1) >= 2 ? 12 : 10, length)).toString('latin1');
  const descr = /['"]descr['"]\s*:\s*(?:['"]([<>|=]?)([^'"]*)['"]|\[)/.exec(text);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text);
  const shape = /['"]shape['"]\s*:\s*\(([\dL\s,]*)\)/.exec(text);
  if (descr === null) return damaged('field-missing', 'descr');
  if (order === null) return damaged('field-missing', 'fortran_order');
  if (shape === null) return damaged('field-missing', 'shape');
  const name = descr[2] ?? 'a record';
  const type = TYPES[name];
  if (type === undefined) return failure('element-type-unread', { path, format, type: name });
  const sizes = (shape[1] ?? '')
    .split(',')
    .flatMap((part) => (part.trim() === '' ? [] : [Number.parseInt(part, 10)]));
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 1)) return damaged('sizes');
  return {
    axes: sizes.map((size) => ({ name: 'unnamed', size })),
    type,
    fortranOrder: order[1] === 'True',
    littleEndian: descr[1] !== '>',
    offset: length,
  };
}
