import { blockCodes } from './codes/blocks.js';
import { dataSetCodes } from './codes/data-sets.js';
import { engineCodes } from './codes/engines.js';
import { fileCodes } from './codes/files.js';
import { formatCodes } from './codes/formats.js';
import { imageCodes } from './codes/images.js';
import { lintCodes } from './codes/lints.js';
import { modelCodes } from './codes/models.js';
import { nameCodes } from './codes/names.js';
import { networkCodes } from './codes/networks.js';
import { shapeCodes } from './codes/shapes.js';
import { textCodes } from './codes/text.js';
import { trainingCodes } from './codes/training.js';
import { usageCodes } from './codes/usage.js';
import { valueCodes } from './codes/values.js';

export type { Severity } from './codes/definition.js';

/** What is wrong with a spec: a diagnostic, which has a place in the text. */
export const diagnosticCodes = {
  ...textCodes,
  ...nameCodes,
  ...valueCodes,
  ...lintCodes,
  ...blockCodes,
  ...shapeCodes,
  ...networkCodes,
} as const;

/** Why a command or a function could not do its work: a failure, which names a file, an option or numbers. */
export const failureCodes = {
  ...usageCodes,
  ...fileCodes,
  ...formatCodes,
  ...imageCodes,
  ...modelCodes,
  ...engineCodes,
  ...dataSetCodes,
  ...trainingCodes,
} as const;

/**
 * Everything that a user can cause to go wrong: a code, its severity, its summary, and its message from typed
 * arguments. Each code has a page in docs/diagnostics and a fixture or a sample; a test holds the lists equal.
 */
export const codes = { ...diagnosticCodes, ...failureCodes } as const;

export type DiagnosticCode = keyof typeof diagnosticCodes;
export type FailureCode = keyof typeof failureCodes;
export type Code = keyof typeof codes;

/** The arguments that a code's message takes. */
export type CodeArguments<C extends Code> = Parameters<(typeof codes)[C]['message']>[0];
