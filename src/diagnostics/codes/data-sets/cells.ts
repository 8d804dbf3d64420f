import { shapeText } from '../../wording.js';
import { error } from '../definition.js';

type Shape = readonly number[];

/** A number that makes no set of synthetic cells. */
export type CellSetProblem =
  | { readonly setting: 'count'; readonly value: number; readonly most: number }
  | { readonly setting: 'size'; readonly shape: Shape; readonly least: number }
  | {
      readonly setting: 'positions';
      readonly shape: Shape;
      readonly positions: number;
      readonly most: number;
    }
  | { readonly setting: 'spacing'; readonly spacing: Shape; readonly rank: number }
  | { readonly setting: 'radius'; readonly value: number; readonly least: number; readonly most: number }
  | { readonly setting: 'seed'; readonly value: number }
  | { readonly setting: 'thin-cells'; readonly spacing: Shape; readonly radius: number }
  | {
      readonly setting: 'cells';
      readonly shape: Shape;
      readonly cells: number;
      readonly radius: number;
      readonly most: number;
    };

function settingText(problem: CellSetProblem): string {
  switch (problem.setting) {
    case 'count':
      return `a set has 1 to ${problem.most} images, not ${problem.value}`;
    case 'size':
      return `the sizes are whole numbers of at least ${problem.least}, not ${shapeText(problem.shape)}`;
    case 'positions':
      return `${shapeText(problem.shape)} is ${problem.positions} positions, more than the ${problem.most} that fit into memory`;
    case 'spacing':
      return `the spacing is ${problem.rank} numbers above 0, not ${shapeText(problem.spacing)}`;
    case 'radius':
      return `the radius is ${problem.least} to ${problem.most} pixels, not ${problem.value}`;
    case 'seed':
      return `the seed is a whole number from 0, not ${problem.value}`;
    case 'thin-cells':
      return `with the spacing ${shapeText(problem.spacing)}, a cell of radius ${problem.radius} is less than 4 positions wide`;
    case 'cells':
      return `${shapeText(problem.shape)} has room for ${problem.cells} cells of radius ${problem.radius}, but at most ${problem.most} can be numbered`;
  }
}

/** Sets of synthetic cells that cannot be made. */
export const cellSetCodes = {
  'cell-set-setting': error(
    'A setting of synthetic cells is out of range.',
    (a: { problem: CellSetProblem }) => settingText(a.problem),
    (a) =>
      a.problem.setting === 'thin-cells' || a.problem.setting === 'cells'
        ? 'choose a larger radius'
        : undefined,
  ),
  'output-folder-used': error(
    'The folder for a new data set is not empty, or is a file.',
    (a: { folder: string; found: 'a file' | 'files' }) =>
      a.found === 'files'
        ? `${a.folder} is not empty; nothing was written`
        : `${a.folder} is a file, not a folder`,
    () => 'choose another folder',
  ),
} as const;
