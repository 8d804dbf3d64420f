import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';

/**
 * Makes a folder and those above it that are missing. Not by the recursive mkdir of Node 20, which tries for ever where
 * a file system has the folder above and takes no new one in it, as /proc does. `path` is what a failure names: the
 * file that is to be written into the folder, or the folder itself.
 */
export function makeFolder(folder: string, path: string = folder): Failure | undefined {
  try {
    const missing: string[] = [];
    let there = resolve(folder);
    while (!statSync(there, { throwIfNoEntry: false })) {
      const above = dirname(there);
      // The root of a drive that is not there is above itself.
      if (above === there) return failure('file-unwritable', { path, cause: 'no-root' });
      missing.push(there);
      there = above;
    }
    for (const one of missing.reverse()) {
      const failed = makeOne(one, path);
      if (failed) return failed;
    }
    if (statSync(folder).isDirectory()) return undefined;
    return failure('file-unwritable', { path, cause: 'ENOTDIR' });
  } catch (error) {
    return fileFailure('write', path, error);
  }
}

/** Makes one folder, whose parent is there; another process may have been faster. */
function makeOne(folder: string, path: string): Failure | undefined {
  try {
    mkdirSync(folder);
    return undefined;
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    const isRefused = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isRefused) return fileFailure('write', path, error);
    return failure('file-unwritable', { path, cause: 'no-new-folder' });
  }
}

/** Whether a path is a folder. Where it cannot be looked at, the function that opens it reports why. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
