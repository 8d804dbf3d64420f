import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkRecipe } from '../../src/autodiff/checks/check-recipe.js';
import { compile } from '../../src/compiler/compile.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { compileWith, readFixture } from './fixture-format.js';

export const brokenFolder = join(import.meta.dirname, '..', 'fixtures', 'broken');

/** The broken specs, relative to their folder. What stands in a `parts` folder is only imported by others. */
export const brokenFiles: readonly string[] = readdirSync(brokenFolder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.unet') && !file.split('/').includes('parts'))
  .sort();

export function readBroken(file: string): string {
  return readFileSync(join(brokenFolder, file), 'utf8');
}

/**
 * Compiles a fixture's spec, or an edited version of it. Imports are read from the folder of the fixtures, unless
 * `edited` has another text for them. In the folder `training`, each network is also checked with each recipe.
 */
export function compileBroken(
  file: string,
  text: string,
  edited: ReadonlyMap<string, string> = new Map(),
): readonly Diagnostic[] {
  const read = (path: string) =>
    edited.get(path) ?? (isFile(path) ? readFixture(readBroken(path)).text : undefined);
  const diagnostics = compileWith(file, text, read);
  return file.startsWith('training/') ? [...diagnostics, ...recipeDiagnostics(file, text)] : diagnostics;
}

/** What training each network of a text with each recipe of it reports. */
function recipeDiagnostics(file: string, text: string): readonly Diagnostic[] {
  const { networks, recipes } = compile(file, text);
  return networks.flatMap((network) => recipes.flatMap((recipe) => checkRecipe(network, recipe)));
}

function isFile(path: string): boolean {
  return statSync(join(brokenFolder, path), { throwIfNoEntry: false })?.isFile() ?? false;
}
