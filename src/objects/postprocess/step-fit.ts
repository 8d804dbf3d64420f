import type { PostprocessingMisfit } from '../../diagnostics/codes/postprocessing.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { MICROMETRES, type ObjectSize, type PostprocessingStep } from './step.js';
import { postprocessingText } from './step-text.js';

/** What is known of the maps that steps are applied to. */
export interface MapFacts {
  /** How many spatial axes they have. */
  readonly rank: number;
  /** How many classes they have, with the background; undefined if any number may occur. */
  readonly classes?: number | undefined;
  /** The distance between positions on each axis; undefined if it is not known. */
  readonly micrometres?: readonly number[] | undefined;
}

/** A failure unfit-postprocessing if a step cannot be applied to such maps. Use it before the work begins. */
export function checkPostprocessing(
  steps: readonly PostprocessingStep[],
  facts: MapFacts,
): Failure | undefined {
  for (const step of steps) {
    const problem = misfitOf(step, facts);
    if (problem) return failure('unfit-postprocessing', { step: postprocessingText(step), problem });
  }
  return undefined;
}

function misfitOf(
  step: PostprocessingStep,
  { rank, classes, micrometres }: MapFacts,
): PostprocessingMisfit | undefined {
  const { scope, connectivity } = step;
  if (typeof scope === 'object' && classes !== undefined && scope.label >= classes) {
    return { case: 'class', label: scope.label, classes };
  }
  if (typeof connectivity === 'number' && connectivity > rank)
    return { case: 'connectivity', connectivity, rank };
  if (step.step !== 'min-size' || step.size.unit === 'px') return undefined;
  if (step.size.power !== rank) return { case: 'power', power: step.size.power, rank };
  return micrometres === undefined ? { case: 'no-spacing' } : undefined;
}

/** The least number of positions of an object with this size. `micrometres` is the distance between them on each axis. */
export function leastPositions(size: ObjectSize, micrometres: readonly number[] | undefined): number {
  if (size.unit === 'px') return size.value;
  if (!micrometres) throw new Error('a size in a unit of length, without a spacing');
  const one = micrometres.reduce((product, distance) => product * distance, 1);
  const positions = (size.value * MICROMETRES[size.unit] ** size.power) / one;
  // An object of exactly this size must stay, whatever the quotient was rounded to.
  return positions * (1 - 1e-12);
}
