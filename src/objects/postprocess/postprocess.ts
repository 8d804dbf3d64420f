import type { Failure } from '../../diagnostics/failure.js';
import type { LabelArray, LabelImage } from '../label-array.js';
import { bandStep } from './band-step.js';
import type { PostprocessingStep } from './step.js';
import { checkPostprocessing } from './step-fit.js';

/**
 * A map after all steps, in their order: (...spatial), in an array of the same type. The map itself stays as it is.
 *
 * @param micrometres the distance between positions on each axis, for sizes in units of length
 */
export function postprocess(
  { labels, shape }: LabelImage,
  steps: readonly PostprocessingStep[],
  micrometres?: readonly number[],
): LabelArray | Failure {
  const misfit = checkPostprocessing(steps, { rank: shape.length, micrometres });
  if (misfit) return misfit;
  return steps.reduce<LabelArray>((map, step) => {
    const { passes, rewriter } = bandStep(step, shape, micrometres);
    for (const pass of passes) pass(map);
    return rewriter()(map);
  }, labels);
}

/** A map that does not fit into memory: bands of whole slabs along its first axis, (n, ...), in order. It is read several times. */
export type LabelBands = () => AsyncIterable<LabelArray> | Iterable<LabelArray>;

/**
 * The same as `postprocess` for a map in bands: what is returned gives the result in bands as often as it is called. Each
 * step reads the map once or twice, with the steps before it applied again; memory is needed for a band, the runs of two
 * slabs, and the components.
 */
export async function postprocessBands(
  bands: LabelBands,
  shape: readonly number[],
  steps: readonly PostprocessingStep[],
  micrometres?: readonly number[],
): Promise<LabelBands | Failure> {
  const misfit = checkPostprocessing(steps, { rank: shape.length, micrometres });
  if (misfit) return misfit;
  let result = bands;
  for (const step of steps) {
    const source = result;
    const { passes, rewriter } = bandStep(step, shape, micrometres);
    for (const pass of passes) for await (const band of source()) pass(band);
    result = async function* () {
      const rewrite = rewriter();
      for await (const band of source()) yield rewrite(band);
    };
  }
  return result;
}
