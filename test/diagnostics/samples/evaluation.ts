import type { evaluationCodes } from '../../../src/diagnostics/codes/evaluation.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

export const evaluationSamples: { [C in keyof typeof evaluationCodes]: readonly CodeArguments<C>[] } = {
  'evaluation-images-unmatched': [{ input: 'scans', images: 3, image: 'p1.nii.gz', name: 'case1' }],
  'evaluation-cases-trained': [
    { run: 'runs/cells', data: 'cells', cases: 8 },
    { run: 'runs/cells', data: 'cells', cases: 1 },
  ],
  'evaluation-split-empty': [{ split: 'new', data: 'cells', training: 6, validation: 2, new: 0 }],
};
