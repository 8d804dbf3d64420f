import { lintBiasBeforeNorm } from './bias-before-norm.js';
import { lintDeadParameters } from './dead-parameters.js';
import type { LintRequest } from './lint-request.js';
import { lintNormOfOne } from './norm-of-one.js';
import { lintSkipUnused } from './skip-unused.js';

/** Reports warnings. A comment with a reason can allow each of them. */
export function lintNetwork(request: LintRequest): void {
  lintBiasBeforeNorm(request);
  lintNormOfOne(request);
  lintDeadParameters(request);
  lintSkipUnused(request);
}
