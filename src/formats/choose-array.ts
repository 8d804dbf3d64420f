import { type Failure, failure } from '../diagnostics/failure.js';

/** What programs call the image in a file that contains its mask, too. */
const IMAGE = /^(raw|images?|imgs?)$/i;

/** The last part of a name such as `/volumes/raw`. */
export const lastPart = (name: string) => name.replace(/^.*\//, '');

/**
 * The array to read of a file: the one that was named, or the only one, or `raw`, or the only one that is named as an image.
 */
export function chooseArray(
  path: string,
  names: readonly string[],
  chosen: string | undefined,
): string | Failure {
  const named = names.filter((name) => (chosen === undefined ? IMAGE.test(lastPart(name)) : name === chosen));
  const candidates = [
    chosen === undefined && names.length > 1 ? names.filter((name) => name === 'raw') : [],
    chosen === undefined && names.length === 1 ? names : named,
  ];
  const found = candidates.find(({ length }) => length === 1)?.[0];
  if (found !== undefined) return found;
  return failure('array-not-chosen', { path, arrays: names, ...(chosen === undefined ? {} : { chosen }) });
}
