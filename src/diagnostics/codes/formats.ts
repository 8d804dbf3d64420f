import { error } from './definition.js';

/** An error of a library about a file, where the library gives one. */
export interface Reasoned {
  readonly path: string;
  readonly format: string;
  readonly reason?: string;
}

/** What about a header contradicts itself or its format. */
export type HeaderProblem =
  | 'signature'
  | 'cut-off'
  | 'sizes'
  | 'element-type'
  | 'data-offset'
  | 'field-missing'
  | 'field-invalid'
  | 'directory'
  | 'palette'
  | 'blocks';

const headerProblems: Readonly<Record<HeaderProblem, string>> = {
  signature: 'it does not begin as such a file does',
  'cut-off': 'the file ends inside it',
  sizes: 'its sizes are not whole numbers of at least 1',
  'element-type': 'it names an element type that the format does not have',
  'data-offset': 'the elements would begin outside of the file',
  'field-missing': 'a field that the format requires is missing',
  'field-invalid': 'a field has a value that the format does not allow',
  directory: 'a directory leads outside of the file or back to itself',
  palette: 'its palette is missing or incomplete',
  blocks: 'its list of blocks does not match the sizes of the image',
};

/** What a format cannot hold of an array. */
export type WriteProblem = 'format' | 'axes' | 'element-type' | 'colour' | 'size' | 'geometry';

const writeProblems: Readonly<Record<WriteProblem, string>> = {
  format: 'files of this format are not written',
  axes: 'it cannot hold these axes',
  'element-type': 'it cannot hold this element type',
  colour: 'it cannot hold these channels',
  size: 'it cannot hold an array of this size',
  geometry: 'it cannot hold this geometry',
};

/** Why the files of a DICOM series are not read as one volume. Lengths are in mm. */
export type SeriesProblem =
  | {
      readonly case: 'several';
      readonly series: readonly { readonly count: number; readonly example: string }[];
    }
  | {
      readonly case: 'sizes';
      readonly other: string;
      readonly size: readonly number[];
      readonly otherSize: readonly number[];
    }
  | { readonly case: 'types'; readonly other: string; readonly type: string; readonly otherType: string }
  | { readonly case: 'frames'; readonly other: string; readonly count: number }
  | { readonly case: 'unplaced'; readonly other: string }
  | {
      readonly case: 'directions';
      readonly other: string;
      readonly own: readonly number[];
      readonly others: readonly number[];
    }
  | { readonly case: 'frame-directions' }
  | { readonly case: 'not-orthogonal'; readonly own: readonly number[] }
  | {
      readonly case: 'spacings';
      readonly other: string;
      readonly spacing: readonly number[];
      readonly otherSpacing: readonly number[];
    }
  | { readonly case: 'same-place'; readonly other: string; readonly path: string; readonly frame: number }
  | {
      readonly case: 'uneven';
      readonly usual: number;
      readonly least: number;
      readonly most: number;
      readonly before: string;
      readonly after: string;
    }
  | { readonly case: 'tilted'; readonly degrees: number }
  | { readonly case: 'other-file'; readonly other: string };

const rounded = (value: number) => Number(value.toFixed(4)).toString();
const list = (values: readonly number[]) => values.map(rounded).join(', ');

function seriesText(problem: SeriesProblem): string {
  switch (problem.case) {
    case 'several': {
      const all = problem.series;
      const shown = all.slice(0, 4).map(({ count, example }) => `${count} with ${example}`);
      const more = all.length > 4 ? `, and ${all.length - 4} more` : '';
      return `the folder contains ${all.length} series (${shown.join('; ')}${more}): put each into a folder of its own`;
    }
    case 'sizes':
      return `slices are ${shape(problem.size)} and ${shape(problem.otherSize)} (${problem.other}): keep slices of one size`;
    case 'types':
      return `${problem.other} has pixels of another kind (${problem.otherType}) than the first slice (${problem.type}): keep slices of one kind`;
    case 'frames':
      return `${problem.other} contains ${problem.count} frames beside other files: put it into a folder of its own`;
    case 'unplaced':
      return `${problem.other} does not say where its slice lies, so the order of the slices is not known: give it as a single file`;
    case 'directions':
      return `slices have different directions: ${list(problem.own)} and ${list(problem.others)} (${problem.other}): keep slices that are parallel`;
    case 'frame-directions':
      return 'its frames have different directions: save those that are parallel in a file of their own';
    case 'not-orthogonal':
      return `the directions of its rows and columns, ${list(problem.own)}, are not at right angles or not of length 1: convert it to NIfTI by a program that knows the scanner`;
    case 'spacings':
      return `pixels are ${list(problem.spacing)} mm and ${list(problem.otherSpacing)} mm apart (${problem.other}): keep slices of one spacing`;
    case 'same-place':
      return `${problem.other} and ${problem.path} (frame ${problem.frame + 1}) lie at the same place: keep one time, echo or copy in a folder`;
    case 'uneven':
      return `slices are usually ${rounded(problem.usual)} mm apart, and at least ${rounded(problem.least)} mm, but ${rounded(problem.most)} mm between ${problem.before} and ${problem.after}: add the missing slices, or resample the series to one distance`;
    case 'tilted':
      return `its slices are shifted against each other by ${rounded(problem.degrees)} degrees, as by a tilted gantry: resample it, as with dcm2niix`;
    case 'other-file':
      return `${problem.other} is not a DICOM file: move it out of the folder`;
    default:
      return problem satisfies never;
  }
}

function shape(sizes: readonly number[]): string {
  return sizes.join(' x ');
}

/** Files of images, volumes and arrays that cannot be read or written. */
export const formatCodes = {
  'format-unread': error<{ path: string; format: string; saveAs: string }>(
    'The format of a file is not read.',
    ({ path, format, saveAs }) => `${path}: ${format} is not read; save it as ${saveAs}`,
  ),
  'package-missing': error<{ path: string; format: string; package: string; command: string }>(
    'A format is read by an optional package, which is not installed.',
    ({ path, format, package: name, command }) =>
      `${path}: ${format} is read by the package ${name}, which is not installed: ${command}`,
  ),
  'series-unread': error<{ path: string; problem: SeriesProblem }>(
    'DICOM files are not the slices of one volume on a regular grid.',
    ({ path, problem }) => `${path}: ${seriesText(problem)}`,
  ),
  'compression-unread': error<{ path: string; format: string; compression: string }>(
    'The compression of a file is not read.',
    ({ path, format, compression }) => `${path}: ${format} compressed by ${compression} is not read`,
  ),
  'element-type-unread': error<{ path: string; format: string; type: string }>(
    'The element type of a file is not read.',
    ({ path, format, type }) => `${path}: ${format} with elements of type ${type} is not read`,
  ),
  'layout-unread': error<{
    path: string;
    format: string;
    layout:
      | 'volume-tiles'
      | 'chroma-subsampling'
      | 'component-sizes'
      | 'axes'
      | 'byte-skip'
      | 'element-list'
      | 'colour-space';
  }>('A file stores its elements in a layout that is not read.', ({ path, format, layout }) => {
    const texts = {
      'volume-tiles': 'tiles of several planes',
      'chroma-subsampling': 'colours of a lower resolution than the brightness',
      'component-sizes': 'channels of different element types',
      axes: 'more axes than time, channel, z, y and x',
      'byte-skip': 'skipped bytes in a compressed file',
      'element-list': 'a list of files of several dimensions each',
      'colour-space': 'colours other than gray and RGB',
    };
    return `${path}: ${format} with ${texts[layout]} is not read`;
  }),
  'header-damaged': error<Reasoned & { problem: HeaderProblem; field?: string }>(
    'The header of a file is damaged.',
    ({ path, format, problem, field, reason }) =>
      `${path}: the ${format} header is damaged: ${headerProblems[problem]}${field ? ` (${field})` : ''}${reason ? ` (${reason})` : ''}`,
  ),
  'elements-missing': error<{
    path: string;
    format: string;
    sizes: readonly number[];
    needed: number;
    found: number;
  }>(
    'A file contains fewer elements than its header states.',
    ({ path, format, sizes, needed, found }) =>
      `${path}: the ${format} header states ${shape(sizes)} elements, which take ${needed} bytes, but the file contains at most ${found}`,
  ),
  'elements-damaged': error<Reasoned & { block?: number }>(
    'The elements of a file cannot be decoded.',
    ({ path, format, block, reason }) =>
      `${path}: the ${format} data are damaged${block === undefined ? '' : ` in block ${block}`}${reason ? ` (${reason})` : ''}`,
  ),
  'array-exceeds-memory': error<{ path: string; sizes: readonly number[]; bytes: number }>(
    'An array is larger than the memory that one array may take.',
    ({ path, sizes, bytes }) =>
      `${path}: an array of ${shape(sizes)} takes ${bytes} bytes, more than one array may`,
    () =>
      'cut it into parts; `unet predict` reads TIFF, OME-Zarr, NIfTI, NRRD, MetaImage, NPY and HDF5 in parts',
  ),
  'picture-too-large': error<{
    path: string;
    height: number;
    width: number;
    pixels: number;
    side: number;
  }>(
    'An image is larger than the pictures that programs read as PNG.',
    ({ path, height, width, pixels, side }) =>
      `${path}: a PNG of ${height} x ${width} has ${height * width} pixels, and most programs read up to ${pixels}, and ${side} on a side`,
    () => 'write a TIFF, which programs read in parts: OUTPUT.tif',
  ),
  'pages-differ': error<{ path: string; page: number; first: readonly number[]; other: readonly number[] }>(
    'The pages of a file differ in size, type or palette.',
    ({ path, page, first, other }) =>
      `${path}: its pages differ: page 1 is ${shape(first)} and page ${page + 1} is ${shape(other)}, or of another type or palette`,
    () => 'save each page as a file of its own',
  ),
  'page-missing': error<{ path: string; page: number; pages: number }>(
    'A file does not have the page that is to be read.',
    ({ path, page, pages }) =>
      `${path} has ${pages} ${pages === 1 ? 'page' : 'pages'}, so it has no page ${page + 1}`,
  ),
  'planes-elsewhere': error<{ path: string; planes: number; here: number }>(
    'An OME-TIFF names planes that are in other files.',
    ({ path, planes, here }) =>
      `${path} describes ${planes} planes, but only ${here} of them are in this file`,
  ),
  'data-file-missing': error<{ path: string; data: string }>(
    'The file that contains the elements for a header is missing.',
    ({ path, data }) => `${path}: its elements should be in ${data}, which does not exist`,
  ),
  'array-not-chosen': error<{ path: string; arrays: readonly string[]; chosen?: string }>(
    'A file contains several arrays, and it is not clear which one to read.',
    ({ path, arrays, chosen }) =>
      chosen === undefined
        ? `${path} contains ${arrays.length} arrays: ${arrays.slice(0, 8).join(', ')}`
        : `${path} contains no array named ${chosen}; it contains ${arrays.slice(0, 8).join(', ') || 'none'}`,
    ({ chosen }) =>
      chosen === 'raw' || chosen === 'label'
        ? 'name the image raw or image and the mask label or mask, or save each in a file of its own'
        : 'save the array that is meant in a file of its own',
  ),
  'integer-too-large': error<{ path: string; value: string; index: number }>(
    'A 64-bit integer is too large to be used as a number.',
    ({ path, value, index }) =>
      `${path}: element ${index} is ${value}, which no 64-bit float represents exactly`,
  ),
  'array-not-writable': error<{ path: string; format: string; problem: WriteProblem; found: string }>(
    'A format cannot hold the array that is to be written.',
    ({ path, format, problem, found }) =>
      `cannot write ${path} as ${format}: ${writeProblems[problem]} (${found})`,
  ),
} as const;
