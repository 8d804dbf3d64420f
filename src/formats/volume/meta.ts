import { Failure, failure } from '../../diagnostics/failure.js';
import { commonOrder, inCommonOrder, reorderedAxes } from '../axis-order.js';
import { type ByteArray, boxReader } from '../box-of-bytes.js';
import { decodeElements, elementBytes, type StoredData } from '../element.js';
import { DEFLATE_RATIO, inflated } from '../inflate.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import {
  type ArrayHeader,
  type Axis,
  type AxisName,
  countOf,
  type ReadOptions,
  sizesOf,
} from '../stored-array.js';
import { bytesOfFile, findDataFiles, readDataFiles, readWhole } from './data-files.js';
import { ForwardInflate } from './forward-inflate.js';
import { itkGeometry } from './itk-geometry.js';
import { decodeMetaHeader, type MetaHeader } from './meta-header.js';
import { isGzip } from './nifti.js';
import { numbersInText } from './text-numbers.js';

const NAMES: readonly AxisName[] = ['x', 'y', 'z', 'time'];
const MOST_HEADER = 1 << 20;

/** Opens a MetaImage: .mha, or .mhd with its data beside it. */
export async function openMeta(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  const format = 'MetaImage';
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const meta = decodeMetaHeader(path, source.read(0, MOST_HEADER));
  if (meta instanceof Failure) return meta;
  const { type, sizes, channels, compressed, binary } = meta;
  const axes: Axis[] = [
    ...sizes.map((size, i): Axis => ({ name: NAMES[i] ?? 'time', size })).reverse(),
    ...(channels > 1 ? [{ name: 'channel', size: channels } as const] : []),
  ];
  const found = meta.files
    ? findDataFiles(path, meta.files)
    : { paths: [path], size: Math.max(0, source.size - meta.end) };
  if (found instanceof Failure) return found;
  if (compressed && (meta.headerSize > 0 || found.paths.length > 1)) {
    return failure('layout-unread', { path, format, layout: 'byte-skip' });
  }
  const header: ArrayHeader = {
    path,
    format,
    axes: reorderedAxes(axes, commonOrder(axes)),
    type,
    bits: elementBytes[type] * 8,
    scale: undefined,
    colour: channels > 1 ? 'vector' : 'none',
    geometry: itkGeometry(meta),
    notes: [],
  };
  const ratio = compressed ? DEFLATE_RATIO : binary ? 1 : elementBytes[type];
  const wrong = checkClaim(header, { stored: binary ? found.size : (found.size + 1) / 2, ratio });
  if (wrong) return wrong;
  const attached = meta.files ? undefined : () => source.read(meta.end, source.size - meta.end);
  const read = () => readElements(path, meta, axes, found.paths, attached);
  const bytes = bytesInOrder(meta, axes, source, found);
  if (bytes === undefined) return { header, read };
  const { littleEndian } = meta;
  return {
    ...{ header, read, readRegion: boxReader({ header, axes, type, littleEndian, bytes }) },
    isForwardOnly: compressed,
  };
}

/** The bytes of the elements, where they follow each other in one file; undefined otherwise. */
function bytesInOrder(
  { type, compressed, binary, headerSize, files, end }: MetaHeader,
  axes: readonly Axis[],
  source: ByteSource,
  { paths, size }: { readonly paths: readonly string[]; readonly size: number },
): ByteArray['bytes'] | undefined {
  const needed = countOf(sizesOf(axes)) * elementBytes[type];
  const [path = ''] = paths;
  if (!binary || paths.length > 1) return undefined;
  if (!compressed) {
    return files
      ? bytesOfFile(path, headerSize === -1 ? size - needed : headerSize)
      : async (at, count) => source.read(end + at, count);
  }
  if (files || axes.some(({ name, size: length }) => name === 'time' && length > 1)) return undefined;
  const stream = new ForwardInflate(source, end, isGzip(source.read(end, 2)) ? 'gzip' : 'zlib', needed);
  return (at, count) => stream.read(at, count);
}

async function storedBytes(
  { headerSize, binary }: MetaHeader,
  paths: readonly string[],
  needed: number,
  attached: (() => Uint8Array) | undefined,
): Promise<Uint8Array | Failure> {
  if (attached) return attached();
  const [first = ''] = paths;
  if (!binary || paths.length === 1) {
    const bytes = await readWhole(first);
    if (bytes instanceof Failure || headerSize === 0) return bytes;
    return bytes.subarray(headerSize === -1 ? Math.max(0, bytes.length - needed) : headerSize);
  }
  const perFile = needed / paths.length;
  return readDataFiles(paths, headerSize, Math.floor(perFile));
}

async function readElements(
  path: string,
  meta: MetaHeader,
  axes: readonly Axis[],
  paths: readonly string[],
  attached: (() => Uint8Array) | undefined,
): Promise<StoredData | Failure> {
  const { type, compressed, binary, littleEndian } = meta;
  const count = countOf(sizesOf(axes));
  const needed = count * elementBytes[type];
  const damaged = (reason: string) => failure('elements-damaged', { path, format: 'MetaImage', reason });
  const stored = await storedBytes(meta, paths, needed, attached);
  if (stored instanceof Failure) return stored;
  if (!binary) {
    const numbers = numbersInText(Buffer.from(stored).toString('latin1'), type, count);
    return numbers ? inCommonOrder(numbers, type, axes) : damaged('its text does not have the numbers');
  }
  const bytes = compressed
    ? await inflated(stored, isGzip(stored) ? 'gzip' : 'zlib', needed + (1 << 20))
    : stored;
  if (!(bytes instanceof Uint8Array)) return damaged(bytes.reason);
  if (bytes.length < needed) {
    const sizes = sizesOf(axes);
    return failure('elements-missing', { path, format: 'MetaImage', sizes, needed, found: bytes.length });
  }
  return inCommonOrder(decodeElements(bytes, type, count, littleEndian), type, axes);
}
