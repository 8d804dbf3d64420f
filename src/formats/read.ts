import { Failure, failure } from '../diagnostics/failure.js';
import { statOf } from '../runtime/files/folders.js';
import { cutRegion } from './axis-order.js';
import { openHdf5 } from './chunked/hdf5.js';
import { openDicom } from './dicom/dicom.js';
import { isDicomFolder } from './dicom/files.js';
import { formatOf } from './format-of.js';
import { openNpy } from './numpy/npy.js';
import { openNpz } from './numpy/npz.js';
import { type FormatOpener, type OpenedArray, type Region, withinMemory } from './open-array.js';
import { openBmp } from './raster/bmp.js';
import { openBySharp } from './raster/by-sharp.js';
import { openGif } from './raster/gif.js';
import { openPng } from './raster/png.js';
import { ByteSource } from './source.js';
import {
  type ArrayHeader,
  type FormatName,
  type ReadOptions,
  type StoredArray,
  sizesOf,
} from './stored-array.js';
import { openTiff } from './tiff/open-tiff.js';
import { openMeta } from './volume/meta.js';
import { openMgh } from './volume/mgh.js';
import { openNifti } from './volume/nifti.js';
import { openNrrd } from './volume/nrrd.js';

const PICTURE = /\.(png|jpe?g|tiff?|gif|bmp|webp)$/i;

/** Enough of a file for every signature. */
const SIGNATURE_BYTES = 352;

/** Loaded when it is needed: no other format uses the library of Zarr. */
async function openFolder(path: string, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { openZarr } = await import('./chunked/zarr.js');
  return openZarr(path, options);
}

const OPENERS: Readonly<Record<FormatName, FormatOpener>> = {
  TIFF: openTiff,
  PNG: openPng,
  JPEG: openBySharp('JPEG'),
  WebP: openBySharp('WebP'),
  GIF: openGif,
  BMP: openBmp,
  'NIfTI-1': openNifti,
  'NIfTI-2': openNifti,
  MGH: openMgh,
  NRRD: openNrrd,
  MetaImage: openMeta,
  DICOM: ({ path }, options) => openDicom(path, options, false),
  NPY: openNpy,
  NPZ: openNpz,
  HDF5: openHdf5,
  'OME-Zarr': ({ path }, options) => openFolder(path, options),
};

/** Opens a file, and closes it when `use` is over. */
export async function withOpened<T>(
  path: string,
  options: ReadOptions,
  use: (opened: OpenedArray) => Promise<T | Failure>,
): Promise<T | Failure> {
  // Names of pictures are not those of folders; to ask the system about each takes as long as to read a small one.
  if (!PICTURE.test(path) && statOf(path)?.isDirectory()) {
    const isZarr = /\.zarr\/?$/i.test(path);
    if (isZarr || isDicomFolder(path)) {
      const opened = await (isZarr ? openFolder(path, options) : openDicom(path, options, true));
      return opened instanceof Failure ? opened : use(withinMemory(opened));
    }
  }
  return ByteSource.open(path, async (source) => {
    const format = formatOf(path, source.read(0, SIGNATURE_BYTES));
    if (typeof format !== 'string') {
      return failure('format-unread', { path, format: format.unread, saveAs: format.saveAs });
    }
    const opened = await OPENERS[format](source, options);
    return opened instanceof Failure ? opened : use(withinMemory(opened));
  });
}

/** Reads what a file says about its array, and none of the elements. */
export function readHeader(path: string, options: ReadOptions = {}): Promise<ArrayHeader | Failure> {
  return withOpened(path, options, async ({ header }) => header);
}

/** Reads an array as the file stores it. */
export function readArray(path: string, options: ReadOptions = {}): Promise<StoredArray | Failure> {
  return withOpened(path, options, async ({ header, read }) => {
    const data = await read();
    return data instanceof Failure ? data : { header, data };
  });
}

/**
 * Reads a box of an array: [from, to) for each axis of the header, within its sizes. Formats with
 * `readRegion` read only the parts that the box touches; of others all is read and the box is cut out.
 */
export function readRegion(
  path: string,
  region: Region,
  options: ReadOptions = {},
): Promise<StoredArray | Failure> {
  return withOpened(path, options, async (opened) => {
    const { axes } = opened.header;
    const header = {
      ...opened.header,
      axes: axes.map((axis, i) => ({ ...axis, size: (region[i]?.[1] ?? axis.size) - (region[i]?.[0] ?? 0) })),
    };
    if (opened.readRegion) {
      const data = await opened.readRegion(region);
      return data instanceof Failure ? data : { header, data };
    }
    const all = await opened.read();
    return all instanceof Failure
      ? all
      : { header, data: cutRegion(all, header.type, sizesOf(axes), region) };
  });
}
