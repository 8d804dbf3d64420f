import { Failure, failure } from '../../diagnostics/failure.js';
import type { OtherInputs, Session } from '../engine.js';
import { allocate, elementCount, shapeText, type Tensor } from '../tensor.js';
import type { Plan } from './fit.js';
import { resample } from './resample.js';
import { addWindow, averageOverlaps, cutWindow, windowsOf } from './tile.js';

export interface PredictOptions {
  /** The name of the wanted output; the first one by default. */
  readonly output?: string;
  /** The inputs besides the image, for each window. */
  readonly inputs?: OtherInputs;
  /** Called after each window. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The model's output for one window, (1, K, ...output), checked against the plan. */
async function runWindow(
  session: Session,
  input: Tensor,
  name: string,
  plan: Plan,
  others: OtherInputs | undefined,
): Promise<Tensor | Failure> {
  const results = await session.run(input, others);
  if (results instanceof Failure) return results;
  const result = results.get(name);
  if (result === undefined) {
    return failure('missing-output', { output: name, outputs: [...results.keys()] });
  }
  const expected = plan.axes.map((axis) => axis.output);
  const [batch, , ...spatial] = result.shape;
  if (batch !== 1 || shapeText(spatial) !== shapeText(expected)) {
    return failure('output-shape-mismatch', {
      output: name,
      shape: result.shape,
      input: input.shape,
      expected,
    });
  }
  return result;
}

/**
 * Runs the network on an image, (C, ...spatial), by the plan that planFit made for its size. Returns the output for the
 * whole image, (K, ...spatial). Fails if the model fails, or if its output has another size than the plan expects.
 */
export async function predict(
  session: Session,
  image: Tensor,
  plan: Plan,
  options: PredictOptions = {},
): Promise<Tensor | Failure> {
  const sizes = plan.axes.map((axis) => axis.size);
  const expected = plan.resizedFrom ?? sizes;
  if (shapeText(image.shape.slice(1)) !== shapeText(expected)) {
    throw new Error(`the plan is for ${shapeText(expected)}, the image is ${shapeText(image.shape)}`);
  }
  const name = options.output ?? session.outputs[0]?.name;
  if (name === undefined) return failure('missing-output', { output: undefined, outputs: [] });
  const resized = plan.resizedFrom === undefined ? image : resample(image, sizes);
  const windows = windowsOf(plan.axes);
  let whole: Tensor | undefined;
  for (const [i, window] of windows.entries()) {
    const input = cutWindow(resized, plan.axes, window);
    const result = await runWindow(session, input, name, plan, options.inputs);
    if (result instanceof Failure) return result;
    if (whole === undefined) {
      const shape = [result.shape[1] ?? 0, ...sizes];
      const data = allocate(elementCount(shape), { what: 'an output', shape });
      if (data instanceof Failure) return data;
      whole = { shape, data };
    }
    addWindow(whole, result, window);
    options.onProgress?.(i + 1, windows.length);
  }
  if (whole === undefined) throw new Error('the plan has no window');
  averageOverlaps(whole, plan.axes);
  return plan.resizedFrom === undefined ? whole : resample(whole, plan.resizedFrom);
}
