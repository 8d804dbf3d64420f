import { dataSetCodes } from './codes/data-sets.js';
import { engineCodes } from './codes/engines.js';
import { evaluationCodes } from './codes/evaluation.js';
import { fileCodes } from './codes/files.js';
import { formatCodes } from './codes/formats.js';
import { imageCodes } from './codes/images.js';
import { modelCodes } from './codes/models.js';
import { normalizationCodes } from './codes/normalization.js';
import { postprocessingCodes } from './codes/postprocessing.js';
import { blockCodes } from './codes/spec/blocks.js';
import { lintCodes } from './codes/spec/lints.js';
import { nameCodes } from './codes/spec/names.js';
import { networkCodes } from './codes/spec/networks.js';
import { shapeCodes } from './codes/spec/shapes.js';
import { textCodes } from './codes/spec/text.js';
import { valueCodes } from './codes/spec/values.js';
import { trainingCodes } from './codes/training.js';
import { usageCodes } from './codes/usage.js';
import { viewCodes } from './codes/views.js';

export type { Severity } from './codes/definition.js';

/** The codes of diagnostics: what is wrong with a spec, at a span of its text. */
export const diagnosticCodes = {
  ...textCodes,
  ...nameCodes,
  ...valueCodes,
  ...lintCodes,
  ...blockCodes,
  ...shapeCodes,
  ...networkCodes,
} as const;

/** The codes of failures: why a command or a function could not do its work. */
export const failureCodes = {
  ...usageCodes,
  ...fileCodes,
  ...formatCodes,
  ...imageCodes,
  ...modelCodes,
  ...engineCodes,
  ...dataSetCodes,
  ...trainingCodes,
  ...normalizationCodes,
  ...postprocessingCodes,
  ...viewCodes,
  ...evaluationCodes,
} as const;

/**
 * Everything that can go wrong because of a user: the severity, the summary and the message of each code. Each code has a
 * page in docs/diagnostics, and each diagnostic a fixture; tests check that.
 */
export const codes = { ...diagnosticCodes, ...failureCodes } as const;

export type DiagnosticCode = keyof typeof diagnosticCodes;
export type FailureCode = keyof typeof failureCodes;
export type Code = keyof typeof codes;

/** The arguments of a code's message. */
export type CodeArguments<C extends Code> = Parameters<(typeof codes)[C]['message']>[0];
