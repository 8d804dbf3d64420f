import { createHash } from 'node:crypto';
import { resolve, sep } from 'node:path';
import { isObject } from '../../weights/json-text.js';
import { specTokens } from './spec-tokens.js';

/** A file of the spec: the one that was compiled, or one that it imports. */
export interface SpecText {
  readonly path: string;
  readonly text: string;
}

/** What a run is of: a folder is gone on with only where all of it is the same. */
export interface RunSettings {
  readonly network: string;
  /** The compiled file first, then all that it imports, without the library's own. */
  readonly spec: readonly [SpecText, ...SpecText[]];
  /** Everything that is set: recipe, seed, overrides. JSON values only. */
  readonly recipe: object;
  /** Everything that says which data these are: samples, their sizes or hashes, classes, the split. JSON values only. */
  readonly data: object;
}

/** Equal where the settings are. */
export interface RunHashes {
  readonly spec: string;
  readonly recipe: string;
  readonly data: string;
}

/** JSON with the keys of objects sorted, so that equal values are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    isObject(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : one,
  );
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** The files' paths below the folder that holds all of them, with `/`. */
export function relativePaths(spec: RunSettings['spec']): string[] {
  const parts = spec.map(({ path }) => resolve(path).split(sep));
  const [first = []] = parts;
  let common = 0;
  while (common < first.length - 1 && parts.every((part) => part[common] === first[common])) common++;
  return parts.map((part) => part.slice(Math.min(common, part.length - 1)).join('/'));
}

export function hashesOf({ network, spec, recipe, data }: RunSettings): RunHashes {
  const paths = relativePaths(spec);
  // Comments, white space and recipes make no other network.
  const [entry, ...imports] = spec.map(({ text }, i) => {
    const said = specTokens(text).map((token) => token.text);
    return [paths[i], said.join('\n')];
  });
  // The name of a file that stands alone says nothing about what is in it.
  const files = imports.length === 0 ? [entry?.[1]] : [entry, ...imports.toSorted()];
  return { spec: hashOf([network, files]), recipe: hashOf(recipe), data: hashOf(data) };
}

/** One hash of all settings, for checkpoints. */
export function settingsHash(settings: RunSettings): string {
  return hashOf(hashesOf(settings));
}
