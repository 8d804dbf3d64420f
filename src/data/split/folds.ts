import { type Failure, failure } from '../../diagnostics/failure.js';
import { Rng } from '../rng.js';
import { assignFolds } from './assign-folds.js';
import { blockOfPages, pagesOfOneFile } from './page-blocks.js';
import { byGroup, divide, fileOf, type Grouping, type NamedSample, type Split } from './split.js';

/** Which fold validates. */
export interface FoldOptions<T> {
  /** How many folds there are, from 2. */
  readonly count: number;
  /** The fold that validates, from 1 to `count`. */
  readonly index: number;
  /** All folds of one cross-validation have the same seed; 0 when left out. */
  readonly seed?: number;
  /** The group of each sample; the pages of a file are a group when left out. */
  readonly groups?: Grouping<T>;
  /** Whether a sample shows each class: every class is spread over the folds. Nothing is spread when left out. */
  readonly classes?: (sample: T) => readonly boolean[];
}

/**
 * The split of one fold of a cross-validation: the samples of the fold validate, and all others train. Each sample
 * validates in exactly one fold. All samples of a group are in one fold. The folds have as equal numbers of samples as the
 * groups allow, and as equal numbers of samples that show each class as these sizes allow. The folds depend on the seed and
 * the names, and not on the order of the samples.
 *
 * If all samples are pages of one file, each fold is a block of neighbouring pages, with a note. Fails if there are fewer
 * groups than folds, and for a fold that does not exist.
 */
export function foldOf<T extends NamedSample>(
  samples: readonly T[],
  { count, index, seed = 0, groups, classes = () => [] }: FoldOptions<T>,
): Split<T> | Failure {
  const isFold = Number.isSafeInteger(count) && count >= 2 && Number.isSafeInteger(index);
  if (!isFold || index < 1 || index > count) return failure('fold-number', { index, count });
  const choice = { fold: { index, count } };
  const pages = groups ? undefined : pagesOfOneFile(samples);
  const parts = pages ? [] : [...byGroup(samples, groups ?? fileOf)];
  const available = pages?.length ?? parts.length;
  if (available < count) {
    const of = pages ? 'pages' : groups ? 'groups' : 'files';
    return failure('fold-count', { count, available, of });
  }
  if (pages) {
    const [start, end] = [index - 1, index].map((i) => Math.round((i * pages.length) / count));
    return { ...blockOfPages(samples, pages, start ?? 0, end ?? 0), choice };
  }
  const drawn = parts
    .map(([group, members]) => ({
      group,
      size: members.length,
      shows: sumOf(members.map((sample) => classes(sample))),
      number: new Rng(seed, `fold/${group}`).uniform(0, 1),
    }))
    .sort((a, b) => a.number - b.number || (a.group < b.group ? -1 : 1));
  const folds = assignFolds(drawn, count);
  const chosen = new Set(drawn.flatMap(({ group }, i) => (folds[i] === index - 1 ? [group] : [])));
  const groupOf = groups ?? fileOf;
  return { ...divide(samples, (sample) => chosen.has(groupOf(sample))), choice };
}

/** How many samples show each class. */
function sumOf(shown: readonly (readonly boolean[])[]): readonly number[] {
  const classes = Math.max(0, ...shown.map(({ length }) => length));
  return Array.from({ length: classes }, (_, label) => shown.filter((one) => one[label]).length);
}
