import { Failure, failure } from '../../diagnostics/failure.js';
import { commonOrder, inCommonOrder, reorderedAxes } from '../axis-order.js';
import { type ByteArray, boxReader } from '../box-of-bytes.js';
import { decodeElements, elementBytes, type StoredData } from '../element.js';
import {
  affineOf,
  finiteAffine,
  type LengthUnit,
  millimetres,
  orientationOf,
  scaledAffine,
  type WorldGeometry,
} from '../geometry.js';
import { DEFLATE_RATIO, inflated } from '../inflate.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import { type ArrayHeader, type Axis, countOf, type ReadOptions, sizesOf } from '../stored-array.js';
import { unitNamed } from '../unit-names.js';
import { decodeBzip2 } from './bzip2.js';
import { bytesOfFile, findDataFiles, readDataFiles, readWhole } from './data-files.js';
import { ForwardInflate } from './forward-inflate.js';
import {
  decodeNrrdHeader,
  type NrrdEncoding,
  type NrrdHeader,
  nrrdVectors,
  splitNrrd,
} from './nrrd-header.js';
import { numbersInText } from './text-numbers.js';

/** A header longer than this is none. */
const MOST_HEADER = 1 << 20;

/** How many bytes of elements one byte of the file can stand for. */
function ratioOf(encoding: NrrdEncoding, bytes: number): number {
  switch (encoding) {
    case 'raw':
      return 1;
    case 'hex':
      return 0.5;
    case 'text':
      // A digit and a space are an element.
      return bytes;
    case 'gzip':
      return DEFLATE_RATIO;
    case 'bzip2':
      // 45,899,236 bytes of zeros are known to become 46.
      return 2 ** 20;
    default:
      return encoding satisfies never;
  }
}

/** Left, posterior, superior and so on, as signs that lead to RAS; undefined for spaces without a body. */
function signsOf(space: string | undefined): readonly [number, number] | undefined {
  switch (space?.toLowerCase()) {
    case 'right-anterior-superior':
    case 'ras':
      return [1, 1];
    case 'left-anterior-superior':
    case 'las':
      return [-1, 1];
    case 'left-posterior-superior':
    case 'lps':
      return [-1, -1];
    default:
      return undefined;
  }
}

function geometryOf({ fields, axes, vectors, spacings }: NrrdHeader): WorldGeometry | undefined {
  const spatial = axes.flatMap(({ name }, i) => (name === 'x' || name === 'y' || name === 'z' ? [i] : []));
  const unitText = /"([^"]*)"/.exec(fields.get('space units') ?? fields.get('units') ?? '')?.[1];
  const unit: LengthUnit | undefined = unitNamed(unitText);
  const lengths = spatial.map((i) => {
    const vector = vectors?.[i];
    const length = vector ? Math.hypot(...vector) : Math.abs(spacings[i] ?? Number.NaN);
    return length > 0 && Number.isFinite(length) ? length : undefined;
  });
  if (lengths.every((length) => length === undefined)) return undefined;
  const space = fields.get('space');
  const signs = signsOf(space);
  const [origin] = nrrdVectors(fields.get('space origin') ?? '') ?? [];
  const columns = spatial.map((i) => vectors?.[i] ?? []).reverse();
  const placed =
    signs !== undefined && columns.length === 3 && columns.every((column) => column.length === 3);
  const inSpace = placed ? finiteAffine(affineOf(columns, origin ?? [0, 0, 0])) : undefined;
  const turned =
    inSpace && signs
      ? inSpace.map((row, i) =>
          i < 2 ? row.map((value) => (value === 0 ? 0 : value * (signs[i] ?? 1))) : row,
        )
      : undefined;
  const affine = turned && scaledAffine(turned, millimetres(unit));
  return {
    affine,
    spacing: lengths.map((length) => length ?? 1),
    unit,
    orientation: affine && orientationOf(affine),
    native: { form: 'nrrd', space, fields: Object.fromEntries(fields) },
  };
}

/** Opens a NRRD: one file, or a header with detached data. */
export async function openNrrd(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const { text, end } = splitNrrd(source.read(0, MOST_HEADER));
  const nrrd = decodeNrrdHeader(path, text);
  if (nrrd instanceof Failure) return nrrd;
  const { axes, type, encoding } = nrrd;
  const found =
    nrrd.files.length > 0 ? findDataFiles(path, nrrd.files) : { paths: [path], size: source.size - end };
  if (found instanceof Failure) return found;
  const geometry = geometryOf(nrrd);
  const header: ArrayHeader = {
    path,
    format: 'NRRD',
    axes: reorderedAxes(axes, commonOrder(axes)),
    type,
    bits: elementBytes[type] * 8,
    scale: undefined,
    colour: nrrd.colour,
    ...(geometry ? { geometry } : {}),
    notes: [],
  };
  // One more separator would follow the last number of a text.
  const stored = encoding === 'text' ? (found.size + 1) / 2 : found.size;
  const wrong = checkClaim(header, { stored, ratio: ratioOf(encoding, elementBytes[type]) });
  if (wrong) return wrong;
  const attached = nrrd.files.length === 0 ? () => source.read(end, source.size - end) : undefined;
  const read = () => readElements(path, nrrd, axes, found.paths, attached);
  const bytes = bytesInOrder(nrrd, source, end, found);
  if (bytes === undefined) return { header, read };
  const { littleEndian } = nrrd;
  return {
    ...{ header, read, readRegion: boxReader({ header, axes, type, littleEndian, bytes }) },
    isForwardOnly: encoding === 'gzip',
  };
}

/** The bytes of the elements, where they follow each other in one file; undefined otherwise. */
function bytesInOrder(
  { axes, type, encoding, files, lineSkip, byteSkip }: NrrdHeader,
  source: ByteSource,
  end: number,
  { paths: [path = ''], size }: { readonly paths: readonly string[]; readonly size: number },
): ByteArray['bytes'] | undefined {
  const isSeveral = axes.some(({ name, size: length }) => length > 1 && (name === 'time' || name === 'page'));
  const needed = countOf(sizesOf(axes)) * elementBytes[type];
  if (files.length > 1 || lineSkip > 0) return undefined;
  if (encoding === 'raw') {
    const skip = byteSkip === -1 ? size - needed : byteSkip;
    return files.length === 1
      ? bytesOfFile(path, skip)
      : async (at, count) => source.read(end + skip + at, count);
  }
  if (encoding !== 'gzip' || files.length > 0 || isSeveral) return undefined;
  const skip = Math.max(0, byteSkip);
  const stream = new ForwardInflate(source, end, 'gzip', skip + needed);
  return (at, count) => stream.read(skip + at, count);
}

/** Where the bytes are after the skipped lines. */
function afterLines(bytes: Uint8Array, lines: number): Uint8Array {
  let at = 0;
  for (let i = 0; i < lines && at < bytes.length; i++) {
    const next = bytes.indexOf(10, at);
    at = next < 0 ? bytes.length : next + 1;
  }
  return bytes.subarray(at);
}

function fromHex(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replace(/\s+/g, ''), 'hex');
}

async function readElements(
  path: string,
  nrrd: NrrdHeader,
  axes: readonly Axis[],
  paths: readonly string[],
  attached: (() => Uint8Array) | undefined,
): Promise<StoredData | Failure> {
  const { type, encoding, lineSkip, byteSkip, littleEndian } = nrrd;
  const count = countOf(sizesOf(axes));
  const needed = count * elementBytes[type];
  const perFile = needed / paths.length;
  const damaged = (reason: string) => failure('elements-damaged', { path, format: 'NRRD', reason });
  const missing = (found: number) =>
    failure('elements-missing', { path, format: 'NRRD', sizes: sizesOf(axes), needed, found });
  if (!Number.isInteger(perFile)) return missing(0);
  if (encoding === 'raw' && attached === undefined && lineSkip === 0) {
    const bytes = await readDataFiles(paths, byteSkip, perFile);
    if (bytes instanceof Failure) return bytes;
    if (bytes.length < needed) return missing(bytes.length);
    return inCommonOrder(decodeElements(bytes, type, count, littleEndian), type, axes);
  }
  const parts: Uint8Array[] = [];
  for (const one of paths) {
    const stored = attached ? attached() : await readWhole(one);
    if (stored instanceof Failure) return stored;
    const lines = afterLines(stored, lineSkip);
    const part = await decodePart(lines, encoding, Math.max(0, byteSkip) + perFile);
    if (!(part instanceof Uint8Array)) return damaged(part.reason);
    // -1: the elements are the last bytes of the file.
    parts.push(
      byteSkip === -1 && encoding === 'raw'
        ? part.subarray(Math.max(0, part.length - perFile))
        : part.subarray(encoding === 'text' ? 0 : Math.max(0, byteSkip)),
    );
  }
  const [first] = parts;
  if (encoding === 'text') {
    const numbers = numbersInText(Buffer.concat(parts).toString('latin1'), type, count);
    return numbers ? inCommonOrder(numbers, type, axes) : damaged('its text does not have the numbers');
  }
  const bytes =
    parts.length === 1 && first ? first : Buffer.concat(parts.map((part) => part.subarray(0, perFile)));
  if (bytes.length < needed) return missing(bytes.length);
  return inCommonOrder(decodeElements(bytes, type, count, littleEndian), type, axes);
}

async function decodePart(
  bytes: Uint8Array,
  encoding: NrrdEncoding,
  most: number,
): Promise<Uint8Array | { readonly reason: string }> {
  switch (encoding) {
    case 'raw':
    case 'text':
      return bytes;
    case 'hex':
      return fromHex(bytes);
    case 'gzip':
      return inflated(bytes, 'gzip', most + (1 << 20));
    case 'bzip2':
      return decodeBzip2(bytes, most);
    default:
      return encoding satisfies never;
  }
}
