import { countedText, listText, withLines } from '../../wording.js';
import { error } from '../definition.js';
import type { ImageNames } from './image-names.js';

/** Why a text is not a pattern of groups. */
export type GroupPatternProblem =
  | { readonly case: 'places' }
  | { readonly case: 'captures'; readonly count: number }
  | { readonly case: 'expression'; readonly reason: string };

function patternText(pattern: string, problem: GroupPatternProblem): string {
  switch (problem.case) {
    case 'places':
      return `the pattern \`${pattern}\` contains {group} more than once`;
    case 'captures':
      return `the pattern \`${pattern}\` has ${problem.count === 0 ? 'neither {group} nor a capture group' : `${problem.count} capture groups`}`;
    case 'expression':
      return `the pattern \`${pattern}\` is not a regular expression: ${problem.reason}`;
  }
}

/** A group with images on both sides of a split: the first names of each side. */
export interface DividedGroup {
  readonly group: string;
  readonly training: readonly string[];
  readonly validation: readonly string[];
}

/** How many groups a message lists. */
const LISTED = 5;

/** Images that cannot be split as a user asks. */
export const splitCodes = {
  'group-pattern': error(
    'The pattern of the groups is invalid.',
    (a: { pattern: string; problem: GroupPatternProblem }) => patternText(a.pattern, a.problem),
    () =>
      'write {group} once, such as `{group}_*`, or a regular expression with one capture group, such as `^(p\\d+)`',
  ),
  'group-unmatched': error(
    'The pattern of the groups does not match all images.',
    (a: { pattern: string; images: ImageNames; total: number }) =>
      `the pattern \`${a.pattern}\` gives no group for ${a.images.count} of ${countedText(a.total, 'image')}: ` +
      a.images.names.join(', ') +
      (a.images.count > a.images.names.length ? ', ...' : ''),
    () => 'change the pattern so that it matches the names of all images, without their endings',
  ),
  'single-group': error(
    'All images are in one group, which cannot be split.',
    (a: { group: string; samples: number }) =>
      `all ${a.samples} images are in the group ${a.group}, which cannot be split into training and validation images`,
    () =>
      'use a pattern that tells the groups apart, or pass --validation 0 (in a program, a fraction of 0) to train with ' +
      'all images and measure nothing',
  ),
  'group-divided': error(
    'Images of one group are named for validation, and others are not.',
    (a: { groups: readonly DividedGroup[] }) => {
      const lines = a.groups
        .slice(0, LISTED)
        .map(
          ({ group, training, validation }) =>
            `${group}: ${listText(validation, 'and')} validate, ${listText(training, 'and')} train`,
        );
      const more = a.groups.length > LISTED ? [`... and ${a.groups.length - LISTED} more`] : [];
      return withLines(`${countedText(a.groups.length, 'group')} would train and validate`, [
        ...lines,
        ...more,
      ]);
    },
    () => 'name all images of a group for validation, or none',
  ),
  'fold-number': error(
    'There is no such fold.',
    (a: { index: number; count: number }) =>
      `a fold is a number from 1 to the number of folds, which is 2 or more, not ${a.index} of ${a.count}`,
  ),
  'fold-count': error(
    'There are more folds than groups of images.',
    (a: { count: number; available: number; of: 'groups' | 'pages' | 'files' }) =>
      `${a.count} folds need ${a.count} ${a.of}, and there ${a.available === 1 ? 'is' : 'are'} ${a.available}`,
    (a) => (a.available >= 2 ? `use ${a.available} folds at most` : undefined),
  ),
} as const;
