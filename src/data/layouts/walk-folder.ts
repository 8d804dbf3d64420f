import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../diagnostics/failure.js';
import { type Folder, listFolder } from './list-folder.js';

/** Folders that are further down are not looked at. */
const DEEPEST = 8;

/** A folder's identity on its disk: links may lead back to a folder that contains them. */
function identity(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

/**
 * Lists a folder and all folders below it, by their paths relative to it, with `/` between names; the folder itself is "".
 */
export function walkFolder(path: string): ReadonlyMap<string, Folder> | Failure {
  const found = new Map<string, Folder>();
  const visit = (inside: string, above: readonly string[]): Failure | undefined => {
    const folder = listFolder(join(path, inside));
    if (folder instanceof Failure) return folder;
    const own = identity(folder.path);
    if (above.includes(own)) return undefined;
    found.set(inside, folder);
    if (above.length === DEEPEST) return undefined;
    for (const name of folder.folders) {
      const failed = visit(inside === '' ? name : `${inside}/${name}`, [...above, own]);
      if (failed !== undefined) return failed;
    }
    return undefined;
  };
  return visit('', []) ?? found;
}
