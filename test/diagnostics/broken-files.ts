import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
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
 * Compiles a fixture's spec, or an edited version of it; imports are read from the folder of the fixtures, unless
 * `edited` has another text for them.
 */
export function compileBroken(
  file: string,
  text: string,
  edited: ReadonlyMap<string, string> = new Map(),
): readonly Diagnostic[] {
  return compileWith(
    file,
    text,
    (path) => edited.get(path) ?? (isFile(path) ? readFixture(readBroken(path)).text : undefined),
  );
}

function isFile(path: string): boolean {
  return statSync(join(brokenFolder, path), { throwIfNoEntry: false })?.isFile() ?? false;
}
