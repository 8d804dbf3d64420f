import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StoredType } from '../element.js';
import type { Axis, AxisName } from '../stored-array.js';
import { numberedFiles } from './data-files.js';

/** The names of each type (https://teem.sourceforge.net/nrrd/format.html). */
const TYPE_NAMES: readonly (readonly [StoredType, readonly string[]])[] = [
  ['int8', ['signed char', 'int8', 'int8_t']],
  ['uint8', ['uchar', 'unsigned char', 'uint8', 'uint8_t']],
  ['int16', ['short', 'short int', 'signed short', 'signed short int', 'int16', 'int16_t']],
  ['uint16', ['ushort', 'unsigned short', 'unsigned short int', 'uint16', 'uint16_t']],
  ['int32', ['int', 'signed int', 'int32', 'int32_t']],
  ['uint32', ['uint', 'unsigned int', 'uint32', 'uint32_t']],
  [
    'int64',
    [
      'longlong',
      'long long',
      'long long int',
      'signed long long',
      'signed long long int',
      'int64',
      'int64_t',
    ],
  ],
  ['uint64', ['ulonglong', 'unsigned long long', 'unsigned long long int', 'uint64', 'uint64_t']],
  ['float32', ['float']],
  ['float64', ['double']],
];

export type NrrdEncoding = 'raw' | 'text' | 'hex' | 'gzip' | 'bzip2';

const ENCODINGS: Readonly<Record<string, NrrdEncoding>> = {
  raw: 'raw',
  txt: 'text',
  text: 'text',
  ascii: 'text',
  hex: 'hex',
  gz: 'gzip',
  gzip: 'gzip',
  bz2: 'bzip2',
  bzip2: 'bzip2',
};

export interface NrrdHeader {
  readonly fields: ReadonlyMap<string, string>;
  /** Slowest first; `vectors` has the direction of each in the space, null where it is not spatial. */
  readonly axes: readonly Axis[];
  readonly vectors: readonly (readonly number[] | null)[] | undefined;
  readonly spacings: readonly number[];
  readonly type: StoredType;
  readonly encoding: NrrdEncoding;
  readonly littleEndian: boolean;
  readonly lineSkip: number;
  readonly byteSkip: number;
  /** The detached files; empty where the elements follow the header. */
  readonly files: readonly string[];
  readonly colour: 'none' | 'rgb' | 'rgba' | 'vector';
}

/** The text up to the first empty line, and where the bytes after it begin. */
export function splitNrrd(bytes: Uint8Array): { readonly text: string; readonly end: number } {
  const text = Buffer.from(bytes).toString('latin1');
  const blank = /\r?\n\r?\n/.exec(text);
  return blank === null
    ? { text, end: bytes.length }
    : { text: text.slice(0, blank.index), end: blank.index + blank[0].length };
}

/** "field: value" lines, by the field in lower case, and the names that a list of files ends with. */
function fieldsOf(text: string): { readonly fields: Map<string, string>; readonly list: string[] } {
  const fields = new Map<string, string>();
  const lines = text.split(/\r?\n/).slice(1);
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('#')) continue;
    const at = line.indexOf(':');
    if (at < 1 || line[at + 1] === '=') continue;
    const field = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    fields.set(
      field === 'datafile'
        ? 'data file'
        : field.replace('lineskip', 'line skip').replace('byteskip', 'byte skip'),
      value,
    );
    if (/^data ?file$/.test(field) && /^LIST\b/.test(value)) {
      return { fields, list: lines.slice(i + 1).filter((one) => one.trim() !== '') };
    }
  }
  return { fields, list: [] };
}

function filesOf(value: string | undefined, list: readonly string[]): readonly string[] | 'element-list' {
  if (value === undefined) return [];
  const listed = /^LIST(?:\s+(\d+))?$/.exec(value);
  if (listed) return listed[1] === undefined ? list.map((name) => name.trim()) : 'element-list';
  const numbered = /^(.*%\d*d.*?)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(\s+\d+)?$/.exec(value);
  if (numbered === null) return [value];
  const [, pattern = '', from, to, step, dimensions] = numbered;
  return dimensions === undefined
    ? numberedFiles(pattern, Number(from), Number(to), Number(step))
    : 'element-list';
}

const CHANNEL_KINDS =
  /^(list|point|vector|covariant-vector|normal|rgb-color|hsv-color|xyz-color|rgba-color|[234]-color|\d-vector|\d-gradient|\d-normal|\dd-.*|quaternion|complex|stub|scalar)$/i;

/** What each axis is, fastest first; undefined where they are not at most three of space, one of time and one of channels. */
function namesOf(
  kinds: readonly string[],
  vectors: readonly (readonly number[] | null)[] | undefined,
  rank: number,
): AxisName[] | undefined {
  const names: AxisName[] = [];
  const spatial: AxisName[] = ['x', 'y', 'z'];
  for (let i = 0; i < rank; i++) {
    const kind = kinds[i] ?? '???';
    const isSpatial = vectors ? vectors[i] !== null : !/^time$/i.test(kind) && !CHANNEL_KINDS.test(kind);
    if (isSpatial) {
      // A fourth axis without a kind is one of time, as ITK has it.
      const name = spatial.shift() ?? (names.includes('time') ? undefined : 'time');
      if (name === undefined) return undefined;
      names.push(name);
      continue;
    }
    const name = CHANNEL_KINDS.test(kind)
      ? 'channel'
      : /^time$/i.test(kind)
        ? 'time'
        : names.includes('channel')
          ? 'time'
          : 'channel';
    if (names.includes(name)) return undefined;
    names.push(name);
  }
  return names;
}

/** "(1,0,0) none (0,0,1)" as vectors; undefined where one of them is invalid. */
export function nrrdVectors(text: string): (readonly number[] | null)[] | undefined {
  const parts = text.match(/\([^)]*\)|none/g) ?? [];
  const vectors = parts.map((part) => (part === 'none' ? null : part.slice(1, -1).split(',').map(Number)));
  return vectors.some((vector) => vector?.some((value) => !Number.isFinite(value))) ? undefined : vectors;
}

/** Reads the text of a header. */
export function decodeNrrdHeader(path: string, text: string): NrrdHeader | Failure {
  const damaged = (
    problem: 'signature' | 'sizes' | 'field-missing' | 'field-invalid' | 'element-type',
    field?: string,
  ) => failure('header-damaged', { path, format: 'NRRD', problem, ...(field ? { field } : {}) });
  if (!/^NRRD000\d/.test(text)) return damaged('signature');
  const { fields, list } = fieldsOf(text);
  const typeText = fields.get('type')?.toLowerCase().replace(/\s+/g, ' ');
  if (typeText === undefined) return damaged('field-missing', 'type');
  if (typeText === 'block') return failure('element-type-unread', { path, format: 'NRRD', type: 'block' });
  const type = TYPE_NAMES.find(([, names]) => names.includes(typeText))?.[0];
  if (type === undefined) return damaged('element-type');
  const encodingText = fields.get('encoding')?.toLowerCase();
  if (encodingText === undefined) return damaged('field-missing', 'encoding');
  const encoding = ENCODINGS[encodingText];
  if (encoding === undefined) {
    return failure('compression-unread', { path, format: 'NRRD', compression: encodingText });
  }
  const rank = Number(fields.get('dimension'));
  if (!Number.isInteger(rank) || rank < 1 || rank > 16) return damaged('field-invalid', 'dimension');
  const sizes = (fields.get('sizes') ?? '').split(/\s+/).map(Number);
  if (sizes.length !== rank || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
    return damaged('sizes');
  const endian = fields.get('endian')?.toLowerCase();
  const wide = !/int8$/.test(type) && encoding !== 'text';
  if (wide && endian !== 'little' && endian !== 'big') return damaged('field-missing', 'endian');
  const directions = fields.get('space directions');
  const vectors = directions === undefined ? undefined : nrrdVectors(directions);
  if (directions !== undefined && vectors?.length !== rank)
    return damaged('field-invalid', 'space directions');
  const kinds = (fields.get('kinds') ?? '').split(/\s+/);
  const names = namesOf(kinds, vectors, rank);
  if (names === undefined) return failure('layout-unread', { path, format: 'NRRD', layout: 'axes' });
  const files = filesOf(fields.get('data file'), list);
  if (files === 'element-list')
    return failure('layout-unread', { path, format: 'NRRD', layout: 'element-list' });
  const [lineSkip, byteSkip] = [Number(fields.get('line skip') ?? 0), Number(fields.get('byte skip') ?? 0)];
  if (!Number.isSafeInteger(lineSkip) || lineSkip < 0) return damaged('field-invalid', 'line skip');
  if (!Number.isSafeInteger(byteSkip) || byteSkip < -1) return damaged('field-invalid', 'byte skip');
  const channel = names.indexOf('channel');
  const kind = kinds[channel]?.toLowerCase();
  const spacingTexts = fields.get('spacings')?.split(/\s+/) ?? [];
  const axes = names.map((name, i): Axis => ({ name, size: sizes[i] ?? 1 }));
  return {
    fields,
    axes: axes.reverse(),
    vectors: vectors?.reverse(),
    spacings: sizes.map((_, i) => Number(spacingTexts[i])).reverse(),
    type,
    encoding,
    littleEndian: endian !== 'big',
    lineSkip,
    byteSkip,
    files,
    colour: kind === 'rgb-color' ? 'rgb' : kind === 'rgba-color' ? 'rgba' : channel >= 0 ? 'vector' : 'none',
  };
}
