import { countedText } from '../../wording.js';
import { error } from '../definition.js';

/** A value of a mask, as people write it, and how many positions have it. */
export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** "0 (12 times), 255 (1 time), and 3 more". */
function countsText(values: readonly ValueCount[], more: number): string {
  const shown = values.map(({ value, count }) => `${value} (${countedText(count, 'time')})`).join(', ');
  return more > 0 ? `${shown}, and ${more} more` : shown;
}

/** What to do about masks in a compression that changes values; no range contains colours. */
function lossyHelp(compression: string, coloured: boolean): string {
  const changes = `${compression} changes values: save masks as PNG`;
  return coloured
    ? changes
    : `${changes}, or give ranges of values a class, such as --label 0..127=0 --label 128..255=1`;
}

/** What is wrong with the classes that were given to the values of masks. */
export type LabelMapProblem =
  | { readonly case: 'value' | 'ignored-value'; readonly text: string }
  | { readonly case: 'class'; readonly value: string; readonly label: number; readonly largest: number }
  | { readonly case: 'two-classes' | 'ignored-class'; readonly value: string }
  | { readonly case: 'overlap'; readonly range: string; readonly other: string }
  | { readonly case: 'gap'; readonly label: number }
  | { readonly case: 'one-class' };

function labelMapText(problem: LabelMapProblem): string {
  switch (problem.case) {
    case 'value':
      return `a label is a value, a range (1..9), a colour (#ff0000) or * for all other values, not \`${problem.text}\``;
    case 'ignored-value':
      return `the value to ignore is a gray value or a colour (#ff0000), not \`${problem.text}\``;
    case 'class':
      return `the class of the value ${problem.value} is a number from 0 to ${problem.largest}, not ${problem.label}`;
    case 'two-classes':
      return `the value ${problem.value} has two classes`;
    case 'ignored-class':
      return `the value ${problem.value} is to be ignored, but it has a class`;
    case 'overlap':
      return `the ranges ${problem.range} and ${problem.other} share values`;
    case 'gap':
      return `no value has the class ${problem.label}`;
    case 'one-class':
      return 'a data set has at least two classes, but all values have the same one';
  }
}

/** Why the classes cannot be inferred from the values of masks. */
export type ClassesProblem =
  | { readonly case: 'one-value' | 'only-ignored'; readonly found: ValueCount }
  | { readonly case: 'one-besides-ignored'; readonly found: ValueCount; readonly ignored: string }
  /** Positions that are NaN or infinite, and a mask that has some. */
  | { readonly case: 'not-finite'; readonly count: number; readonly path: string }
  /** Values 0, 1, ..., classes - 1 that look like the numbers of objects. */
  | { readonly case: 'objects'; readonly classes: number }
  | {
      readonly case: 'strange-values';
      readonly values: readonly ValueCount[];
      readonly more: number;
      /** The value that is most likely a mistake, and a mask that contains it. */
      readonly strange: { readonly value: string; readonly path: string } | undefined;
      readonly remedy:
        | { readonly case: 'objects' }
        | { readonly case: 'lossy'; readonly compression: string; readonly coloured: boolean }
        /** Numbers that are not whole, as those of a probability: the middle between the least and the largest, and the largest. */
        | { readonly case: 'fractions'; readonly half: number; readonly most: number }
        /** Most positions have 0 or the largest number, and the others lie between: the last number of the lower half. */
        | { readonly case: 'halves'; readonly below: number; readonly most: number }
        /** Values to give the classes 0, 1, ..., and whether there are more; `last` may mark positions that nobody labelled. */
        | {
            readonly case: 'label';
            readonly classes: readonly string[];
            readonly more: boolean;
            readonly last: number | undefined;
          };
    };

function classesText(problem: ClassesProblem): string {
  switch (problem.case) {
    case 'one-value':
      return `all masks contain only the value ${countsText([problem.found], 0)}, so there is only one class`;
    case 'only-ignored':
      return `all masks contain only the value ${countsText([problem.found], 0)}, which is ignored`;
    case 'one-besides-ignored':
      return `apart from ${problem.ignored}, which is ignored, all masks contain only the value ${countsText([problem.found], 0)}`;
    case 'not-finite':
      return `${countedText(problem.count, 'value')} of the masks ${problem.count === 1 ? 'is' : 'are'} NaN or infinite, as in ${problem.path}`;
    case 'objects':
      return `the masks contain the values 0 to ${problem.classes - 1}, each mask from 1 on and not all equally many: these may be the numbers of objects`;
    case 'strange-values': {
      const { strange } = problem;
      const where = strange ? ` (${strange.path} contains ${strange.value})` : '';
      return `the masks contain the values ${countsText(problem.values, problem.more)}${where}, which are neither 0 and 255 nor 0, 1, 2, ...`;
    }
  }
}

function classesHelp(problem: ClassesProblem): string | undefined {
  if (problem.case === 'one-besides-ignored') {
    const { ignored, found } = problem;
    const [background, foreground] = found.value === '0' ? [found.value, ignored] : [ignored, found.value];
    return `if ${ignored} is a class, leave out --ignore and pass --label "${background}=0" --label "${foreground}=1"`;
  }
  if (problem.case === 'not-finite') return 'write the number of a class in their place';
  if (problem.case === 'objects') {
    return `if they are objects of one class, pass --label "*=1"; if each value is a class, pass --label "*=*"`;
  }
  if (problem.case !== 'strange-values') return undefined;
  const { remedy } = problem;
  switch (remedy.case) {
    case 'lossy':
      return lossyHelp(remedy.compression, remedy.coloured);
    case 'objects':
      return 'if they are the numbers of objects of one class, pass --label "*=1"';
    case 'fractions':
      return `if they are probabilities, give the upper half a class: --label "${remedy.half}..${remedy.most}=1" --label "*=0"`;
    case 'halves':
      return `if resizing or smoothing made the values between, give each half a class: --label "0..${remedy.below}=0" --label "${remedy.below + 1}..${remedy.most}=1"`;
    case 'label': {
      const classes = remedy.classes.map((value, i) => `--label "${value}=${i}"`).join(' ');
      const label = `give each value a class, from 0 on: ${classes}${remedy.more ? ' and so on' : ''}`;
      return remedy.last === undefined
        ? label
        : `${label}; if ${remedy.last} marks unlabelled positions, pass --ignore ${remedy.last}`;
    }
  }
}

export interface DescribedLabels {
  readonly path: string;
  readonly labels: readonly { readonly value: number; readonly name: string | undefined }[];
}

/** "0 (background), 1 (liver)". */
function describedText({ labels }: DescribedLabels): string {
  return labels.map(({ value, name }) => (name === undefined ? `${value}` : `${value} (${name})`)).join(', ');
}

function unknownValueHelp({
  values: [first, ...others],
  more,
  lossy,
  source,
}: {
  readonly values: readonly ValueCount[];
  readonly more: number;
  readonly lossy: string | undefined;
  readonly source: DescribedLabels | undefined;
}): string {
  if (lossy !== undefined) return lossyHelp(lossy, first?.value.startsWith('#') ?? false);
  if (source !== undefined)
    return `add its label to ${source.path}, pass --ignore, or give every value a class with --label, which takes the place of these labels`;
  const label = 'give all values of the masks a class with --label';
  // One value alone can be ignored.
  if (first === undefined || others.length > 0 || more > 0)
    return `${label}, such as --label "*=1" for all others`;
  return `${label}, this one too, or pass --ignore ${first.value}`;
}

/** Masks whose values have no classes. */
export const labelCodes = {
  'label-map-invalid': error(
    'The classes given to the values of masks are invalid.',
    (a: { problem: LabelMapProblem }) => labelMapText(a.problem),
    (a) => (a.problem.case === 'gap' ? 'number the classes from 0 without a gap' : undefined),
  ),
  'classes-unclear': error(
    'The classes cannot be inferred from the values of the masks.',
    (a: { problem: ClassesProblem }) => classesText(a.problem),
    (a) => classesHelp(a.problem),
  ),
  'mask-value-unknown': error(
    'A mask contains a value that has no class.',
    (a: {
      path: string;
      values: readonly ValueCount[];
      more: number;
      /** The compression of the mask, if it changes values. */
      lossy: string | undefined;
      /** The file that lists the labels, and these. */
      source: DescribedLabels | undefined;
    }) =>
      a.source
        ? `${a.path}: ${a.source.path} does not list the value ${countsText(a.values, a.more)}: its labels are ${describedText(a.source)}`
        : `${a.path}: no class is given for the value ${countsText(a.values, a.more)}`,
    (a) => unknownValueHelp(a),
  ),
  'mask-depth': error(
    'The colours of a mask have 16 bits.',
    (a: { path: string }) => `cannot read ${a.path} as a mask: its colours have 16 bits`,
    () => 'save it as gray, or with 8 bits per colour',
  ),
  'mask-alpha': error(
    'The transparency of a mask tells what its colours do not.',
    (a: { path: string; value: string }) =>
      `cannot read ${a.path} as a mask: positions of the value ${a.value} are partly transparent and partly visible`,
    () => 'save the alpha channel as a gray mask, or the mask without transparency',
  ),
  'palettes-differ': error(
    'Two masks give one number of their palettes different colours.',
    (a: { value: number; paths: readonly [string, string]; colours: readonly [string, string] }) =>
      `${a.paths[0]} and ${a.paths[1]}: the number ${a.value} has the colour ${a.colours[0]} in one and ${a.colours[1]} in the other`,
    (a) =>
      `give each colour a class, such as --label "${a.colours[0]}=0" --label "${a.colours[1]}=1"; if the numbers are the classes, pass --label "*=*"`,
  ),
  'classes-overlap': error(
    'Two classes of a mask that has a file for each class share positions.',
    (a: { path: string; other: string; count: number }) =>
      `${a.path}: ${countedText(a.count, 'position')} also ${a.count === 1 ? 'belongs' : 'belong'} to ${a.other}`,
    () => 'each position has one class: merge the files into one mask',
  ),
  'class-file-values': error(
    'A file of one class contains values that are neither "class" nor "not class".',
    (a: { path: string; values: readonly ValueCount[]; more: number }) =>
      `${a.path} is the mask of one class, but contains the values ${countsText(a.values, a.more)}`,
    () =>
      'write 0 outside of the class and one other whole number inside, or the numbers of objects from 1 on; JPEG, lossy WebP and resizing change values',
  ),
} as const;
