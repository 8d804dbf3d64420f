import type { CompiledNetwork } from '../../compiler/compile.js';
import { contradictionText } from '../../diagnostics/codes/spec/contradiction.js';
import { fits, nearestSizes } from '../../shape/admissible.js';
import { lossProblems } from '../losses/loss-problems.js';
import { headOf, type StepSettings } from '../step/step-settings.js';
import { normsOfOne } from './check-norms.js';

/** Why no training step can be made. */
export interface StepProblem {
  readonly kind: 'loss' | 'patch' | 'batch' | 'clip' | 'norm';
  /** One sentence for people. */
  readonly message: string;
}

/** What is wrong with settings for a network; empty if a step can be made. */
export function stepProblems(network: CompiledNetwork, settings: StepSettings): readonly StepProblem[] {
  const { spec, axes, graph, name } = network;
  const { loss, patch, batch, clip } = settings;
  const problems: StepProblem[] = lossProblems(loss, headOf(spec), spec.classes.value).map((problem) => ({
    kind: 'loss',
    message: contradictionText(problem),
  }));
  if (loss.length === 0) problems.push({ kind: 'loss', message: 'the loss has no term' });
  if (patch.length !== graph.rank) {
    const message = `a patch of ${name} has ${graph.rank} sizes, not ${patch.length}`;
    problems.push({ kind: 'patch', message });
  } else {
    for (const [i, axis] of axes.entries()) {
      const size = patch[i] ?? 0;
      if (Number.isInteger(size) && fits(axis, size)) continue;
      const { below, above } = nearestSizes(axis, size);
      const near = [below, above].filter((one) => one !== undefined).join(', ');
      problems.push({
        kind: 'patch',
        message: `${axis.axis} = ${size} does not fit ${name}; nearest that fit: ${near}`,
      });
    }
  }
  if (!(Number.isSafeInteger(batch) && batch >= 1)) {
    problems.push({ kind: 'batch', message: `a batch is a whole number of patches from 1, not ${batch}` });
  }
  if (clip !== undefined && !(clip > 0)) {
    problems.push({ kind: 'clip', message: `clip is a norm above 0, not ${clip}` });
  }
  const [norm] = problems.length === 0 ? normsOfOne(network.training, patch, batch) : [];
  if (norm) {
    const message = `${norm.path} gets a single value of each channel from a patch of ${patch.join(' x ')}: take a larger patch, or a larger batch`;
    problems.push({ kind: 'norm', message });
  }
  return problems;
}
