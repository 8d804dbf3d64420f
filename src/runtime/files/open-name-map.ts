import { existsSync, readFileSync } from 'node:fs';
import { Failure, fileFailure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { builtInMaps } from '../../weights/names/built-in-maps.js';
import { compileNameMap, type NameMap, readNameMap } from '../../weights/names/name-map.js';

/** What is wrong with the value of `--map`: it names no map that is built in, and no file. */
export function mapMisuse(nameOrPath: string): string | undefined {
  if (builtInMaps.has(nameOrPath) || existsSync(nameOrPath)) return undefined;
  const names = [...builtInMaps.keys()];
  const near = didYouMean(nameOrPath, names);
  const which = near === undefined ? `built in are ${names.join(', ')}` : `did you mean \`${near}\`?`;
  return `--map takes a file or the name of a built-in map, and \`${nameOrPath}\` is neither: ${which}`;
}

/** A map that is built in, or the one in a file. A failure lists all that is wrong with it. */
export function openNameMap(nameOrPath: string): NameMap | Failure {
  const builtIn = builtInMaps.get(nameOrPath);
  let text = '';
  try {
    if (!builtIn) text = readFileSync(nameOrPath, 'utf8');
  } catch (error) {
    return fileFailure('read', nameOrPath, error);
  }
  const reading = builtIn ? compileNameMap(builtIn) : readNameMap(text);
  if (reading.ok) return reading.map;
  return new Failure(
    `the map ${nameOrPath} has errors:\n${reading.problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}
