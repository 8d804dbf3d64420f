import { join } from 'node:path';
import { Failure, failure } from '../../diagnostics/failure.js';
import { listText } from '../../diagnostics/wording.js';
import { pairByClassFolders } from './by-class/class-folders.js';
import { cityscapesTrees } from './by-folder/cityscapes.js';
import { hasOtherData, withSeries } from './dicom-series.js';
import type { FilePair, FoundPairs } from './file-pair.js';
import type { Folder, Item } from './list-folder.js';
import { pairItems } from './pair-items.js';
import { walkFolder } from './walk-folder.js';

/** What is known about the files of two folders. */
export interface FolderRules {
  /** The ending of the files that are part of the set; any when left out. */
  readonly ending?: string | undefined;
  /** The classes by their label. */
  readonly classNames?: readonly string[] | undefined;
}

type Tree = ReadonlyMap<string, Folder>;

const isData = ({ kind }: Item) => kind === 'data';

const dataIn = (folder: Folder | undefined) => folder?.items.filter(isData).length ?? 0;

/** The tree without files of other endings, and how many there were. */
function onlyEnding(
  tree: Tree,
  ending: string | undefined,
): { readonly tree: Tree; readonly left: readonly string[] } {
  if (ending === undefined) return { tree, left: [] };
  const isOther = (item: Item) => isData(item) && !item.name.toLowerCase().endsWith(ending.toLowerCase());
  const left: string[] = [];
  const kept = new Map<string, Folder>();
  for (const [inside, folder] of tree) {
    left.push(...folder.items.filter(isOther).map(({ name }) => name));
    kept.set(inside, { ...folder, items: folder.items.filter((item) => !isOther(item)) });
  }
  return { tree: kept, left };
}

/** Pairs the images below one folder with the masks below another: in each, the folders have the same names. */
export function pairFolders(
  imagePath: string,
  maskPath: string,
  rules: FolderRules = {},
): FoundPairs | Failure {
  const imageTree = walkFolder(imagePath);
  if (imageTree instanceof Failure) return imageTree;
  const maskTree = walkFolder(maskPath);
  if (maskTree instanceof Failure) return maskTree;
  // DICOM files in images/train are single images where masks/train contains masks.
  const isSetBeside = (other: Tree) => (inside: string) => {
    const folder = other.get(inside);
    return folder !== undefined && hasOtherData(folder);
  };
  const series = [
    withSeries(imageTree, isSetBeside(maskTree)),
    withSeries(maskTree, isSetBeside(imageTree)),
  ] as const;
  const [images, masks] = [onlyEnding(series[0], rules.ending), onlyEnding(series[1], rules.ending)];
  const renamed = cityscapesTrees(images.tree, masks.tree);
  if (renamed instanceof Failure) return renamed;
  const paired = pairTrees(renamed?.images ?? images.tree, renamed?.masks ?? masks.tree, rules);
  const found = { ...paired, notes: [...(renamed?.notes ?? []), ...paired.notes] };
  const isEmpty = ![...images.tree.values(), ...masks.tree.values()].some((one) => dataIn(one) > 0);
  const folders = [imagePath, maskPath];
  const others = [...images.left, ...masks.left];
  const [example] = others;
  const left = others.length;
  if (isEmpty && rules.ending !== undefined && example !== undefined) {
    const problem = { case: 'ending', folders, ending: rules.ending, files: left, example } as const;
    return failure('images-missing', { problem });
  }
  if (isEmpty && found.problems.length === 0) {
    return failure('images-missing', { problem: { case: 'empty', folders } });
  }
  const note = `dataset.json takes files with the ending ${rules.ending}: ${left === 1 ? 'one file' : `${left} files`} with other endings ${left === 1 ? 'is' : 'are'} left out`;
  return left === 0 ? found : { ...found, notes: [...found.notes, note] };
}

function pairTrees(images: Tree, masks: Tree, { classNames }: FolderRules): FoundPairs {
  const byClass = pairByClassFolders(images, masks, classNames);
  if (byClass !== undefined) return byClass;
  const insides = [...new Set([...images.keys(), ...masks.keys()])].sort();
  const parts: { readonly inside: string; readonly found: FoundPairs }[] = [];
  const lonely: { readonly folder: Folder; readonly failure: Failure }[] = [];
  for (const inside of insides) {
    const [own, other] = [images.get(inside), masks.get(inside)];
    const [ownFiles, otherFiles] = [dataIn(own), dataIn(other)];
    const isWhole = ownFiles > 0 && otherFiles > 0;
    if (own && other && (isWhole || inside === '')) {
      const found = pairItems(own, other, classNames);
      // With files on one side only, their partners may be folders of slices, which are not read, or lie further down.
      const isElsewhere = !isWhole && found.problems.every(({ code }) => code === 'partner-missing');
      if (!isElsewhere || insides.length === 1) {
        parts.push({ inside, found });
        continue;
      }
    }
    const [folder, missing, missingIn] =
      ownFiles > 0
        ? [own, 'masks' as const, join(masks.get('')?.path ?? '', inside)]
        : [other, 'images' as const, join(images.get('')?.path ?? '', inside)];
    const files = Math.max(ownFiles, otherFiles);
    if (folder === undefined || files === 0) continue;
    const args = { folder: folder.path, files, missing, other: missingIn };
    lonely.push({ folder, failure: failure('folder-unpaired', args) });
  }
  return joined(parts, lonely);
}

function joined(
  parts: readonly { readonly inside: string; readonly found: FoundPairs }[],
  lonely: readonly { readonly folder: Folder; readonly failure: Failure }[],
): FoundPairs {
  const withPairs = parts.filter(({ found }) => found.pairs.length > 0);
  const isFlat = withPairs.every(({ inside }) => inside === '') && withPairs.length > 0;
  const counts = new Map<string, number>();
  for (const { found } of parts) {
    for (const { name } of found.pairs) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const named = (pair: FilePair, inside: string): FilePair =>
    counts.get(pair.name) === 1 || inside === '' ? pair : { ...pair, name: `${inside}/${pair.name}` };
  const notes = [...new Set(parts.flatMap(({ found }) => found.notes))];
  const description = parts.find(({ found }) => found.description !== undefined)?.found.description;
  if (!isFlat && withPairs.length > 0) {
    const insides = withPairs.map(({ inside }) => inside || '.');
    const shown =
      insides.length > 4
        ? `${insides.slice(0, 3).join(', ')} and ${insides.length - 3} more`
        : listText(insides, 'and');
    notes.push(`images and masks are paired in folders of the same names: ${shown}`);
  }
  if (isFlat && lonely.length > 0) {
    notes.push(
      `left out, because only images or only masks are in them: ${listText(
        lonely.map(({ folder }) => folder.path),
        'and',
      )}`,
    );
  }
  return {
    pairs: parts.flatMap(({ inside, found }) => found.pairs.map((pair) => named(pair, inside))),
    problems: [
      ...parts.flatMap(({ found }) => found.problems),
      ...(isFlat ? [] : lonely.map((one) => one.failure)),
    ],
    notes,
    ...(description === undefined ? {} : { description }),
  };
}
