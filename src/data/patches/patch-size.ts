import { Failure, failure } from '../../diagnostics/failure.js';
import { planFit } from '../../runtime/inference/fit.js';
import { type Window, windowsOf } from '../../runtime/inference/tile.js';

/** What a network takes and what it gives, (...spatial) each. */
export interface PatchSize {
  readonly input: readonly number[];
  /** At most the input: smaller if the convolutions of the network have no padding. */
  readonly output: readonly number[];
}

/** How far inside the image of a patch its label begins on each axis: half of the border that the network takes away. */
export function marginsOf({ input, output }: PatchSize): number[] {
  return input.map((size, axis) => Math.floor((size - (output[axis] ?? size)) / 2));
}

/** Fails if these are no sizes of a patch with `rank` axes. */
export function patchProblem({ input, output }: PatchSize, rank: number): Failure | undefined {
  if (input.length !== rank || output.length !== rank) {
    return failure('patch-size', { problem: { case: 'rank', rank, input, output } });
  }
  const isWhole = (size: number) => Number.isInteger(size) && size > 0;
  if (!input.every(isWhole) || !output.every(isWhole)) {
    return failure('patch-size', { problem: { case: 'whole', input, output } });
  }
  const isLarger = output.some((size, axis) => size > (input[axis] ?? 0));
  return isLarger ? failure('patch-size', { problem: { case: 'larger', input, output } }) : undefined;
}

/**
 * Patches whose labels cover a whole image, each position in exactly one: the windows of `unet run` without an overlap.
 * Of the label of a window, the part from <= position < to counts.
 */
export function coverWith({ input, output }: PatchSize, spatial: readonly number[]): Window[] | Failure {
  const rules = input.map((size, axis) => ({ axis: `axis ${axis + 1}`, fixed: size }));
  const margins = input.map((size, axis) => size - (output[axis] ?? size));
  const plan = planFit(rules, margins, spatial, { overlap: 0 });
  return plan instanceof Failure ? plan : windowsOf(plan.axes);
}
