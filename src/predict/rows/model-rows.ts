import { Failure, failure } from '../../diagnostics/failure.js';
import { notFinite, positionOf } from '../../images/finite.js';
import type { ImageFile } from '../../images/image-file.js';
import { formFor } from '../../images/value-scale.js';
import type { Tensor } from '../../runtime/tensor.js';
import type { CaseGrid } from '../cases/case-grid.js';
import type { MemberRows } from '../labels/joined-rows.js';
import { asLogits } from '../model/as-logits.js';
import type { OutputRange } from '../model/model-head.js';
import type { PredictModel } from '../model/predict-model.js';
import type { Border } from '../windows/copy-window.js';
import { predictRows } from '../windows/predict-rows.js';
import { type WindowModel, withMirrors } from '../windows/window-model.js';
import type { WindowPlan } from '../windows/window-plan.js';
import { fileRows } from './file-rows.js';
import { normalizedRows } from './normalized-rows.js';
import type { PartClock } from './part-clock.js';
import { firstNetworkRow, isResampled, logitsOnFile, resampledRows } from './resampled-rows.js';
import type { RowSource, Rows } from './row-source.js';
import { sharedRows } from './shared-rows.js';

/** A model, and how it goes over an image. */
export interface ModelPass {
  readonly model: PredictModel;
  readonly grid: CaseGrid;
  readonly plan: WindowPlan;
  readonly range: OutputRange;
}

export interface ModelRowsOptions {
  readonly border: Border;
  /** Whether the outputs for the mirror images of each window are averaged. */
  readonly mirror: boolean;
  /** What takes the place of NaN and infinite numbers; they are an error when left out. */
  readonly replacement?: number | undefined;
  readonly batch?: number | undefined;
  /** Which image of the files. */
  readonly image: number;
  /** The first row of the file's image, after the turn, that is wanted. */
  readonly from: number;
  readonly clock: PartClock;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * The logits of a model on the grid of the file, from the first row that is missing on; of a model that is sampled, those of
 * each sample.
 */
export async function modelRows(
  pass: ModelPass,
  files: readonly ImageFile[],
  options: ModelRowsOptions,
): Promise<readonly MemberRows[] | Failure> {
  const { model, grid } = pass;
  const { clock } = options;
  const { normalization, channels, samples = [model.windows] } = model;
  const source = fileRows(files, {
    ...{ channels, image: options.image, turn: grid.turn, form: formFor(normalization.value) },
    replacement: options.replacement,
  });
  // Some read the image to measure it.
  const seen = await clock.wait('reading', async () => {
    const normalized = normalization.isInGraph ? source : await normalizedRows(source, normalization.value);
    return normalized instanceof Failure ? normalized : resampledRows(normalized, grid);
  });
  if (seen instanceof Failure) return seen;
  const sources = sharedRows(seen, samples.length);
  // Each sample has a source.
  return samples.map((windows, i) => memberRows(pass, windows, sources[i] as RowSource, options));
}

function memberRows(
  { model, grid, plan, range }: ModelPass,
  windows: WindowModel,
  seen: RowSource,
  options: ModelRowsOptions,
): MemberRows {
  const { from, clock } = options;
  const timed = {
    ...windows,
    async run(input: Tensor) {
      const output = await clock.runModel(model.session, () => windows.run(input));
      // Of a batch, (N, 1, ...output).
      if (!(output instanceof Failure) && output.shape[1] === 1) {
        range.add({ ...output, shape: output.shape.slice(1) });
      }
      return output;
    },
  };
  const logits = asLogits(timed, model.head.head);
  const mirrored = options.mirror ? plan.axes.map((_, i) => i) : [];
  const rows = predictRows(withMirrors(logits, mirrored), clock.reading(seen), plan, {
    border: options.border,
    stitch: (work) => clock.measure('stitching', work),
    from: isResampled(grid) ? firstNetworkRow(grid, from) : from,
    ...(options.batch === undefined ? {} : { batch: options.batch }),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  const finite = finiteRows(rows);
  return isResampled(grid) ? logitsOnFile(finite, grid, from) : finite;
}

/** Fails at a number of an output that is NaN or infinite. */
async function* finiteRows(rows: AsyncGenerator<Rows | Failure>): AsyncGenerator<Rows | Failure> {
  for await (const one of rows) {
    const wrong = one instanceof Failure ? undefined : notFinite(one.values.data);
    if (one instanceof Failure || !wrong) {
      yield one;
      continue;
    }
    const [channel = 0, row = 0, ...rest] = positionOf(wrong.first, one.values.shape);
    const total = one.values.data.length;
    yield failure('output-not-finite', {
      count: wrong.count,
      total,
      first: [channel, row + one.from, ...rest],
    });
    return;
  }
}
