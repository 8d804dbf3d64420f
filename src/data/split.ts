import { readFileSync } from 'node:fs';
import { Failure, fileFailure } from '../diagnostics/failure.js';
import { stemOf } from './files/file-names.js';
import { Rng } from './rng.js';

export interface Split<T> {
  readonly training: readonly T[];
  /** Empty where nothing is validated. */
  readonly validation: readonly T[];
}

/**
 * Takes a fraction of the samples for validation: none of 0, else at least one and not all. Each sample draws a number from
 * a stream of the seed and its name, and those with the lowest numbers are taken: the order of the files does not
 * matter, and a sample that is added moves at most one other. Both parts keep the order of the samples.
 */
export function splitBySeed<T extends { readonly name: string }>(
  samples: readonly T[],
  fraction: number,
  seed: number,
): Split<T> | Failure {
  if (!(fraction >= 0 && fraction < 1)) {
    return new Failure(
      `the part for validation is a number above 0 and below 1, or 0 for none, not ${fraction}`,
    );
  }
  if (fraction === 0) return { training: samples, validation: [] };
  if (samples.length < 2) {
    return new Failure(
      'a data set of one image cannot be split into two parts: one to train with and one to validate; --validation 0, ' +
        'or a part of 0 in a program, trains with it and measures nothing; or cut the image, and its mask, into two files',
    );
  }
  const count = Math.min(samples.length - 1, Math.max(1, Math.round(fraction * samples.length)));
  const drawn = samples
    .map((sample) => ({ sample, number: new Rng(seed, `split/${sample.name}`).uniform(0, 1) }))
    .sort((a, b) => a.number - b.number || (a.sample.name < b.sample.name ? -1 : 1));
  const chosen = new Set(drawn.slice(0, count).map(({ sample }) => sample));
  return divide(samples, (sample) => chosen.has(sample));
}

/**
 * Takes the named samples for validation: by a sample's name, its file's name with or without the ending, or, for the
 * pages of a file, the name of the file. Fails for names that are no sample, all at once, and where nothing is left
 * for training.
 */
export function splitByNames<T extends { readonly name: string; readonly images: readonly string[] }>(
  samples: readonly T[],
  names: readonly string[],
): Split<T> | Failure {
  const wanted = new Set(names.map((name) => stemOf(name)));
  const used = new Set<string>();
  const isChosen = (sample: T) => {
    const files = sample.images.map((path) => stemOf(path.replace(/^.*[/\\]/, '')));
    const hits = [sample.name, sample.name.replace(/#\d+$/, ''), ...files].filter((name) => wanted.has(name));
    for (const hit of hits) used.add(hit);
    return hits.length > 0;
  };
  const split = divide(samples, isChosen);
  const unknown = names.filter((name) => !used.has(stemOf(name)));
  if (unknown.length > 0) return new Failure(`there is no image ${unknown.join(', ')} to validate with`);
  if (split.validation.length === 0) return new Failure('no image is named to validate with');
  if (split.training.length === 0)
    return new Failure('every image is named to validate with: none is left to train');
  return split;
}

/** The names in a text file, one a line; empty lines and those that begin with # are left out. */
export function readNames(path: string): readonly string[] | Failure {
  try {
    const lines = readFileSync(path, 'utf8').split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (error) {
    return fileFailure('read', path, error);
  }
}

function divide<T>(samples: readonly T[], isChosen: (sample: T) => boolean): Split<T> {
  const training: T[] = [];
  const validation: T[] = [];
  for (const sample of samples) (isChosen(sample) ? validation : training).push(sample);
  return { training, validation };
}
