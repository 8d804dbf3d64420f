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
  /** '' if its package.json cannot be read. */
  readonly version: string;
}

/** The failure of an engine whose package is not installed. */
export function notInstalled(name: string, kind: TfjsEngineKind): Failure {
  return failure('engine-not-installed', { package: name, command: installCommand(kind) });
}

/** Whether an engine fails only because it is not installed. */
export function isAbsence({ code }: Failure): boolean {
  return code === 'engine-not-installed';
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

/**
 * The package's CommonJS exports, or why it does not load. Warnings while it loads are not shown: a second copy of
 * TensorFlow.js warns about every kernel, and the dependencies of tfjs-node cause deprecation warnings of Node.
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

/** `@tensorflow/tfjs`, with a warning if it is not the release that we test with. */
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
  // The package exports the namespace that its declarations describe.
  return { tf: exports as Tf, warnings };
}
