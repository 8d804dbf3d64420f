import { type Failure, failure } from '../../diagnostics/failure.js';
import { Rng } from '../rng.js';
import { blockOfPages, pagesOfOneFile } from './page-blocks.js';
import { byGroup, divide, fileOf, type Grouping, type NamedSample, type Split } from './split.js';

/**
 * Takes a fraction of the samples for validation: none for 0, otherwise at least one group and not all. All samples of a
 * group are on one side; the pages of a file are a group unless `groups` says otherwise. Each group draws a number from a
 * stream of the seed and its name. In the order of these numbers, a group validates if it brings the number of samples
 * nearer to the fraction. So the order of the files does not matter; where every group has one sample, an added sample
 * moves at most one other. Both parts keep the order of the samples.
 *
 * If all samples are pages of one file, a block of neighbouring pages validates, with a note. If they are one group by
 * `groups`, or one image, it fails.
 */
export function splitBySeed<T extends NamedSample>(
  samples: readonly T[],
  fraction: number,
  seed: number,
  groups?: Grouping<T>,
): Split<T> | Failure {
  if (!(fraction >= 0 && fraction < 1)) return failure('validation-fraction', { fraction });
  if (fraction === 0) return { training: samples, validation: [] };
  if (samples.length < 2) return failure('single-image', {});
  const target = fraction * samples.length;
  const pages = groups ? undefined : pagesOfOneFile(samples);
  if (pages) {
    const count = Math.min(pages.length - 1, Math.max(1, Math.round(target)));
    const start = new Rng(seed, `split/pages of ${fileOf(pages[0] ?? { name: '' })}`).index(
      pages.length - count + 1,
    );
    return blockOfPages(samples, pages, start, start + count);
  }
  const parts = [...byGroup(samples, groups ?? fileOf)];
  const [first] = parts;
  if (first && parts.length === 1)
    return failure('single-group', { group: first[0], samples: samples.length });
  const drawn = parts
    .map(([group, members]) => ({
      group,
      members,
      number: new Rng(seed, `split/${group}`).uniform(0, 1),
    }))
    .sort((a, b) => a.number - b.number || (a.group < b.group ? -1 : 1));
  const chosen = new Set<T>();
  let left = drawn.length;
  for (const { members } of drawn) {
    const isNearer = Math.abs(chosen.size + members.length - target) <= Math.abs(chosen.size - target);
    if (!isNearer || left === 1) continue;
    left -= 1;
    for (const sample of members) chosen.add(sample);
  }
  if (chosen.size === 0) {
    const smallest = drawn.reduce((best, one) => (one.members.length < best.members.length ? one : best));
    for (const sample of smallest.members) chosen.add(sample);
  }
  return divide(samples, (sample) => chosen.has(sample));
}
