import { join } from 'node:path';
import { Failure, failure } from '../../diagnostics/failure.js';
import { isImageWord, isMaskWord } from '../files/file-names.js';
import { CITYSCAPES } from './by-folder/cityscapes.js';
import type { PairOptions } from './file-pair.js';
import { type Folder, listFolder } from './list-folder.js';
import { walkFolder } from './walk-folder.js';

/** "manual" of "1st_manual" and "labels" of "labelsTr". */
const plainName = (name: string) => name.replace(/^\d(st|nd|rd|th)[-_. ]/i, '').replace(/Tr$/, '');

const isImageFolder = (name: string) =>
  (isImageWord(plainName(name)) && !/^(raw|training|sat)$/i.test(name)) || CITYSCAPES.images.test(name);
const isMaskFolder = (name: string) => isMaskWord(plainName(name)) || CITYSCAPES.masks.test(name);

/** Whether any file below a folder is one that is read. */
function hasData(path: string): boolean {
  const tree = walkFolder(path);
  return (
    tree instanceof Failure ||
    [...tree.values()].some(({ items }) => items.some(({ kind }) => kind === 'data'))
  );
}

/** The only folder of a kind with files that are read; a failure where there are several. */
function onlyFolder(
  { path, folders }: Folder,
  kind: 'images' | 'masks',
  isKind: (name: string) => boolean,
): string | undefined | Failure {
  const named = folders.filter(isKind);
  if (named.length < 2) return named[0];
  const filled = named.filter((name) => hasData(join(path, name)));
  if (filled.length < 2) return filled[0] ?? named[0];
  return failure('layout-ambiguous', { doubt: { case: 'folders', folder: path, kind, found: filled } });
}

/**
 * The folders of the images and of the masks, as they were given or by their names; undefined where there are none. Fails
 * if only one of the two is there, or if several may be meant.
 */
export function chooseFolders(
  top: Folder,
  options: PairOptions,
): { readonly images: string; readonly masks: string } | undefined | Failure {
  const images = options.images ?? onlyFolder(top, 'images', isImageFolder);
  if (images instanceof Failure) return images;
  const masks = options.masks ?? onlyFolder(top, 'masks', isMaskFolder);
  if (masks instanceof Failure) return masks;
  if (images !== undefined && masks !== undefined) return { images, masks };
  const folder = top.path;
  if (images !== undefined)
    return failure('images-missing', { problem: { case: 'no-masks', folder, images } });
  if (masks !== undefined)
    return failure('images-missing', { problem: { case: 'no-images', folder, masks } });
  const sets = top.folders.filter((name) => {
    const inner = listFolder(join(folder, name));
    return (
      !(inner instanceof Failure) && inner.folders.some(isImageFolder) && inner.folders.some(isMaskFolder)
    );
  });
  const isSet = sets.length === 0 || top.items.some(({ kind }) => kind === 'data');
  return isSet ? undefined : failure('images-missing', { problem: { case: 'nested', folder, sets } });
}
