import { join } from 'node:path';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { beginsAsDicom, isDicomFolder } from '../../formats/dicom/files.js';
import { fileEnding, formatByName } from '../../formats/format-of.js';
import type { Folder, Item } from './list-folder.js';

type Tree = ReadonlyMap<string, Folder>;

/** Scanners name files IM0001, or by a number with dots. */
const isBareName = (name: string) => /^\d*$/.test(fileEnding(name)) && formatByName(name) === undefined;

/** The items, with DICOM files as data where their names do not say it. */
function recognised(items: readonly Item[]): readonly Item[] {
  return items.map((item) => {
    const isDicom = item.kind === 'unread' && isBareName(item.name) && beginsAsDicom(item.path);
    return isDicom ? { ...item, stem: item.name.normalize('NFC'), kind: 'data' } : item;
  });
}

/**
 * The tree with each folder of DICOM slices as one item of the folder that contains it, which is named like the folder.
 *
 * @param isSet whether a folder of DICOM files is a set of single images, by its path in the tree
 */
export function withSeries(tree: Tree, isSet: (inside: string) => boolean): Tree {
  const series = new Set(
    [...tree].flatMap(([inside, { path, folders }]) =>
      inside !== '' && folders.length === 0 && isDicomFolder(path) && !isSet(inside) ? [inside] : [],
    ),
  );
  const result = new Map<string, Folder>();
  for (const [inside, folder] of tree) {
    if (series.has(inside)) continue;
    const isSeries = (name: string) => series.has(inside === '' ? name : `${inside}/${name}`);
    const own = folder.folders.filter(isSeries).map((name): Item => {
      return { path: join(folder.path, name), name, stem: name.normalize('NFC'), kind: 'data' };
    });
    const items = recognised(folder.items);
    result.set(inside, {
      ...folder,
      items: own.length === 0 ? items : [...items, ...own].sort((a, b) => (a.name < b.name ? -1 : 1)),
      folders: folder.folders.filter((name) => !isSeries(name)),
    });
  }
  return result;
}

/** A failure for a folder in which a file of another format lies among DICOM files, which are not a series then. */
export function mixedSeries({ path, items }: Folder): Failure[] {
  const data = items.filter(({ kind }) => kind === 'data');
  const other = data.find(({ name }) => ![undefined, 'DICOM'].some((one) => one === formatByName(name)));
  if (other === undefined || !data.some((item) => beginsAsDicom(item.path))) return [];
  return [failure('series-unread', { path, problem: { case: 'other-file', other: other.path } })];
}

/** Whether a folder has files that are read and are no DICOM. */
export function hasOtherData({ items }: Folder): boolean {
  return items.some(({ kind, name }) => kind === 'data' && formatByName(name) !== 'DICOM');
}
