import { createHash } from 'node:crypto';
import { resolve, sep } from 'node:path';
import { isObject } from '../../weights/json-text.js';
import { specTokens } from './spec-tokens.js';

/** A file of the spec: the compiled file, or one that it imports. */
export interface SpecText {
  readonly path: string;
  readonly text: string;
}

/** The value of `normalize` that a training has measured, and the texts that contain it. */
export interface MeasuredSpec {
  /** The value as the spec writes it. */
  readonly written: string;
  readonly found: string;
  /** The same files as those of `spec`. */
  readonly spec: RunSettings['spec'];
}

/** The settings of a run: a run continues only if all of them are the same. */
export interface RunSettings {
  readonly network: string;
  /** The compiled file first, then all files that it imports, without those of the library. */
  readonly spec: readonly [SpecText, ...SpecText[]];
  /** What training measured in place of `ct(auto)`. It follows from the rest, so it is not a part of the hashes. */
  readonly measured?: MeasuredSpec | undefined;
  /** All values that are set: recipe, seed, overrides. JSON values only. */
  readonly recipe: object;
  /** A description of the data: samples, their sizes and hashes, classes, the split. JSON values only. */
  readonly data: object;
}

/** Equal settings have equal hashes. */
export interface RunHashes {
  readonly spec: string;
  readonly recipe: string;
  readonly data: string;
}

/** JSON with the keys of objects sorted, so that equal values have equal texts. */
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

/** The paths of the files below their common folder, with `/`. */
export function relativePaths(spec: RunSettings['spec']): string[] {
  const parts = spec.map(({ path }) => resolve(path).split(sep));
  const [first = []] = parts;
  let common = 0;
  while (common < first.length - 1 && parts.every((part) => part[common] === first[common])) common++;
  return parts.map((part) => part.slice(Math.min(common, part.length - 1)).join('/'));
}

export function hashesOf({ network, spec, recipe, data }: RunSettings): RunHashes {
  const paths = relativePaths(spec);
  // Comments, white space and recipes do not change the network.
  const [entry, ...imports] = spec.map(({ text }, i) => {
    const tokens = specTokens(text).map((token) => token.text);
    return [paths[i], tokens.join('\n')];
  });
  // The name of a single file does not change the network.
  const files = imports.length === 0 ? [entry?.[1]] : [entry, ...imports.toSorted()];
  return { spec: hashOf([network, files]), recipe: hashOf(recipe), data: hashOf(data) };
}

/** One hash of all settings, for checkpoints. */
export function settingsHash(settings: RunSettings): string {
  return hashOf(hashesOf(settings));
}
