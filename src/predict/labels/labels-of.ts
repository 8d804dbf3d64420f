import type { Failure } from '../../diagnostics/failure.js';
import { type Mask, maskOf } from '../../runtime/images/mask.js';
import { regionLabels } from '../../runtime/images/regions.js';
import type { Tensor } from '../../runtime/tensor.js';
import { countProblem, type LabelRule } from '../model/label-rule.js';

/** The labels of an output, (K, ...spatial), by a rule. Above `threshold`, a channel is more probable than not. */
export function labelsOf(output: Tensor, threshold: number, rule: LabelRule): Mask | Failure {
  if (rule.kind === 'classes') return maskOf(output, threshold);
  const misfit = rule.values && countProblem(rule.values, output.shape[0]);
  return misfit ?? regionLabels(output, threshold, rule.values);
}
