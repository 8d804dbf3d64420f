import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';

/**
 * Makes a folder and its missing parents. It does not use the recursive mkdir of Node 20, which never returns if a file
 * system allows no new folder in an existing one, such as /proc. A failure names `path`: the file that is to be written
 * into the folder, or the folder itself.
 */
export function makeFolder(folder: string, path: string = folder): Failure | undefined {
  try {
    const missing: string[] = [];
    let there = resolve(folder);
    while (!statSync(there, { throwIfNoEntry: false })) {
      const above = dirname(there);
      // The root of a drive that does not exist is its own parent.
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

/** Makes one folder, whose parent exists. Another process may make it first. */
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

/**
 * What is at a path. Undefined if nothing is, or if it cannot be inspected, such as below a file or in a folder of others: the
 * function that opens it reports why.
 */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Whether a path is a folder. */
export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** Whether two paths lead to one folder that exists. */
export function isSameFolder(one: string, other: string): boolean {
  const [first, second] = [one, other].map(statOf);
  return (
    first !== undefined &&
    second !== undefined &&
    first.isDirectory() &&
    first.dev === second.dev &&
    first.ino === second.ino
  );
}
