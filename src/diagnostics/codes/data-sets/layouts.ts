import { countedText, listText } from '../../wording.js';
import { error } from '../definition.js';

/** "a, b and 3 more". */
function someText(names: readonly string[]): string {
  const shown = names.slice(0, 4);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : listText(shown, 'and');
}

/** What a folder lacks to be a data set. */
export type FolderProblem =
  | { readonly case: 'nothing'; readonly folder: string }
  /** Folders have files that are read, but none is named as a mask. */
  | { readonly case: 'unpaired'; readonly folder: string; readonly found: readonly string[] }
  | { readonly case: 'empty'; readonly folders: readonly string[] }
  /** All files have other endings than the one that dataset.json names. */
  | {
      readonly case: 'ending';
      readonly folders: readonly string[];
      readonly ending: string;
      readonly files: number;
      readonly example: string;
    }
  | { readonly case: 'nested'; readonly folder: string; readonly sets: readonly string[] }
  | { readonly case: 'no-images'; readonly folder: string; readonly masks: string }
  | { readonly case: 'no-masks'; readonly folder: string; readonly images: string };

function folderText(problem: FolderProblem): string {
  switch (problem.case) {
    case 'nothing':
      return `${problem.folder} contains no images, and no folders named images and masks`;
    case 'unpaired':
      return `${problem.folder} contains images, volumes or arrays in ${someText(problem.found)}, but their names do not tell which are masks`;
    case 'empty':
      return `${listText(problem.folders, 'and')} ${problem.folders.length === 1 ? 'contains' : 'contain'} no images`;
    case 'ending':
      return `dataset.json takes files with the ending ${problem.ending}, but the ${countedText(problem.files, 'file')} in ${listText(problem.folders, 'and')} have other endings (${problem.example})`;
    case 'nested':
      return `${problem.folder} contains ${countedText(problem.sets.length, 'folder')} with images and masks of their own: ${someText(problem.sets)}`;
    case 'no-images':
      return `${problem.folder} has masks in ${problem.masks}, but no folder named images`;
    case 'no-masks':
      return `${problem.folder} has images in ${problem.images}, but no folder named masks`;
  }
}

/** A layout that can be read in several ways. */
export type LayoutDoubt =
  | {
      readonly case: 'folders';
      readonly folder: string;
      readonly kind: 'images' | 'masks';
      readonly found: readonly string[];
    }
  | {
      readonly case: 'kinds';
      readonly folder: string;
      readonly kind: 'images' | 'masks';
      readonly found: readonly string[];
      /** Patterns that take the first kind, where the layout tells them. */
      readonly patterns?: { readonly images: string; readonly masks: string };
    }
  | { readonly case: 'numbered' | 'unclear-parts'; readonly path: string; readonly found: readonly string[] }
  | { readonly case: 'mixed'; readonly folder: string; readonly found: readonly string[] };

function doubtText(doubt: LayoutDoubt): string {
  const names = someText(doubt.found);
  switch (doubt.case) {
    case 'folders':
      return `${doubt.folder} has ${doubt.kind} in ${countedText(doubt.found.length, 'folder')}: ${names}`;
    case 'kinds':
      return `${doubt.folder} has ${countedText(doubt.found.length, 'kind')} of ${doubt.kind}: ${names}`;
    case 'numbered':
      return `${doubt.path}: the masks of its image have numbers (${names}), which may stand for classes, objects or annotators`;
    case 'unclear-parts':
      return `${doubt.path}: the masks of its image end in ${names}, which may be forms of one mask or classes`;
    case 'mixed':
      return `${doubt.folder} mixes layouts: ${names}`;
  }
}

function doubtHelp(doubt: LayoutDoubt): string {
  if (doubt.case === 'folders')
    return `choose one by --${doubt.kind}, such as --${doubt.kind} ${doubt.found[0] ?? ''}`;
  if (doubt.case === 'mixed')
    return 'give a folder of one layout, or say which files belong together by --images and --masks';
  if (doubt.case === 'kinds' && doubt.patterns)
    return `choose one by patterns, such as --images "${doubt.patterns.images}" --masks "${doubt.patterns.masks}"`;
  return 'say which files belong together by --images "images/{case}.png" --masks "masks/{case}_{class}.png"';
}

/** Files that cannot be told apart by their names. */
export type PairClash =
  | { readonly case: 'masks'; readonly path: string; readonly other: string }
  | { readonly case: 'images'; readonly paths: readonly string[]; readonly mask: string };

/** What is wrong with a dataset.json. */
export type DescriptionProblem =
  | { readonly case: 'json'; readonly reason: string }
  | { readonly case: 'no-object' }
  | { readonly case: 'field'; readonly field: string }
  | { readonly case: 'label-value'; readonly name: string }
  | { readonly case: 'label-twice'; readonly names: readonly [string, string]; readonly value: number }
  | { readonly case: 'few-labels'; readonly count: number }
  | { readonly case: 'channel-gap'; readonly numbers: readonly number[] }
  | { readonly case: 'channels'; readonly named: number; readonly files: number; readonly image: string }
  | {
      readonly case: 'channel-count';
      readonly named: number;
      readonly channels: number;
      readonly image: string;
    }
  | { readonly case: 'listed'; readonly missing: readonly string[]; readonly total: number };

function descriptionText(problem: DescriptionProblem): string {
  switch (problem.case) {
    case 'json':
      return `it is not JSON (${problem.reason})`;
    case 'no-object':
      return 'it is not a JSON object';
    case 'field':
      return `its field ${problem.field} is missing or of another form`;
    case 'label-value':
      return `the label ${problem.name} is not a whole number from 0`;
    case 'label-twice':
      return `${listText(problem.names, 'and')} have the same label, ${problem.value}`;
    case 'few-labels':
      return `it has ${countedText(problem.count, 'label')} besides \`ignore\`, and two are the least`;
    case 'channel-gap':
      return `its channels have the numbers ${listText(problem.numbers.map(String), 'and')}`;
    case 'channels':
      return `it names ${countedText(problem.named, 'channel')}, but ${problem.image} has ${countedText(problem.files, 'file')}`;
    case 'channel-count':
      return `it names ${countedText(problem.named, 'channel')}, but the files of ${problem.image} have ${problem.channels}`;
    case 'listed':
      return `it lists ${countedText(problem.total, 'file')}, of which ${problem.missing.length} do not exist: ${someText(problem.missing)}`;
  }
}

/** Several files of one folder. */
export interface NamedFiles {
  readonly folder: string;
  readonly count: number;
  /** The name of one of them. */
  readonly example: string;
}

/** Folders and names of files from which no pairs can be made. */
export const layoutCodes = {
  'images-missing': error(
    'A folder has no images or no masks.',
    (a: { problem: FolderProblem }) => folderText(a.problem),
    (a) =>
      a.problem.case === 'nested'
        ? 'give one of these folders'
        : a.problem.case === 'ending'
          ? 'write the ending of the files as `file_ending` into dataset.json, or leave it out there'
          : a.problem.case === 'unpaired'
            ? 'say which files belong together: --images "{case}/scan" --masks "{case}/scan_mask.nii.gz" (a folder of DICOM slices is one file)'
            : a.problem.case === 'no-images' || a.problem.case === 'no-masks'
              ? 'name both folders by --images and --masks, or give patterns: --images "scans/{case}.png" --masks "manual/{case}.png"'
              : a.problem.case === 'nothing'
                ? 'name folders with other names by --images and --masks; images and masks are files such as PNG, JPEG, TIFF, NIfTI, NRRD, MetaImage, HDF5 or .npy'
                : 'images and masks are files such as PNG, JPEG, TIFF, NIfTI, NRRD, MetaImage, HDF5 or .npy',
  ),
  'partner-missing': error(
    'An image has no mask, or a mask has no image.',
    (a: { path: string; missing: 'image' | 'mask'; folder: string }) =>
      `${a.path}: there is no ${a.missing} for it in ${a.folder}`,
  ),
  'ambiguous-pair': error(
    'Several files have a name that belongs to one image or one mask.',
    (a: { clash: PairClash }) =>
      a.clash.case === 'masks'
        ? `${a.clash.path}: ${a.clash.other} is a mask for the same image`
        : `${listText(a.clash.paths, 'and')}: they belong to the same mask, ${a.clash.mask}`,
  ),
  'channel-numbers': error(
    'The numbers of the channels in the names of files have a gap.',
    (a: { path: string; channels: readonly number[] }) =>
      `${a.path}: its channels have the numbers ${listText(a.channels.map(String), 'and')}`,
    () => 'number them from 0 without a gap',
  ),
  'names-unmatched': error(
    'No image has a name that matches the name of a mask.',
    (a: { images: NamedFiles; masks: NamedFiles }) =>
      `none of ${countedText(a.images.count, 'image')} in ${a.images.folder} (${a.images.example}) has a name that matches one of ` +
      `${countedText(a.masks.count, 'mask')} in ${a.masks.folder} (${a.masks.example})`,
    () => 'say how the names match: --images "images/{case}_t1.nii.gz" --masks "masks/{case}_manual.nii.gz"',
  ),
  'layout-ambiguous': error(
    'The files of a folder can be paired in several ways.',
    (a: { doubt: LayoutDoubt }) => doubtText(a.doubt),
    (a) => doubtHelp(a.doubt),
  ),
  'folder-unpaired': error(
    'A folder of images has no folder of masks of the same name, or the reverse.',
    (a: { folder: string; files: number; missing: 'images' | 'masks'; other: string }) =>
      `${a.folder} contains ${countedText(a.files, 'file')}, but ${a.other} contains no ${a.missing}`,
    () => 'move the folder out of the data set, or choose files by --images and --masks',
  ),
  'case-incomplete': error(
    'A case lacks a file that other cases have.',
    (a: { name: string; missing: readonly string[]; cases: number }) =>
      `${a.name}: it has no ${listText(a.missing, 'and')}, unlike others of the ${a.cases} cases`,
    () => 'add the file, or move the case out of the folder',
  ),
  'pattern-unmatched': error(
    'No file matches a pattern of paths.',
    (a: { option: string; pattern: string; folder: string; example: string | undefined }) =>
      `${a.folder} has no file ${a.pattern} (${a.option})${a.example === undefined ? '' : `; it has ${a.example}`}`,
    () => 'patterns are relative to the folder of the data set: `images/{case}.png`',
  ),
  'pattern-ambiguous': error(
    'The name of a file fits a pattern in several ways.',
    (a: { path: string; cases: readonly string[] }) => `${a.path}: its name may mean ${someText(a.cases)}`,
    () => 'write more of the name into the pattern, or one pattern for each channel or class',
  ),
  'dataset-json-invalid': error(
    'A dataset.json is damaged or contradicts itself or the folder.',
    (a: { path: string; problem: DescriptionProblem }) => `${a.path}: ${descriptionText(a.problem)}`,
  ),
} as const;
