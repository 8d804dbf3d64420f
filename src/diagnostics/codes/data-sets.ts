import { countedText, withLines } from '../wording.js';
import { cellSetCodes } from './data-sets/cells.js';
import { dataFileCodes } from './data-sets/files.js';
import { labelCodes } from './data-sets/labels.js';
import { layoutCodes } from './data-sets/layouts.js';
import { loadingCodes } from './data-sets/loading.js';
import { error } from './definition.js';

/** One of several problems: a failure of its own. */
export interface ListedProblem {
  readonly message: string;
  readonly help?: string | undefined;
}

/** The message of a problem and its remedy, on one line. */
export function problemLine({ message, help }: ListedProblem): string {
  return help === undefined ? message : `${message}; ${help}`;
}

/** Data sets that cannot be used. */
export const dataSetCodes = {
  'data-set-invalid': error(
    'Some files of a data set cannot be used.',
    (a: { folder: string; problems: readonly ListedProblem[] }) =>
      withLines(
        `${a.folder}: there ${a.problems.length === 1 ? 'is' : 'are'} ${countedText(a.problems.length, 'problem')}`,
        a.problems.map(problemLine),
      ),
  ),
  ...layoutCodes,
  ...dataFileCodes,
  ...labelCodes,
  ...loadingCodes,
  ...cellSetCodes,
} as const;
