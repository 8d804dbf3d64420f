import { join } from 'node:path';
import { Failure } from '../../diagnostics/failure.js';
import { type Folder, listFolder } from './list-folder.js';

/** Folders that are further down are not looked at: links may lead back. */
const DEEPEST = 8;

/**
 * Lists a folder and all folders below it, by their paths relative to it, with `/` between names; the folder itself is "".
 */
export function walkFolder(path: string): ReadonlyMap<string, Folder> | Failure {
  const found = new Map<string, Folder>();
  const visit = (inside: string, depth: number): Failure | undefined => {
    const folder = listFolder(join(path, inside));
    if (folder instanceof Failure) return folder;
    found.set(inside, folder);
    if (depth === DEEPEST) return undefined;
    for (const name of folder.folders) {
      const failed = visit(inside === '' ? name : `${inside}/${name}`, depth + 1);
      if (failed !== undefined) return failed;
    }
    return undefined;
  };
  return visit('', 0) ?? found;
}
