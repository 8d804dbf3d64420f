import { readFileSync } from 'node:fs';
import { type Failure, failure, fileFailure } from '../diagnostics/failure.js';
import { stemOf } from './files/file-names.js';
import { Rng } from './rng.js';

export interface Split<T> {
  readonly training: readonly T[];
  /** Empty if no image validates. */
  readonly validation: readonly T[];
}

/**
 * Takes a fraction of the samples for validation: none for 0, otherwise at least one and not all. Each sample draws a number
 * from a stream of the seed and its name, and the samples with the lowest numbers validate. So the order of the files does
 * not matter, and an added sample moves at most one other. Both parts keep the order of the samples.
 */
export function splitBySeed<T extends { readonly name: string }>(
  samples: readonly T[],
  fraction: number,
  seed: number,
): Split<T> | Failure {
  if (!(fraction >= 0 && fraction < 1)) return failure('validation-fraction', { fraction });
  if (fraction === 0) return { training: samples, validation: [] };
  if (samples.length < 2) return failure('single-image', {});
  const count = Math.min(samples.length - 1, Math.max(1, Math.round(fraction * samples.length)));
  const drawn = samples
    .map((sample) => ({ sample, number: new Rng(seed, `split/${sample.name}`).uniform(0, 1) }))
    .sort((a, b) => a.number - b.number || (a.sample.name < b.sample.name ? -1 : 1));
  const chosen = new Set(drawn.slice(0, count).map(({ sample }) => sample));
  return divide(samples, (sample) => chosen.has(sample));
}

/** What splitByNames reads of a sample. */
export interface NamedSample {
  readonly name: string;
  /** The name that all pages of its file share; the name itself when left out. */
  readonly stem?: string;
  readonly images: readonly string[];
}

/**
 * Takes the named samples for validation. A name is the name of a sample, or of its file with or without the ending; the
 * name of a file with pages takes all of them. Fails for all names that match no sample, and if no sample is left for
 * training.
 */
export function splitByNames<T extends NamedSample>(
  samples: readonly T[],
  names: readonly string[],
): Split<T> | Failure {
  const wanted = new Set(names.map((name) => stemOf(name)));
  const used = new Set<string>();
  const isChosen = ({ name, stem = name, images }: T) => {
    const files = images.map((path) => stemOf(path.replace(/^.*[/\\]/, '')));
    const hits = [name, stem, ...files].filter((one) => wanted.has(one));
    for (const hit of hits) used.add(hit);
    return hits.length > 0;
  };
  const split = divide(samples, isChosen);
  const unknown = names.filter((name) => !used.has(stemOf(name)));
  if (unknown.length > 0) {
    return failure('validation-names', { problem: { case: 'unknown', names: unknown } });
  }
  if (split.validation.length === 0) return failure('validation-names', { problem: { case: 'none' } });
  if (split.training.length === 0) return failure('validation-names', { problem: { case: 'all' } });
  return split;
}

/** The names in a text file, one per line, without empty lines and lines that begin with #. */
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
