import { Failure, failure } from '../../diagnostics/failure.js';
import { elementBytes, newData, type StoredData, type StoredType } from '../element.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ArrayHeader, ArrayNote, Axis, ReadOptions } from '../stored-array.js';
import { dicomFiles } from './files.js';
import { type DicomImage, type Rescale, readDicomImage } from './image.js';
import { decodePixels, dicomPackageMissing } from './library.js';
import { type DicomVolume, volumeOf } from './series.js';

/** One byte of compressed pixels stands for at most so many. */
const COMPRESSION_RATIO = 1 << 16;

/** Opens a file, or a folder whose files are the slices of one volume. */
export async function openDicom(
  path: string,
  options: ReadOptions,
  isFolder: boolean,
): Promise<OpenedArray | Failure> {
  const missing = dicomPackageMissing(path);
  if (missing) return missing;
  return openDicomFiles(path, options, isFolder ? dicomFiles(path) : [path]);
}

async function openDicomFiles(
  path: string,
  options: ReadOptions,
  files: readonly string[] | Failure,
): Promise<OpenedArray | Failure> {
  if (files instanceof Failure) return files;
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const images: DicomImage[] = [];
  for (const file of files) {
    const image = await readDicomImage(file);
    if (image instanceof Failure) return image;
    images.push(image);
  }
  const volume = volumeOf(images);
  if ('case' in volume) return failure('series-unread', { path, problem: volume });
  const header = headerOf(path, images, volume);
  const stored = images.reduce((sum, { pixelBytes }) => sum + pixelBytes, 0);
  const wrong = checkClaim(
    { ...header, type: images[0]?.type ?? header.type },
    { stored, ratio: COMPRESSION_RATIO },
  );
  if (wrong) return wrong;
  return { header, read: () => readPlanes(header, images, volume) };
}

/** The scale of all planes; 'differs' where they have several. */
function commonScale({ planes }: DicomVolume): Rescale | 'differs' | undefined {
  const first = planes[0]?.rescale;
  const isSame = ({ rescale }: { readonly rescale: Rescale | undefined }) =>
    rescale?.slope === first?.slope && rescale?.intercept === first?.intercept;
  return planes.every(isSame) ? first : 'differs';
}

/** What the files of one volume say about it. */
export function headerOf(path: string, images: readonly DicomImage[], volume: DicomVolume): ArrayHeader {
  const [first] = images;
  if (first === undefined) throw new Error('there is at least one file');
  const { rows, columns, type: stored, bits, whiteIsZero, lossy } = first;
  const scale = commonScale(volume);
  const type: StoredType = scale === 'differs' ? 'float64' : stored;
  const count = volume.planes.length;
  const slices: Axis[] = volume.placed
    ? [{ name: 'z', size: count }]
    : count > 1
      ? [{ name: 'page', size: count }]
      : [];
  const notes: ArrayNote[] = [
    ...(whiteIsZero ? [{ kind: 'white-is-zero' } as const] : []),
    ...(lossy === undefined ? [] : [{ kind: 'lossy', compression: lossy } as const]),
  ];
  return {
    path,
    format: 'DICOM',
    axes: [...slices, { name: 'y', size: rows }, { name: 'x', size: columns }],
    type,
    bits: scale === 'differs' ? elementBytes[type] * 8 : bits,
    scale: scale === 'differs' ? undefined : scale,
    colour: 'none',
    ...(volume.geometry ? { geometry: volume.geometry } : {}),
    notes,
  };
}

async function readPlanes(
  { path, type }: ArrayHeader,
  images: readonly DicomImage[],
  { planes }: DicomVolume,
): Promise<StoredData | Failure> {
  const [first] = images;
  if (first === undefined) throw new Error('there is at least one file');
  const damaged = (reason: string) => failure('elements-damaged', { path, format: 'DICOM', reason });
  // A file of several frames is decoded whole, in its own order.
  const files = images.length === 1 ? images : planes.flatMap(({ image }) => images[image] ?? []);
  const decoded = await decodePixels(path, files);
  if (decoded instanceof Failure) return decoded;
  const { rows, columns, type: stored } = first;
  const { data, size, origin, imageType } = decoded;
  const expected = [columns, rows, planes.length];
  const whole = size.length === 2 ? [...size, 1] : size;
  if (whole.join() !== expected.join() || imageType.components !== 1) {
    return damaged(`the library decoded ${whole.join(' x ')} pixels of ${expected.join(' x ')}`);
  }
  const lowest = planes[0]?.position;
  if (images.length > 1 && lowest?.some((value, i) => Math.abs(value - (origin[i] ?? 0)) > 0.01)) {
    return damaged(`the library places the first slice at ${origin.join(', ')}, not at ${lowest.join(', ')}`);
  }
  const model = newData(stored, 0);
  if (!ArrayBuffer.isView(data) || data.constructor !== model.constructor) {
    return damaged(`the library did not decode elements of type ${stored}`);
  }
  const elements = data as typeof model; // of the same class
  const area = rows * columns;
  const isInOrder = images.length > 1 || planes.every(({ frame }, i) => frame === i);
  if (isInOrder && type === stored) return elements;
  const result = newData(type, planes.length * area);
  for (const [i, { frame, rescale }] of planes.entries()) {
    const at = (images.length > 1 ? i : frame) * area;
    const plane = elements.subarray(at, at + area);
    // The same array type as `plane`.
    if (type === stored) result.set(plane as never, i * area);
    else {
      const { slope, intercept } = rescale ?? { slope: 1, intercept: 0 };
      for (let j = 0; j < area; j++) result[i * area + j] = Number(plane[j]) * slope + intercept;
    }
  }
  return result;
}
