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

/** What is wrong with the classes that were given to the values of masks. */
export type LabelMapProblem =
  | { readonly case: 'value' | 'ignored-value'; readonly text: string }
  | { readonly case: 'class'; readonly value: string; readonly label: number; readonly largest: number }
  | { readonly case: 'two-classes' | 'ignored-class'; readonly value: string }
  | { readonly case: 'gap'; readonly label: number }
  | { readonly case: 'one-class' };

function labelMapText(problem: LabelMapProblem): string {
  switch (problem.case) {
    case 'value':
      return `a label is a gray value or a colour (#ff0000), not \`${problem.text}\``;
    case 'ignored-value':
      return `the value to ignore is a gray value or a colour (#ff0000), not \`${problem.text}\``;
    case 'class':
      return `the class of the value ${problem.value} is a number from 0 to ${problem.largest}, not ${problem.label}`;
    case 'two-classes':
      return `the value ${problem.value} has two classes`;
    case 'ignored-class':
      return `the value ${problem.value} is to be ignored, but it has a class`;
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
  | {
      readonly case: 'strange-values';
      readonly values: readonly ValueCount[];
      readonly more: number;
      /** The value that is most likely a mistake, and a mask that contains it. */
      readonly strange: { readonly value: string; readonly path: string } | undefined;
      readonly remedy:
        | { readonly case: 'jpeg' | 'objects' }
        /** A value to give a class; `last` may mark positions that nobody labelled. */
        | { readonly case: 'label'; readonly value: string; readonly last: number | undefined };
    };

function classesText(problem: ClassesProblem): string {
  switch (problem.case) {
    case 'one-value':
      return `all masks contain only the value ${countsText([problem.found], 0)}, so there is only one class`;
    case 'only-ignored':
      return `all masks contain only the value ${countsText([problem.found], 0)}, which is ignored`;
    case 'one-besides-ignored':
      return `apart from ${problem.ignored}, which is ignored, all masks contain only the value ${countsText([problem.found], 0)}`;
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
  if (problem.case !== 'strange-values') return undefined;
  const { remedy } = problem;
  switch (remedy.case) {
    case 'jpeg':
      return 'JPEG changes values: save masks as PNG';
    case 'objects':
      return 'these may be the numbers of objects, but each value of a mask must be a class';
    case 'label': {
      const label = `give each value a class, such as --label "${remedy.value}=1"`;
      return remedy.last === undefined
        ? label
        : `${label}; if ${remedy.last} marks unlabelled positions, pass --ignore ${remedy.last}`;
    }
  }
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
    (a: { path: string; values: readonly ValueCount[]; more: number; isJpeg: boolean }) =>
      `${a.path}: no class is given for the value ${countsText(a.values, a.more)}`,
    (a) => (a.isJpeg ? 'JPEG changes values: save masks as PNG' : undefined),
  ),
  'mask-depth': error(
    'The colours of a mask have 16 bits.',
    (a: { path: string }) => `cannot read ${a.path} as a mask: its colours have 16 bits`,
    () => 'save it as gray, or with 8 bits per colour',
  ),
} as const;
