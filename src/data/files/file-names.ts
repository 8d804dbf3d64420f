import { basename } from 'node:path';
import { fileStem, formatByName } from '../../formats/format-of.js';

/** How a file is read, from its name. */
export type FileFormat = 'image' | 'npy' | 'nifti';

const FORMATS: readonly { readonly ending: RegExp; readonly format: FileFormat }[] = [
  { ending: /\.nii(\.gz)?$/i, format: 'nifti' },
  { ending: /\.npy$/i, format: 'npy' },
  { ending: /\.(png|jpe?g|tiff?)$/i, format: 'image' },
];

/** How a file is read. Undefined for other files, and for hidden ones: macOS leaves `._a.png` beside a.png. */
export function dataFormatOf(path: string): FileFormat | undefined {
  const name = basename(path);
  if (name.startsWith('.')) return undefined;
  return FORMATS.find(({ ending }) => ending.test(name))?.format;
}

/** The name without the ending of a format that is known: "case_0000" of "case_0000.nii.gz", "v1.2" of "v1.2". */
export function stemOf(name: string): string {
  return formatByName(name) === undefined ? name : fileStem(name);
}

const IMAGE_WORD = 'images?|imgs?|im|imaging|volumes?|vol|raw|sat|training';
const MASK_WORD =
  'masks?|labels?|lbl|seg|segm|segmentations?|dseg|gts?|ground[-_ ]?truth|manual|annotations?|annot|anno';

const IMAGE_SUFFIX = new RegExp(`[-_. ](${IMAGE_WORD})$`, 'i');
const MASK_SUFFIX = new RegExp(`[-_. ](${MASK_WORD}|manual\\d)$`, 'i');
const IMAGE_PREFIX = new RegExp(`^(${IMAGE_WORD})([-_. ]|(?=\\d))(?=.)`, 'i');
const MASK_PREFIX = new RegExp(`^(${MASK_WORD})([-_. ]|(?=\\d))(?=.)`, 'i');
const MASK_INFIX = new RegExp(`[-_. ](${MASK_WORD})(?=[-_. ])`, 'i');
const NUMBERED_MASK = new RegExp(`[-_. ](${MASK_WORD})[-_. ]?\\d+$`, 'i');

/** The first of the patterns that is in a name, taken out of it. */
function without(stem: string, patterns: readonly RegExp[]): string {
  const found = patterns.find((pattern) => pattern.test(stem));
  return found === undefined ? stem : stem.replace(found, '');
}

/** "train" of "train-volume", "7" of "img_7". */
export function imageKey(stem: string): string {
  return without(stem, [IMAGE_SUFFIX, IMAGE_PREFIX]);
}

/** "train" of "train-labels", "7" of "mask_7", "a_7" of "a_mask_7". */
export function maskKey(stem: string): string {
  return without(stem, [MASK_SUFFIX, MASK_PREFIX, MASK_INFIX]);
}

/** "a" of "a_mask": the image's name, where the name of a mask only adds a word. */
export function nameWithoutMaskSuffix(stem: string): string | undefined {
  return MASK_SUFFIX.test(stem) ? stem.replace(MASK_SUFFIX, '') : undefined;
}

/** "a" of "a_mask_2" and "a_mask2", which are several masks of one image. */
export function nameWithoutMaskNumber(stem: string): string | undefined {
  return NUMBERED_MASK.test(stem) ? stem.replace(NUMBERED_MASK, '') : undefined;
}

/** Whether the name of a file says that it is a mask. */
export function isMaskName(stem: string): boolean {
  return [MASK_SUFFIX, NUMBERED_MASK, MASK_PREFIX].some((pattern) => pattern.test(stem));
}

/** Whether a whole name, such as that of a folder, is a word for masks. */
export function isMaskWord(name: string): boolean {
  return new RegExp(`^(${MASK_WORD}|manual\\d)$`, 'i').test(name);
}

/** Whether a whole name is a word for images. */
export function isImageWord(name: string): boolean {
  return new RegExp(`^(${IMAGE_WORD})$`, 'i').test(name);
}

/** The case and the channel of nnU-Net's "case_0001"; undefined for other names. */
export function channelOf(stem: string): { base: string; channel: number } | undefined {
  const match = /^(.+)_(\d{4})$/.exec(stem);
  return match === null ? undefined : { base: match[1] ?? '', channel: Number(match[2]) };
}
