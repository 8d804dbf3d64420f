import { join } from 'node:path';
import { Failure, failure } from '../../diagnostics/failure.js';
import { isBids, pairBids } from '../layouts/by-folder/bids.js';
import { pairCaseFolders } from '../layouts/by-folder/case-folders.js';
import { pairNestedFolders } from '../layouts/by-folder/nested-pairs.js';
import { isPattern, pairByPatterns } from '../layouts/by-pattern/pattern-pairs.js';
import { chooseFolders } from '../layouts/choose-folders.js';
import { readDatasetJson } from '../layouts/described/dataset-json.js';
import { pairAsDescribed, pairAsListed } from '../layouts/described/nnunet.js';
import { mixedSeries, withSeries } from '../layouts/dicom-series.js';
import type { FoundPairs, PairOptions } from '../layouts/file-pair.js';
import { pairFolders } from '../layouts/folder-pairs.js';
import { type Folder, listFolder } from '../layouts/list-folder.js';
import { isWithoutData, pairInOneFolder } from '../layouts/one-folder.js';
import { walkFolder } from '../layouts/walk-folder.js';

export type { FilePair, FoundPairs, PairOptions } from '../layouts/file-pair.js';

/** Pairs the files of a folder that has no folders of images and of masks. */
function pairByTree(listed: Folder): FoundPairs | Failure {
  if (listed.folders.length === 0) return pairInOneFolder(listed);
  const walked = walkFolder(listed.path);
  if (walked instanceof Failure) return walked;
  // A folder of DICOM slices is one volume where something else lies beside it, such as its mask.
  const isAlone = (inside: string) => {
    const parent = walked.get(inside.replace(/\/?[^/]*$/, ''));
    return parent === undefined || isWithoutData(parent);
  };
  const tree = withSeries(walked, isAlone);
  const top = tree.get('') ?? listed;
  if (isBids(top)) return pairBids(top.path, tree);
  const inner = [...tree.values()].filter((folder) => folder !== tree.get('') && !isWithoutData(folder));
  if (isWithoutData(top) && inner.length > 0) {
    const found = pairNestedFolders(tree) ?? pairCaseFolders(top.path, tree);
    if (found !== undefined) return found;
  }
  const mixed = inner.flatMap(mixedSeries);
  if (isWithoutData(top) && mixed.length > 0) return { pairs: [], problems: mixed, notes: [] };
  const found = pairInOneFolder(top);
  if (found instanceof Failure && inner.length > 0) {
    const problem = { case: 'unpaired', folder: top.path, found: inner.map(({ path }) => path) } as const;
    return failure('images-missing', { problem });
  }
  const [file] = top.items.filter(({ kind }) => kind === 'data');
  if (file === undefined || inner.length === 0 || found instanceof Failure || found.pairs.length > 0)
    return found;
  const names = [file.path, ...inner.map(({ path }) => path)];
  return failure('layout-ambiguous', { doubt: { case: 'mixed', folder: top.path, found: names } });
}

/**
 * The pairs of image and mask in a folder, in the order of their names, and a failure for each file without a partner.
 *
 * Images are in `images` (or imagesTr) and masks in `masks` (or `labels`, labelsTr); or all are in one folder, and the names
 * of masks end in _mask, _label, -labels, _seg, _gt or the like. A mask has the image's name, or that name with such a
 * suffix. Files a_0000, a_0001 for a mask a are the channels of one image, as nnU-Net names them.
 */
export function findPairs(folder: string, options: PairOptions = {}): FoundPairs | Failure {
  const { images, masks } = options;
  if (isPattern(images) || isPattern(masks)) return pairByPatterns(folder, images ?? '', masks ?? '');
  const top = listFolder(folder);
  if (top instanceof Failure) return top;
  const json = readDatasetJson(folder);
  if (json instanceof Failure) return json;
  if (json?.listed?.field === 'dataset' && images === undefined && masks === undefined) {
    return pairAsListed(json, folder, json.listed);
  }
  const chosen = chooseFolders(top, options);
  if (chosen instanceof Failure) return chosen;
  if (chosen === undefined) return pairByTree(top);
  return json === undefined
    ? pairFolders(join(folder, chosen.images), join(folder, chosen.masks))
    : pairAsDescribed(json, folder, chosen);
}
