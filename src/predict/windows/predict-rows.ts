import { Failure } from '../../diagnostics/failure.js';
import { elementCount, type Tensor } from '../../runtime/tensor.js';
import { partOfRows, type RowSource, type Rows } from '../rows/row-source.js';
import { ahead } from './ahead.js';
import type { Border } from './copy-window.js';
import { RowSum } from './row-sum.js';
import { innerPlaces, type WindowBatch, windowBatches } from './window-batches.js';
import type { WindowModel } from './window-model.js';
import type { WindowPlan } from './window-plan.js';

export interface PredictRowsOptions {
  /** What lies beyond the borders of the image: `mirror` when left out. */
  readonly border?: Border;
  /** Windows that the model computes at once; when left out, as many as have together 2^18 positions. */
  readonly batch?: number;
  /** The first row that is wanted; 0 when left out. The windows before it are computed only if they overlap it. */
  readonly from?: number;
  /** Called after each batch, with the number of windows. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Runs what adds and averages outputs, such as to measure its time. */
  readonly stitch?: <T>(work: () => T) => T;
}

/** Smaller windows are computed together, so that they keep all processors busy. */
const BATCH_POSITIONS = 2 ** 18;

/** Windows that a model was given. */
interface RunningBatch extends Omit<WindowBatch, 'input'> {
  readonly output: Promise<Tensor | Failure>;
}

/** Gives batches to a model, without a wait for its outputs. Waits for the last ones at its end. */
async function* runningBatches(
  model: WindowModel,
  batches: AsyncGenerator<WindowBatch | Failure>,
): AsyncGenerator<RunningBatch | Failure> {
  const underWay = new Set<Promise<unknown>>();
  try {
    for await (const one of batches) {
      if (one instanceof Failure) {
        yield one;
        return;
      }
      const { input, ...batch } = one;
      const output = model.run(input);
      const settled: Promise<unknown> = output
        // Whoever uses the output sees the error, too.
        .catch(() => undefined)
        .finally(() => underWay.delete(settled));
      underWay.add(settled);
      yield { ...batch, output };
    }
  } finally {
    await Promise.all(underWay);
  }
}

/**
 * Runs a model over an image by windows, and yields its outputs, (K, rows, ...rest), row by row in their order, as soon as
 * no window that follows changes them. In memory are the rows of the image and of the sums that one row of windows needs,
 * and a batch; three of them if the model works beside this thread: then the next windows are read and cut while it computes,
 * and the last ones added. The bytes do not depend on the batches, except for what the engine's own sums do, nor on `from`.
 */
export async function* predictRows(
  model: WindowModel,
  source: RowSource,
  plan: WindowPlan,
  options: PredictRowsOptions = {},
): AsyncGenerator<Rows | Failure> {
  const { border = 'mirror', from: wanted = 0, onProgress, stitch = (work) => work() } = options;
  const [first] = plan.axes;
  if (first === undefined) throw new Error('a plan has at least one axis');
  const positions = elementCount(plan.axes.map((axis) => axis.window));
  const batch = model.batch ?? options.batch ?? Math.max(1, Math.floor(BATCH_POSITIONS / positions));
  const begin = firstNeeded(first.used, wanted);
  const sum = new RowSum(plan, first.used[begin]?.from ?? 0);
  const total = (first.starts.length - begin) * innerPlaces(plan).length;
  const batches = runningBatches(model, windowBatches(source, plan, { border, batch, begin }));
  let done = 0;
  for await (const one of model.isBeside ? ahead(batches) : batches) {
    if (one instanceof Failure) {
      yield one;
      return;
    }
    const { places, finished: end } = one;
    const output = await one.output;
    if (output instanceof Failure) {
      yield output;
      return;
    }
    const problem = sum.prepare(output.shape[1] ?? 0);
    if (problem) {
      yield problem;
      return;
    }
    stitch(() => {
      for (const [i, place] of places.entries()) sum.add(output, i, place);
    });
    done += places.length;
    onProgress?.(done, total);
    if (end === undefined) continue;
    const parts = sum.take(end);
    for (;;) {
      const { value: finished } = stitch(() => parts.next());
      if (!finished) break;
      if (finished.to > wanted) yield partOfRows(finished, Math.max(finished.from, wanted), finished.to);
    }
  }
}

/** The first row of windows that reaches the wanted row. */
function firstNeeded(used: readonly { readonly to: number }[], wanted: number): number {
  const found = used.findIndex(({ to }) => to > wanted);
  return found < 0 ? used.length : found;
}
