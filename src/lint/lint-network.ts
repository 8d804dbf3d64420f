import { lintBiasBeforeNorm } from './bias-before-norm.js';
import { lintDeadParameters } from './dead-parameters.js';
import type { LintRequest } from './lint-request.js';
import { lintNormOfOne } from './norm-of-one.js';
import { lintSkipUnused } from './skip-unused.js';

/** Reports warnings; each can be allowed in the text, with a reason. */
export function lintNetwork(request: LintRequest): void {
  lintBiasBeforeNorm(request);
  lintNormOfOne(request);
  lintDeadParameters(request);
  lintSkipUnused(request);
}
