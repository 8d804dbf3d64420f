import type { FilePair, FoundPairs } from '../file-pair.js';
import type { Folder } from '../list-folder.js';
import { pairNamed } from '../one-folder.js';

/**
 * Pairs images with masks that lie beside them in several folders, such as one for each patient. Undefined where no folder
 * has such a pair.
 */
export function pairNestedFolders(tree: ReadonlyMap<string, Folder>): FoundPairs | undefined {
  const folders = [...tree].filter(([, { items }]) => items.some(({ kind }) => kind === 'data'));
  const found = folders.map(([inside, folder]) => ({ inside, found: pairNamed(folder) }));
  if (found.every((one) => one.found.pairs.length === 0)) return undefined;
  const counts = new Map<string, number>();
  for (const one of found)
    for (const { name } of one.found.pairs) counts.set(name, (counts.get(name) ?? 0) + 1);
  const named = (pair: FilePair, inside: string): FilePair =>
    counts.get(pair.name) === 1 ? pair : { ...pair, name: `${inside}/${pair.name}` };
  return {
    pairs: found.flatMap(({ inside, found: { pairs } }) => pairs.map((pair) => named(pair, inside))),
    problems: found.flatMap((one) => one.found.problems),
    notes: [
      `images and masks lie beside each other in ${found.length} folders`,
      ...new Set(found.flatMap((one) => one.found.notes)),
    ],
  };
}
