import { Failure } from '../../diagnostics/failure.js';
import { planFit } from '../../runtime/inference/fit.js';
import { type Window, windowsOf } from '../../runtime/inference/tile.js';
import type { PatchSize } from './patch-size.js';

/**
 * Patches whose labels cover a whole image, each position in exactly one: the windows of `unet run` without an overlap.
 * Of a window's label, the part from <= position < to counts.
 */
export function coverWith({ input, output }: PatchSize, spatial: readonly number[]): Window[] | Failure {
  const rules = input.map((size, axis) => ({ axis: `axis ${axis + 1}`, fixed: size }));
  const margins = input.map((size, axis) => size - (output[axis] ?? size));
  const plan = planFit(rules, margins, spatial, { overlap: 0 });
  return plan instanceof Failure ? plan : windowsOf(plan.axes);
}
