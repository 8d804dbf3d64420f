import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tf } from '../../../codegen/tfjs/tf.js';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { fieldOf, isObject } from '../../weights/json-text.js';
import { installCommand, TFJS_VERSION, type TfjsEngineKind } from './engines/engine-kinds.js';

/** An npm package on this machine. */
export interface FoundPackage {
  readonly name: string;
  readonly folder: string;
  /** '' where its package.json can't be read. */
  readonly version: string;
}

/** A package that an engine needs is absent. */
export function notInstalled(name: string, kind: TfjsEngineKind): Failure {
  return failure('engine-not-installed', { package: name, command: installCommand(kind) });
}

/** Whether an engine fails only because it is not installed: nothing is wrong then. */
export function isAbsence({ code }: Failure): boolean {
  return code === 'engine-not-installed';
}

/**
 * Folders in and above whose node_modules packages are looked for, in this order: where this code lies (the
 * package's own dependencies, and the project it is installed in), then the folder of work (where `unet` itself
 * is installed for the whole machine).
 */
export function searchFolders(): readonly string[] {
  return [dirname(fileURLToPath(import.meta.url)), process.cwd()];
}

/** Node's resolution as a file in that folder has it. */
export function requireFrom(folder: string): NodeJS.Require {
  return createRequire(join(folder, 'package.json'));
}

/** The nearest copy of a package. One whose package.json is damaged counts: what is wrong shows when it is loaded. */
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

/** The package.json of a folder; undefined where it can't be read. */
export function manifestOf(folder: string): object | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The package's CommonJS exports, or why it can't be loaded. What it says while it loads is held back: a second copy
 * of TensorFlow.js warns of every kernel, and what tfjs-node stands on of what Node deprecates.
 */
export function loadPackage({ name, folder, version }: FoundPackage): unknown | Failure {
  const { warn } = console;
  const { noDeprecation = false } = process;
  console.warn = () => {};
  process.noDeprecation = true;
  try {
    return requireFrom(folder)(folder);
  } catch (error) {
    return failure('engine-not-loaded', { package: name, version, reason: reasonOf(error) });
  } finally {
    console.warn = warn;
    process.noDeprecation = noDeprecation;
  }
}

/** `@tensorflow/tfjs`; a warning where it is not the release that everything here is tested with. */
export function loadTf(
  from: readonly string[],
  kind: TfjsEngineKind,
): { readonly tf: Tf; readonly warnings: readonly string[] } | Failure {
  const found = findPackage('@tensorflow/tfjs', from);
  if (found === undefined) return notInstalled('@tensorflow/tfjs', kind);
  const exports = loadPackage(found);
  if (exports instanceof Failure) return exports;
  const warnings =
    found.version === TFJS_VERSION
      ? []
      : [`@tensorflow/tfjs ${found.version} was found; unet is tested with ${TFJS_VERSION}`];
  // The package's exports are the namespace that its declarations describe.
  return { tf: exports as Tf, warnings };
}
