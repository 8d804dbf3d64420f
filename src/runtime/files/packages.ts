import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fieldOf, isObject } from '../../weights/json-text.js';

/** An npm package on this machine. */
export interface FoundPackage {
  readonly name: string;
  readonly folder: string;
  /** '' if its package.json cannot be read. */
  readonly version: string;
}

/**
 * The folders whose node_modules, and those of their parents, are searched for packages, in this order: the folder of this
 * code (our own dependencies, and the project around us), then the current folder (for a global installation of `unet`).
 */
export function searchFolders(): readonly string[] {
  return [dirname(fileURLToPath(import.meta.url)), process.cwd()];
}

/** Node's `require`, as for a file in that folder. */
export function requireFrom(folder: string): NodeJS.Require {
  return createRequire(join(folder, 'package.json'));
}

/** The nearest copy of a package. A copy with a damaged package.json counts; loading it shows what is wrong. */
export function findPackage(name: string, from: readonly string[]): FoundPackage | undefined {
  for (const start of from) {
    const folder = folderOf(name, requireFrom(start));
    if (folder === undefined) continue;
    const version = fieldOf(manifestOf(folder), 'version');
    return { name, folder, version: typeof version === 'string' ? version : '' };
  }
  return undefined;
}

function folderOf(name: string, require: NodeJS.Require): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    const folders = (require.resolve.paths(name) ?? []).map((folder) => join(folder, name));
    return folders.find((folder) => existsSync(join(folder, 'package.json')));
  }
}

/** The package.json of a folder; undefined if it cannot be read. */
export function manifestOf(folder: string): object | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
