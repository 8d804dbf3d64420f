import { existsSync, readFileSync } from 'node:fs';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { didYouMean } from '../../diagnostics/suggest.js';
import { builtInMaps } from '../../weights/names/built-in-maps.js';
import { compileNameMap, type NameMap, readNameMap } from '../../weights/names/name-map.js';

/** What is wrong with the value of `--map`: it names no built-in map, and no file. */
export function unknownMap(nameOrPath: string): Failure | undefined {
  if (builtInMaps.has(nameOrPath) || existsSync(nameOrPath)) return undefined;
  const maps = [...builtInMaps.keys()];
  return failure('unknown-map', { map: nameOrPath, maps, nearest: didYouMean(nameOrPath, maps) });
}

/** A built-in map, or the one in a file. A failure lists all its errors. */
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
  return failure('invalid-map', { map: nameOrPath, problems: reading.problems });
}
