import { listText } from '../wording.js';
import { error } from './definition.js';

/** Why a text is no step of postprocessing. */
export type PostprocessingProblem =
  | {
      readonly case: 'step';
      readonly name: string;
      readonly names: readonly string[];
      readonly nearest: string | undefined;
    }
  | { readonly case: 'value'; readonly step: 'largest' | 'fill-holes' | 'min-size'; readonly value: string }
  | { readonly case: 'class'; readonly value: string }
  | { readonly case: 'scope'; readonly step: 'fill-holes' }
  | { readonly case: 'option'; readonly value: string };

/** Why a step does not go with a map of labels. */
export type PostprocessingMisfit =
  | { readonly case: 'class'; readonly label: number; readonly classes: number }
  | { readonly case: 'connectivity'; readonly connectivity: number; readonly rank: number }
  | { readonly case: 'no-inside'; readonly border: number }
  | { readonly case: 'no-spacing' }
  | { readonly case: 'power'; readonly power: number; readonly rank: number };

function problemText(problem: PostprocessingProblem): string {
  switch (problem.case) {
    case 'step':
      return problem.name === ''
        ? 'the name of a step is missing'
        : `there is no step '${problem.name}', only ${listText(problem.names, 'and')}`;
    case 'value': {
      const found = problem.value === '' ? 'nothing' : `'${problem.value}'`;
      if (problem.step === 'fill-holes') return `fill-holes takes no value, not ${found}`;
      return problem.step === 'largest'
        ? `largest takes how many components to keep, a whole number from 1, not ${found}`
        : `min-size takes a size above 0, such as 30, 1.5 um2 or 0.5 mm3, not ${found}`;
    }
    case 'class':
      return `a class is a whole number from 1, as in 'class 1: largest', not '${problem.value}'`;
    case 'scope':
      return `${problem.step} is for each class or for one class, not for the foreground`;
    case 'option':
      return `only 'connectivity' and a number can follow the comma, not '${problem.value}'`;
  }
}

function misfitText(problem: PostprocessingMisfit): string {
  switch (problem.case) {
    case 'class':
      return `the classes are 1 to ${problem.classes - 1}, and ${problem.label} is not one of them`;
    case 'no-inside':
      return `class ${problem.border} is the only one, so nothing lies inside of the border`;
    case 'connectivity':
      return `a connectivity on ${problem.rank} axes is 1 to ${problem.rank}, not ${problem.connectivity}`;
    case 'no-spacing':
      return 'the distance between positions is not known';
    case 'power':
      return problem.power === 2
        ? `an area does not fit to objects with ${problem.rank} axes`
        : `a volume does not fit to objects with ${problem.rank} axes`;
  }
}

/** What needs all positions of an image in memory. */
type WholeStep = 'distance' | 'border' | 'export';

const wholeSteps: Readonly<Record<WholeStep, string>> = {
  distance: '--objects distance',
  border: '--objects "border: K"',
  export: '--export',
};

/** Steps of postprocessing that cannot be read or applied. */
export const postprocessingCodes = {
  'invalid-postprocessing': error(
    'A text does not describe a step of postprocessing.',
    (a: { text: string; problem: PostprocessingProblem }) => `'${a.text}': ${problemText(a.problem)}`,
    ({ problem }) =>
      problem.case === 'step' && problem.nearest !== undefined
        ? `did you mean ${problem.nearest}?`
        : undefined,
  ),
  'objects-exceed-memory': error(
    'Objects of an image of this size are separated or exported in memory only.',
    (a: { what: WholeStep; sizes: readonly number[]; most: number }) =>
      `${wholeSteps[a.what]} needs all positions in memory, and takes up to ${a.most} of them; ${a.sizes.join(' x ')} has ${a.sizes.reduce((product, size) => product * size, 1)}`,
    ({ what }) =>
      what === 'export'
        ? 'leave out --export: the numbers of the objects are written at any size'
        : 'number the objects by --objects components, which needs little memory, or cut the image into parts',
  ),
  'unfit-postprocessing': error(
    'A step of postprocessing does not fit to the network or to the image.',
    (a: { step: string; problem: PostprocessingMisfit }) => `'${a.step}': ${misfitText(a.problem)}`,
    ({ problem }) => {
      if (problem.case === 'no-spacing') return 'give the size in positions: a number without a unit';
      if (problem.case !== 'power') return undefined;
      return `give the size ${problem.power === 2 ? 'as a volume, such as 0.5 mm3' : 'as an area, such as 1.5 um2'}, or in positions`;
    },
  ),
} as const;
