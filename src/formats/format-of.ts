import { basename } from 'node:path';
import type { FormatName } from './stored-array.js';

/** A format that is known but not read, or an ending that is not known. */
export interface UnreadFormat {
  readonly unread: string;
  /** In which format to save such a file. */
  readonly saveAs: string;
}

const ascii = (bytes: Uint8Array, from: number, to: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to);

function isNifti(bytes: Uint8Array): FormatName | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = [view.getInt32(0, true), view.getInt32(0, false)];
  if (size.includes(540) && /^n[+i]2/.test(ascii(bytes, 4, 7))) return 'NIfTI-2';
  if (size.includes(348) && /^n[+i]1/.test(ascii(bytes, 344, 347))) return 'NIfTI-1';
  return undefined;
}

/** Signatures at the start of a file, in the order in which they are tried. */
const SIGNATURES: readonly (readonly [(bytes: Uint8Array) => boolean, FormatName | UnreadFormat])[] = [
  // The 128 bytes before may make it a TIFF as well, of the same pixels.
  [(b) => ascii(b, 128, 132) === 'DICM', 'DICOM'],
  [(b) => /^(II[*+]\0|MM\0[*+])/.test(ascii(b, 0, 4)), 'TIFF'],
  [(b) => ascii(b, 0, 8) === '\x89PNG\r\n\x1a\n', 'PNG'],
  [(b) => ascii(b, 0, 3) === '\xff\xd8\xff', 'JPEG'],
  [(b) => /^GIF8[79]a/.test(ascii(b, 0, 6)), 'GIF'],
  [(b) => ascii(b, 0, 4) === 'RIFF' && ascii(b, 8, 12) === 'WEBP', 'WebP'],
  [(b) => ascii(b, 0, 2) === 'BM' && b.length >= 18, 'BMP'],
  [(b) => /^NRRD000\d/.test(ascii(b, 0, 8)), 'NRRD'],
  [(b) => ascii(b, 0, 6) === '\x93NUMPY', 'NPY'],
  [(b) => ascii(b, 0, 8) === '\x89HDF\r\n\x1a\n', 'HDF5'],
  [(b) => ascii(b, 4, 12) === 'jP  \r\n\x87\n', { unread: 'JPEG 2000', saveAs: 'TIFF or PNG' }],
  [(b) => ascii(b, 0, 4) === '\xffO\xffQ', { unread: 'JPEG 2000', saveAs: 'TIFF or PNG' }],
  [(b) => /^ftyp(avif|heic|heix|mif1|msf1)/.test(ascii(b, 4, 12)), { unread: 'AVIF or HEIC', saveAs: 'PNG' }],
  [(b) => /^\xff\n/.test(ascii(b, 0, 2)) || ascii(b, 4, 8) === 'JXL ', { unread: 'JPEG XL', saveAs: 'PNG' }],
  [(b) => /^P[1-7]\s/.test(ascii(b, 0, 3)), { unread: 'Netpbm', saveAs: 'PNG' }],
  [(b) => ascii(b, 0, 9) === 'SIMPLE  =', { unread: 'FITS', saveAs: 'TIFF or .npy' }],
  [(b) => ascii(b, 0, 7) === 'MATLAB ', { unread: 'a .mat file', saveAs: '.npy or TIFF' }],
  [(b) => ascii(b, 0, 4) === '%PDF', { unread: 'PDF', saveAs: 'PNG' }],
  [
    (b) => ascii(b, 0, 4) === '\xd0\xcf\x11\xe0',
    { unread: 'an OLE file (.oib, .zvi, .xls)', saveAs: 'TIFF' },
  ],
  [(b) => ascii(b, 0, 10) === 'ZISRAWFILE', { unread: 'Zeiss CZI', saveAs: 'OME-TIFF' }],
  [(b) => ascii(b, 0, 4) === '\xda\xce\xbe\x0a', { unread: 'Nikon ND2', saveAs: 'OME-TIFF' }],
  [(b) => ascii(b, 0, 4) === 'p\0\0\0', { unread: 'Leica LIF', saveAs: 'OME-TIFF' }],
];

/** Endings of formats whose start says nothing that is certain, or is compressed. */
const ENDINGS: readonly (readonly [RegExp, FormatName])[] = [
  [/\.ome\.tiff?$|\.tiff?$|\.lsm$|\.stk$|\.tf8$|\.btf$/i, 'TIFF'],
  [/\.png$/i, 'PNG'],
  [/\.jpe?g$/i, 'JPEG'],
  [/\.gif$/i, 'GIF'],
  [/\.webp$/i, 'WebP'],
  [/\.bmp$|\.dib$/i, 'BMP'],
  [/\.nii(\.gz)?$|\.(hdr|img)(\.gz)?$/i, 'NIfTI-1'],
  [/\.mgh$|\.mgz$|\.mgh\.gz$/i, 'MGH'],
  [/\.nrrd$|\.nhdr$/i, 'NRRD'],
  [/\.mha$|\.mhd$/i, 'MetaImage'],
  [/\.(dcm|dicom|ima)$/i, 'DICOM'],
  [/\.npy$/i, 'NPY'],
  [/\.npz$/i, 'NPZ'],
  [/\.h5$|\.hdf5$|\.hdf$/i, 'HDF5'],
  [/\.zarr$/i, 'OME-Zarr'],
];

/** Endings of formats that are known and not read, with the format to save them in. */
const UNREAD_ENDINGS: readonly (readonly [RegExp, UnreadFormat])[] = [
  [/\.(jp2|j2k|jpx|jpf)$/i, { unread: 'JPEG 2000', saveAs: 'TIFF or PNG' }],
  [/\.(czi|nd2|lif|oib|oif|zvi|vsi|ims)$/i, { unread: 'this microscope format', saveAs: 'OME-TIFF' }],
  [/\.(svs|ndpi|mrxs|scn|bif)$/i, { unread: 'this slide format', saveAs: 'TIFF' }],
  [/\.mat$/i, { unread: 'a .mat file', saveAs: '.npy or TIFF' }],
  [/\.(mnc|mnc2)$/i, { unread: 'MINC', saveAs: 'NIfTI' }],
  [/\.(vtk|vti|vtp)$/i, { unread: 'VTK', saveAs: 'NRRD or MetaImage' }],
  [/\.(pgm|ppm|pbm|pnm)$/i, { unread: 'Netpbm', saveAs: 'PNG' }],
  [/\.(heic|heif|avif)$/i, { unread: 'AVIF or HEIC', saveAs: 'PNG' }],
  [/\.(svg|pdf|ai|eps)$/i, { unread: 'a drawing', saveAs: 'PNG' }],
  [/\.json$/i, { unread: 'JSON', saveAs: 'a mask in PNG or TIFF' }],
  [/\.xml$/i, { unread: 'XML', saveAs: 'a mask in PNG or TIFF' }],
];

/** The ending of a file's name as its users say it: "nii.gz" and "ome.tif" are one. */
export function fileEnding(path: string): string {
  const name = basename(path).toLowerCase();
  const double = /\.(ome\.(?:tiff?|zarr|btf)|(?:nii|mgh|hdr|img|nrrd)\.gz|tar\.gz)$/.exec(name);
  if (double) return double[1] ?? '';
  const at = name.lastIndexOf('.');
  return at > 0 ? name.slice(at + 1) : '';
}

/** The name without its ending. */
export function fileStem(path: string): string {
  const ending = fileEnding(path);
  const name = basename(path);
  return ending === '' ? name : name.slice(0, -ending.length - 1);
}

/** The format that the ending of a name stands for; undefined for an ending that is not known. */
export function formatByName(path: string): FormatName | UnreadFormat | undefined {
  // No ending has more than two parts: `.nii.gz`. A folder has few endings, and many names.
  const parts = /\.[^./\\]*(\.[^./\\]*)?$/.exec(path)?.[0] ?? '';
  const known = byEnding.get(parts);
  if (known !== undefined) return known;
  const isEnding = ([ending]: readonly [RegExp, unknown]) => ending.test(parts);
  const format = ENDINGS.find(isEnding)?.[1] ?? UNREAD_ENDINGS.find(isEnding)?.[1];
  if (format !== undefined && byEnding.size < MOST_ENDINGS) byEnding.set(parts, format);
  return format;
}

const byEnding = new Map<string, FormatName | UnreadFormat>();
const MOST_ENDINGS = 256;

const isZip = (bytes: Uint8Array) =>
  ascii(bytes, 0, 4) === 'PK\x03\x04' || ascii(bytes, 0, 4) === 'PK\x05\x06';

/**
 * The format of a file, by its first bytes (352 are enough) and then by its name. A .nii file that begins as a PNG
 * is a PNG. Compressed files and formats without a signature go by the name.
 */
export function formatOf(path: string, firstBytes: Uint8Array): FormatName | UnreadFormat {
  const nifti = isNifti(firstBytes);
  if (nifti !== undefined) return nifti;
  for (const [matches, format] of SIGNATURES) if (matches(firstBytes)) return format;
  const byName = ENDINGS.find(([ending]) => ending.test(path))?.[1];
  if (isZip(firstBytes))
    return byName === 'NPZ' ? 'NPZ' : { unread: 'a .zip archive', saveAs: '.npz or single files' };
  if (/^\s*ObjectType\s*=|^\s*NDims\s*=/.test(ascii(firstBytes, 0, 352))) return 'MetaImage';
  const known = UNREAD_ENDINGS.find(([ending]) => ending.test(path))?.[1];
  if (known !== undefined) return known;
  if (byName !== undefined) return byName;
  const ending = fileEnding(path);
  return {
    unread: ending === '' ? 'a file without an ending and of unknown content' : ending.toUpperCase(),
    saveAs: 'PNG, TIFF, NIfTI or .npy',
  };
}
