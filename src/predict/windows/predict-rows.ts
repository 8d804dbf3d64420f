import { Failure } from '../../diagnostics/failure.js';
import { allocate, elementCount } from '../../runtime/tensor.js';
import { partOfRows, type RowSource, type Rows } from '../rows/row-source.js';
import { type Border, copyWindow, type Positions, positionsOf } from './copy-window.js';
import { RowBand } from './row-band.js';
import { RowSum, type WindowPlace } from './row-sum.js';
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
}

/** Smaller windows are computed together, so that they keep all processors busy. */
const BATCH_POSITIONS = 2 ** 18;

/** All combinations of the windows on the axes after the first, the last axis fastest. */
function places(plan: WindowPlan): WindowPlace[] {
  return plan.axes
    .slice(1)
    .reduce<WindowPlace[]>(
      (all, { starts, used }) =>
        all.flatMap((place) =>
          starts.map((start, i) => [...place, { start, from: used[i]?.from ?? 0, to: used[i]?.to ?? 0 }]),
        ),
      [[]],
    );
}

/**
 * Runs a model over an image by windows, and yields its outputs, (K, rows, ...rest), row by row in their order, as soon as
 * no window that follows changes them. In memory are the rows of the image and of the sums that one row of windows needs.
 * The bytes do not depend on the batches, except for what the engine's own sums do, nor on `from`.
 */
export async function* predictRows(
  model: WindowModel,
  source: RowSource,
  plan: WindowPlan,
  options: PredictRowsOptions = {},
): AsyncGenerator<Rows | Failure> {
  const { border = 'mirror', from: wanted = 0, onProgress } = options;
  const [first, ...others] = plan.axes;
  if (first === undefined) throw new Error('a plan has at least one axis');
  const inner = places(plan);
  const window = plan.axes.map((axis) => axis.window);
  const batch =
    model.batch ?? options.batch ?? Math.max(1, Math.floor(BATCH_POSITIONS / elementCount(window)));
  const band = new RowBand(source);
  const begin = firstNeeded(first.used, wanted);
  const sum = new RowSum(plan, first.used[begin]?.from ?? 0);
  const total = (first.starts.length - begin) * inner.length;
  const columns = inner.map((place) =>
    place.map(({ start }, i) => {
      const axis = others[i];
      return axis ? positionsOf(start - axis.before, axis.window, axis.size, border) : new Int32Array();
    }),
  );
  let done = 0;
  for (let row = begin; row < first.starts.length; row++) {
    const start = first.starts[row] ?? 0;
    const needed = positionsOf(start - first.before, first.window, first.size, border);
    const rows = [...needed].filter((position) => position >= 0);
    const low = rows.reduce((least, one) => Math.min(least, one), first.size);
    const high = rows.reduce((most, one) => Math.max(most, one), -1) + 1;
    const image = await band.hold(Math.max(band.from, low), high);
    if (image instanceof Failure) {
      yield image;
      return;
    }
    const lines: Positions = needed.map((position) => (position < 0 ? -1 : position - band.from));
    const used = first.used[row] ?? { from: 0, to: 0 };
    for (let at = 0; at < inner.length; at += batch) {
      const some = inner.slice(at, at + batch);
      const shape = [some.length, source.channels, ...window];
      const data = allocate(elementCount(shape), { what: 'a batch', shape });
      if (data instanceof Failure) {
        yield data;
        return;
      }
      const size = data.length / some.length;
      for (const [i] of some.entries())
        copyWindow(image, [lines, ...(columns[at + i] ?? [])], data, i * size);
      const output = await model.run({ shape, data });
      if (output instanceof Failure) {
        yield output;
        return;
      }
      const problem = sum.prepare(output.shape[1] ?? 0);
      if (problem) {
        yield problem;
        return;
      }
      for (const [i, place] of some.entries()) sum.add(output, i, [{ start, ...used }, ...place]);
      done += some.length;
      onProgress?.(done, total);
    }
    // No window that follows begins before this row.
    const next = first.used[row + 1]?.from ?? first.size;
    const finished = sum.take(next);
    if (finished && finished.to > wanted)
      yield partOfRows(finished, Math.max(finished.from, wanted), finished.to);
  }
}

/** The first row of windows that reaches the wanted row. */
function firstNeeded(used: readonly { readonly to: number }[], wanted: number): number {
  const found = used.findIndex(({ to }) => to > wanted);
  return found < 0 ? used.length : found;
}
