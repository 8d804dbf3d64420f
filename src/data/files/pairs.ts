import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { channelOf, dataFormatOf, imageKey, isMaskName, maskKey, stemOf } from './file-names.js';

/** The files of one image, one per channel or one for all, and its mask. */
export interface FilePair {
  /** The image's name without its ending, and without its channel's number. */
  readonly name: string;
  readonly images: readonly string[];
  readonly mask: string;
  /** The files of a mask that has one for each class. */
  readonly parts?: readonly { readonly path: string; readonly label: number }[];
}

export interface PairOptions {
  /** The folder of the images, inside the folder of the data set; one with a usual name when left out. */
  readonly images?: string;
  /** The same for the masks. */
  readonly masks?: string;
}

const IMAGE_FOLDERS = ['images', 'imagesTr', 'image', 'imgs'];
const MASK_FOLDERS = ['masks', 'labels', 'labelsTr', 'mask', 'label'];

interface Listing {
  /** Relative to the working directory. */
  readonly folder: string;
  readonly names: readonly string[];
}

function listFolder(folder: string): { folders: string[]; names: string[] } | Failure {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const folders = entries.filter((entry) => !entry.isFile()).map((entry) => entry.name);
    const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    // By code units: the same order on every machine.
    return { folders, names: names.filter((name) => dataFormatOf(name) !== undefined).sort() };
  } catch (error) {
    return fileFailure('read', folder, error);
  }
}

/** The files of the images and of the masks: in two folders, or in one folder, told apart by their names. */
function listFiles(folder: string, options: PairOptions): { images: Listing; masks: Listing } | Failure {
  const top = listFolder(folder);
  if (top instanceof Failure) return top;
  const images = options.images ?? IMAGE_FOLDERS.find((name) => top.folders.includes(name));
  const masks = options.masks ?? MASK_FOLDERS.find((name) => top.folders.includes(name));
  if (images === undefined && masks === undefined) {
    const listing = (wanted: boolean) => ({
      folder,
      names: top.names.filter((name) => isMaskName(stemOf(name)) === wanted),
    });
    if (top.names.length === 0) return failure('images-missing', { problem: { case: 'nothing', folder } });
    return { images: listing(false), masks: listing(true) };
  }
  if (images === undefined) {
    return failure('images-missing', { problem: { case: 'no-images', folder, masks: masks ?? '' } });
  }
  if (masks === undefined)
    return failure('images-missing', { problem: { case: 'no-masks', folder, images } });
  const [imageList, maskList] = [listFolder(join(folder, images)), listFolder(join(folder, masks))];
  if (imageList instanceof Failure) return imageList;
  if (maskList instanceof Failure) return maskList;
  if (imageList.names.length === 0 && maskList.names.length === 0) {
    const folders = [join(folder, images), join(folder, masks)];
    return failure('images-missing', { problem: { case: 'empty', folders } });
  }
  return {
    images: { folder: join(folder, images), names: imageList.names },
    masks: { folder: join(folder, masks), names: maskList.names },
  };
}

/** The images that belong to one mask, while they are gathered. */
interface Group {
  readonly mask: string;
  readonly files: { readonly name: string; readonly stem: string; readonly channel: number | undefined }[];
}

/** Finds masks by the whole name, then by the name without a suffix. */
class MaskNames {
  private readonly byStem = new Map<string, string>();
  private readonly byKey = new Map<string, string>();
  /** Masks of an image that has one already. */
  readonly twins = new Map<string, Failure>();

  constructor({ folder, names }: Listing) {
    for (const name of names) {
      const [stem, key] = [stemOf(name), maskKey(stemOf(name))];
      const other = this.byStem.get(stem) ?? this.byKey.get(key);
      if (other !== undefined) {
        const clash = { case: 'masks', path: join(folder, name), other } as const;
        this.twins.set(name, failure('ambiguous-pair', { clash }));
        continue;
      }
      this.byStem.set(stem, name);
      this.byKey.set(key, name);
    }
  }

  find(stem: string): string | undefined {
    return this.byStem.get(stem) ?? this.byKey.get(stem) ?? this.byKey.get(imageKey(stem));
  }
}

/** Fails if the images of a group do not make one image. */
function groupProblem({ mask, files }: Group, folder: string): Failure | undefined {
  const channels = files.map(({ channel }) => channel ?? 0).sort((a, b) => a - b);
  if (files.every(({ channel }) => channel !== undefined)) {
    if (channels.every((channel, i) => channel === i)) return undefined;
    return failure('channel-numbers', { path: join(folder, files[0]?.name ?? ''), channels });
  }
  if (files.length === 1) return undefined;
  const paths = files.map(({ name }) => join(folder, name));
  return failure('ambiguous-pair', { clash: { case: 'images', paths, mask } });
}

/**
 * The pairs of image and mask in a folder, in the order of their names, and a failure for each file without a partner.
 *
 * Images are in `images` (or imagesTr) and masks in `masks` (or `labels`, labelsTr); or all are in one folder, and the names
 * of masks end in _mask, _label, -labels, _seg, _gt or the like. A mask has the image's name, or that name with such a
 * suffix. Files a_0000, a_0001 for a mask a are the channels of one image, as nnU-Net names them.
 */
export function findPairs(
  folder: string,
  options: PairOptions = {},
): { pairs: readonly FilePair[]; problems: readonly Failure[] } | Failure {
  const files = listFiles(folder, options);
  if (files instanceof Failure) return files;
  const { images, masks } = files;
  const maskNames = new MaskNames(masks);
  const problems: Failure[] = [...maskNames.twins.values()];
  const groups = new Map<string, Group>();
  for (const name of images.names) {
    const stem = stemOf(name);
    const numbered = channelOf(stem);
    const whole = maskNames.find(stem);
    const mask = whole ?? (numbered === undefined ? undefined : maskNames.find(numbered.base));
    if (mask === undefined) {
      const path = join(images.folder, name);
      problems.push(failure('partner-missing', { path, missing: 'mask', folder: masks.folder }));
      continue;
    }
    const group = groups.get(mask) ?? { mask, files: [] };
    group.files.push({ name, stem, channel: whole === undefined ? numbered?.channel : undefined });
    groups.set(mask, group);
  }
  for (const name of masks.names) {
    if (groups.has(name) || maskNames.twins.has(name)) continue;
    const path = join(masks.folder, name);
    problems.push(failure('partner-missing', { path, missing: 'image', folder: images.folder }));
  }
  const pairs: FilePair[] = [];
  for (const group of groups.values()) {
    const problem = groupProblem(group, images.folder);
    if (problem !== undefined) {
      problems.push(problem);
      continue;
    }
    const sorted = group.files.toSorted((a, b) => (a.channel ?? 0) - (b.channel ?? 0));
    const stem = sorted[0]?.stem ?? '';
    pairs.push({
      name: sorted[0]?.channel === undefined ? stem : (channelOf(stem)?.base ?? stem),
      images: sorted.map(({ name }) => join(images.folder, name)),
      mask: join(masks.folder, group.mask),
    });
  }
  return { pairs, problems };
}
