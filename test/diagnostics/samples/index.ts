import type { CodeArguments, FailureCode } from '../../../src/diagnostics/codes.js';
import { dataSetSamples } from './data-sets.js';
import { engineSamples } from './engines.js';
import { evaluationSamples } from './evaluation.js';
import { fileSamples } from './files.js';
import { formatSamples } from './formats.js';
import { imageSamples } from './images.js';
import { modelSamples } from './models.js';
import { normalizationSamples } from './normalization.js';
import { postprocessingSamples } from './postprocessing.js';
import { trainingSamples } from './training.js';
import { usageSamples } from './usage.js';
import { viewSamples } from './views.js';

/** Arguments of every variant of every failure's message. A code without samples is a type error. */
export const samples: { [C in FailureCode]: readonly CodeArguments<C>[] } = {
  ...usageSamples,
  ...fileSamples,
  ...imageSamples,
  ...modelSamples,
  ...engineSamples,
  ...dataSetSamples,
  ...trainingSamples,
  ...normalizationSamples,
  ...formatSamples,
  ...postprocessingSamples,
  ...viewSamples,
  ...evaluationSamples,
};
