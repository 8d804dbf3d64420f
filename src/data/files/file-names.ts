import { basename } from 'node:path';

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

/** The name without its ending: "case_0000" of "case_0000.nii.gz". */
export function stemOf(name: string): string {
  const known = FORMATS.find(({ ending }) => ending.test(name));
  return known === undefined ? name : name.replace(known.ending, '');
}

const IMAGE_SUFFIX = /[-_. ](image|img|volume|raw)$/i;
const MASK_SUFFIX = /[-_. ](masks?|labels?|seg|segmentation|gt|groundtruth|manual)$/i;

/** "train" of "train-volume". */
export function imageKey(stem: string): string {
  return stem.replace(IMAGE_SUFFIX, '');
}

/** "train" of "train-labels". */
export function maskKey(stem: string): string {
  return stem.replace(MASK_SUFFIX, '');
}

export function isMaskName(stem: string): boolean {
  return MASK_SUFFIX.test(stem);
}

/** The case and the channel of nnU-Net's "case_0001"; undefined for other names. */
export function channelOf(stem: string): { base: string; channel: number } | undefined {
  const match = /^(.+)_(\d{4})$/.exec(stem);
  return match === null ? undefined : { base: match[1] ?? '', channel: Number(match[2]) };
}
