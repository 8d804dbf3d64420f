import { Failure } from '../../diagnostics/failure.js';
import { allocate, elementCount, type Tensor } from '../../runtime/tensor.js';
import type { RowSource } from '../rows/row-source.js';
import { type Border, copyWindow, type Positions, positionsOf } from './copy-window.js';
import { RowBand } from './row-band.js';
import type { WindowPlace } from './row-sum.js';
import type { WindowPlan } from './window-plan.js';

/** Windows of one row of windows that a model computes at once. */
export interface WindowBatch {
  /** (N, C, ...window). */
  readonly input: Tensor;
  /** Where each window's output goes. */
  readonly places: readonly WindowPlace[];
  /** With the last windows of a row: no window that follows changes what lies before this row of the image. */
  readonly finished: number | undefined;
}

export interface BatchOptions {
  readonly border: Border;
  /** Windows in a batch, at most. */
  readonly batch: number;
  /** The row of windows that comes first. */
  readonly begin: number;
}

/** All combinations of the windows on the axes after the first, the last axis fastest. */
export function innerPlaces(plan: WindowPlan): WindowPlace[] {
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

/** Cuts the windows of an image, row of windows by row. In memory are the rows of the image that one row of windows needs. */
export async function* windowBatches(
  source: RowSource,
  plan: WindowPlan,
  { border, batch, begin }: BatchOptions,
): AsyncGenerator<WindowBatch | Failure> {
  const [first, ...others] = plan.axes;
  if (first === undefined) throw new Error('a plan has at least one axis');
  const inner = innerPlaces(plan);
  const window = plan.axes.map((axis) => axis.window);
  const band = new RowBand(source);
  const columns = inner.map((place) =>
    place.map(({ start }, i) => {
      const axis = others[i];
      return axis ? positionsOf(start - axis.before, axis.window, axis.size, border) : new Int32Array();
    }),
  );
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
      yield {
        input: { shape, data },
        places: some.map((place) => [{ start, ...used }, ...place]),
        finished: at + batch < inner.length ? undefined : (first.used[row + 1]?.from ?? first.size),
      };
    }
  }
}
