import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StoredType } from '../element.js';
import { numberedFiles } from './data-files.js';

const TYPES: Readonly<Record<string, StoredType>> = {
  MET_CHAR: 'int8',
  MET_UCHAR: 'uint8',
  MET_SHORT: 'int16',
  MET_USHORT: 'uint16',
  MET_INT: 'int32',
  MET_UINT: 'uint32',
  // MetaIO's long is of 4 bytes on every system.
  MET_LONG: 'int32',
  MET_ULONG: 'uint32',
  MET_LONG_LONG: 'int64',
  MET_ULONG_LONG: 'uint64',
  MET_FLOAT: 'float32',
  MET_DOUBLE: 'float64',
};

export interface MetaHeader {
  /** x first. */
  readonly sizes: readonly number[];
  readonly channels: number;
  readonly type: StoredType;
  readonly binary: boolean;
  readonly compressed: boolean;
  readonly littleEndian: boolean;
  readonly spacing: readonly number[];
  readonly origin: readonly number[];
  /** The direction of each axis, x first. */
  readonly direction: readonly (readonly number[])[];
  /** Bytes to skip in each data file; -1 where the elements are its last bytes. */
  readonly headerSize: number;
  /** Undefined where the elements follow the header. */
  readonly files: readonly string[] | undefined;
  /** Where the header ends in its own file. */
  readonly end: number;
}

/** "Key = value" lines up to ElementDataFile, which ends the header. */
function fieldsOf(bytes: Uint8Array): {
  readonly fields: Map<string, string>;
  readonly end: number;
  readonly list: string[];
} {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const next = bytes.indexOf(10, at);
    const end = next < 0 ? bytes.length : next;
    const line = Buffer.from(bytes.subarray(at, end)).toString('latin1');
    at = end + 1;
    const equals = line.indexOf('=');
    if (equals < 1) {
      if (line.trim() === '') continue;
      return { fields, end: at, list: [] };
    }
    const key = line.slice(0, equals).trim();
    const value = line.slice(equals + 1).trim();
    fields.set(key, value);
    if (key !== 'ElementDataFile') continue;
    const rest = value.startsWith('LIST') ? Buffer.from(bytes.subarray(at)).toString('latin1') : '';
    return {
      fields,
      end: at,
      list: rest.split(/\r?\n/).flatMap((name) => (name.trim() === '' ? [] : [name.trim()])),
    };
  }
  return { fields, end: at, list: [] };
}

const isTrue = (text: string | undefined) => /^(true|t|1|yes|y)$/i.test(text ?? '');

/** Reads the text of a header. */
export function decodeMetaHeader(path: string, bytes: Uint8Array): MetaHeader | Failure {
  const damaged = (
    problem: 'signature' | 'sizes' | 'field-missing' | 'field-invalid' | 'element-type',
    field?: string,
  ) => failure('header-damaged', { path, format: 'MetaImage', problem, ...(field ? { field } : {}) });
  const { fields, end, list } = fieldsOf(bytes);
  const first = (...keys: string[]) =>
    keys.map((key) => fields.get(key)).find((value) => value !== undefined);
  const rank = Number(fields.get('NDims'));
  if (fields.get('NDims') === undefined)
    return damaged(fields.size === 0 ? 'signature' : 'field-missing', 'NDims');
  if (!Number.isInteger(rank) || rank < 1 || rank > 10) return damaged('field-invalid', 'NDims');
  const numbers = (text: string | undefined) => (text ?? '').split(/\s+/).filter(Boolean).map(Number);
  const sizes = numbers(fields.get('DimSize'));
  if (sizes.length !== rank || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
    return damaged('sizes');
  if (rank > 4) return failure('layout-unread', { path, format: 'MetaImage', layout: 'axes' });
  const typeText = fields.get('ElementType')?.toUpperCase();
  if (typeText === undefined) return damaged('field-missing', 'ElementType');
  const channelText = fields.get('ElementNumberOfChannels');
  const type = TYPES[typeText.replace(/_ARRAY$/, '')];
  if (type === undefined)
    return failure('element-type-unread', { path, format: 'MetaImage', type: typeText });
  const channels = Number(channelText ?? 1);
  if (!Number.isSafeInteger(channels) || channels < 1)
    return damaged('field-invalid', 'ElementNumberOfChannels');
  const dataFile = fields.get('ElementDataFile');
  if (dataFile === undefined) return damaged('field-missing', 'ElementDataFile');
  const files = filesOf(dataFile, list);
  if (files === 'element-list')
    return failure('layout-unread', { path, format: 'MetaImage', layout: 'element-list' });
  const usable = (values: readonly number[], length: number) =>
    values.length === length && values.every((value) => Number.isFinite(value)) ? values : undefined;
  const matrix =
    usable(numbers(first('TransformMatrix', 'Orientation', 'Rotation')), rank * rank) ??
    Array.from({ length: rank * rank }, (_, i) => (i % (rank + 1) === 0 ? 1 : 0));
  const headerSize = Number(fields.get('HeaderSize') ?? 0);
  if (!Number.isSafeInteger(headerSize) || headerSize < -1) return damaged('field-invalid', 'HeaderSize');
  return {
    sizes,
    channels,
    type,
    binary: fields.get('BinaryData') === undefined || isTrue(fields.get('BinaryData')),
    compressed: isTrue(fields.get('CompressedData')),
    littleEndian: !isTrue(first('BinaryDataByteOrderMSB', 'ElementByteOrderMSB')),
    spacing: usable(numbers(first('ElementSpacing', 'ElementSize')), rank) ?? sizes.map(() => 1),
    origin: usable(numbers(first('Offset', 'Position', 'Origin')), rank) ?? sizes.map(() => 0),
    direction: sizes.map((_, axis) => matrix.slice(axis * rank, (axis + 1) * rank)),
    headerSize,
    files,
    end,
  };
}

function filesOf(value: string, list: readonly string[]): readonly string[] | 'element-list' | undefined {
  if (/^local$/i.test(value)) return undefined;
  const listed = /^LIST(?:\s+(\d+)D?)?$/i.exec(value);
  // Files of one slice each are the usual ones; of more axes they would not be in the order of the elements.
  if (listed) return listed[1] === undefined || listed[1] === '2' ? list : 'element-list';
  const numbered = /^(.*%\d*d.*?)\s+(\d+)\s+(\d+)\s+(\d+)$/.exec(value);
  if (numbered === null) return [value];
  const [, pattern = '', from, to, step] = numbered;
  return numberedFiles(pattern, Number(from), Number(to), Number(step));
}
