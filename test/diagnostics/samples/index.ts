import type { dataSetCodes } from '../../../src/diagnostics/codes/data-sets.js';
import type { trainingCodes } from '../../../src/diagnostics/codes/training.js';
import type { CodeArguments, FailureCode } from '../../../src/diagnostics/codes.js';
import { engineSamples } from './engines.js';
import { fileSamples } from './files.js';
import { formatSamples } from './formats.js';
import { imageSamples } from './images.js';
import { modelSamples } from './models.js';
import { usageSamples } from './usage.js';

/** Arguments of every variant of every failure's message. A code without samples is a type error. */
export const samples: {
  [C in Exclude<
    FailureCode,
    keyof typeof dataSetCodes | keyof typeof trainingCodes
  >]: readonly CodeArguments<C>[];
} = {
  ...usageSamples,
  ...fileSamples,
  ...imageSamples,
  ...modelSamples,
  ...engineSamples,
  ...formatSamples,
};
