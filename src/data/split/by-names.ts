import { readFileSync } from 'node:fs';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { stemOf } from '../files/file-names.js';
import { byGroup, divide, fileOf, type Grouping, type NamedSample, type Split } from './split.js';

/** What splitByNames reads of a sample. */
export interface FiledSample extends NamedSample {
  readonly images: readonly string[];
}

/**
 * Takes the named samples for validation. A name is the name of a sample, or of its file with or without the ending; the
 * name of a file with pages takes all of them. Fails for all names that match no sample, and if no sample is left for
 * training. Fails if samples of one group are in both parts; without `groups`, single pages of a file can be named, with a
 * note.
 */
export function splitByNames<T extends FiledSample>(
  samples: readonly T[],
  names: readonly string[],
  groups?: Grouping<T>,
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
  const divided = dividedGroups(split, groups ?? fileOf);
  if (divided.length === 0) return split;
  if (groups) return failure('group-divided', { groups: divided });
  const files = divided.map(({ group }) => group);
  const shown = files.length > LISTED ? `${files.slice(0, LISTED).join(', ')}, ...` : files.join(', ');
  return {
    ...split,
    notes: [
      `pages of the same file train and validate (${shown}); pages next to each other are alike, so expect a worse Dice ` +
        'on another file',
    ],
  };
}

/** How many names a message lists. */
const LISTED = 3;

/** A group that is in both parts, with the first names of each. */
interface DividedGroup {
  readonly group: string;
  readonly training: readonly string[];
  readonly validation: readonly string[];
}

function dividedGroups<T extends NamedSample>(
  { training, validation }: Split<T>,
  groupOf: Grouping<T>,
): readonly DividedGroup[] {
  const learned = byGroup(training, groupOf);
  const namesOf = (members: readonly T[]) => members.slice(0, LISTED).map(({ name }) => name);
  return [...byGroup(validation, groupOf)].flatMap(([group, members]) => {
    const others = learned.get(group);
    return others ? [{ group, training: namesOf(others), validation: namesOf(members) }] : [];
  });
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
