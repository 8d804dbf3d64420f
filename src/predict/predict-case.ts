import { Failure, failure } from '../diagnostics/failure.js';
import { OpenedFiles } from '../formats/file-reader.js';
import type { StoredArray } from '../formats/stored-array.js';
import { notFinite, positionOf } from '../images/finite.js';
import type { ImageFile } from '../images/image-file.js';
import type { AxisMoves, SliceAxis } from '../images/image-layout.js';
import { onGridOf } from '../images/scatter.js';
import { formFor } from '../images/value-scale.js';
import { elementCount, type Tensor } from '../runtime/tensor.js';
import { fileRows } from './file-rows.js';
import { labelRows, type ModelRows } from './label-rows.js';
import { asLogits } from './model/as-logits.js';
import { OutputRange, rangeNotes } from './model/model-head.js';
import type { PredictModel } from './model/predict-model.js';
import { normalizedRows } from './normalized-rows.js';
import { type OpenedCase, openCase } from './open-case.js';
import { movesTo } from './orientation.js';
import { PartFile } from './part-file.js';
import type { Rows } from './row-source.js';
import type { Border } from './windows/copy-window.js';
import { predictRows } from './windows/predict-rows.js';
import { withMirrors } from './windows/window-model.js';
import { planWindows, type WindowOptions, type WindowPlan } from './windows/window-plan.js';

export interface PredictCaseOptions {
  readonly windows: WindowOptions;
  readonly border: Border;
  /** Whether the outputs for the mirror images of each window are averaged. */
  readonly mirror: boolean;
  readonly sliceAxis?: SliceAxis | undefined;
  /** What takes the place of NaN and infinite numbers; they are an error when left out. */
  readonly replacement?: number | undefined;
  readonly batch?: number | undefined;
  readonly resume: boolean;
  /** All that the labels depend on besides the case, as text. */
  readonly settings: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What became of a case. */
export interface CasePrediction {
  /** The labels on the grid of the input. */
  readonly labels: StoredArray;
  readonly part: PartFile;
  /** (images, ...spatial) of the input; without images where there is one. */
  readonly shape: readonly number[];
  /** How many positions each class has. */
  readonly counts: readonly number[];
  readonly windows: string;
  readonly notes: readonly string[];
  readonly seconds: { readonly model: number; readonly total: number };
}

const NO_MOVES = (rank: number): AxisMoves => ({
  order: Array.from({ length: rank }, (_, i) => i),
  back: Array.from({ length: rank }, () => false),
});

/** Counts the time that a model takes. */
class Clock {
  seconds = 0;

  async measure<T>(run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await run();
    this.seconds += (performance.now() - start) / 1000;
    return result;
  }
}

/** Where the labels of a case are gathered, and how. */
interface Gathering {
  readonly part: PartFile;
  readonly plan: WindowPlan;
  readonly moves: AxisMoves;
  /** Of an image, after its axes were moved. */
  readonly spatial: readonly number[];
  /** Of a label. */
  readonly bytes: 1 | 2;
  readonly clock: Clock;
  readonly ranges: ReadonlyMap<PredictModel, OutputRange>;
}

/**
 * Predicts the labels of one case: the files of its channels. They are on the grid of the first file and in its place. In
 * memory are one row of windows, and the labels.
 */
export function predictCase(
  models: readonly PredictModel[],
  paths: readonly string[],
  output: string,
  options: PredictCaseOptions,
): Promise<CasePrediction | Failure> {
  const begun = performance.now();
  const [model] = models;
  if (model === undefined) throw new Error('there is at least one model');
  return OpenedFiles.during(async (files) => {
    const opened = await openCase(files, paths, model, options.sliceAxis);
    if (opened instanceof Failure) return opened;
    const gathering = openGathering(models, model, opened, output, options);
    if (gathering instanceof Failure) return gathering;
    const failed = await appendRows(models, opened, gathering, options);
    const heads = failed ?? headsOf(gathering.ranges);
    const found = heads instanceof Failure ? heads : labelsOf(opened, gathering);
    if (found instanceof Failure) {
      gathering.part.close();
      return found;
    }
    const { layout } = opened.first;
    return {
      ...found,
      part: gathering.part,
      shape: [...(layout.images > 1 ? [layout.images] : []), ...layout.spatial],
      // Without a failure, they are sentences.
      notes: [...opened.notes, ...new Set(heads instanceof Failure ? [] : heads)],
      windows: gathering.plan.summary,
      seconds: { model: gathering.clock.seconds, total: (performance.now() - begun) / 1000 },
    };
  });
}

function openGathering(
  models: readonly PredictModel[],
  model: PredictModel,
  { first: { header, layout } }: OpenedCase,
  output: string,
  options: PredictCaseOptions,
): Gathering | Failure {
  const moves = movesTo(header.geometry?.orientation, model.orientation, layout) ?? NO_MOVES(model.rank);
  const spatial = moves.order.map((from) => layout.spatial[from] ?? 0);
  const plan = planWindows(model.rules, model.margin, spatial, options.windows, model.declared);
  if (plan instanceof Failure) return plan;
  const channels = model.session.outputs[0]?.shape[1];
  // A model may not say how many classes it has.
  const bytes = typeof channels === 'number' && channels <= 256 ? 1 : 2;
  const settings = JSON.stringify({ settings: options.settings, spatial, images: layout.images });
  const rowBytes = bytes * elementCount(spatial.slice(1));
  const part = PartFile.open(output, settings, rowBytes, options.resume);
  if (part instanceof Failure) return part;
  const ranges = new Map(models.map((one) => [one, new OutputRange()]));
  return { part, plan, moves, spatial, bytes, clock: new Clock(), ranges };
}

/** Computes the rows that are missing, and appends them. */
async function appendRows(
  models: readonly PredictModel[],
  { files, first: { layout } }: OpenedCase,
  gathering: Gathering,
  options: PredictCaseOptions,
): Promise<Failure | undefined> {
  const { part, spatial, bytes } = gathering;
  const [model] = models;
  const [size = 0] = spatial;
  for (let image = Math.floor(part.rows / size); image < layout.images; image++) {
    const onProgress = (done: number, total: number) =>
      options.onProgress?.(image * total + done, layout.images * total);
    const rows: ModelRows[] = [];
    for (const one of models) {
      const own = await modelRows(one, files, image, gathering, { ...options, onProgress });
      if (own instanceof Failure) return own;
      rows.push(own);
    }
    // Of logits; other numbers than those of a sigmoid stay as they are.
    const threshold = model?.head.head === 'sigmoid' ? 0 : (model?.head.threshold ?? 0);
    for await (const labels of labelRows(rows, { threshold })) {
      if (labels instanceof Failure) return labels;
      const data = bytes === 2 ? Uint16Array.from(labels.data) : labels.data;
      const failed = part.append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      if (failed) return failed;
    }
  }
  return undefined;
}

/** How the outputs of models that do not name their head were read. */
function headsOf(ranges: Gathering['ranges']): readonly string[] | Failure {
  const notes: string[] = [];
  for (const [{ head }, range] of ranges) {
    const read = rangeNotes(head, range);
    if (read instanceof Failure) return read;
    notes.push(...read);
  }
  return notes;
}

/** The gathered labels on the grid of the input. */
function labelsOf(
  { first: { header, layout }, options }: OpenedCase,
  { part, spatial: [size = 0], bytes, moves }: Gathering,
): Pick<CasePrediction, 'labels' | 'counts'> | Failure {
  const counts: number[] = [];
  const planes = Array.from({ length: layout.images }, (_, image) => {
    const own = part.read(image * size, (image + 1) * size);
    const plane = bytes === 2 ? new Uint16Array(own.buffer) : own;
    for (const label of plane) counts[label] = (counts[label] ?? 0) + 1;
    return plane;
  });
  const type = bytes === 2 ? 'uint16' : 'uint8';
  const labels = onGridOf(header, layout, options, planes, type, moves);
  if (labels instanceof Failure) return labels;
  return { labels, counts: Array.from({ length: Math.max(2, counts.length) }, (_, k) => counts[k] ?? 0) };
}

async function modelRows(
  model: PredictModel,
  files: readonly ImageFile[],
  image: number,
  { part, spatial, moves, plan, clock, ranges }: Gathering,
  options: PredictCaseOptions,
): Promise<ModelRows | Failure> {
  const { normalization, channels } = model;
  const range = ranges.get(model);
  const from = part.rows - image * (spatial[0] ?? 0);
  const source = fileRows(files, {
    ...{ channels, image, moves, form: formFor(normalization.value) },
    replacement: options.replacement,
  });
  const normalized = normalization.isInGraph ? source : await normalizedRows(source, normalization.value);
  if (normalized instanceof Failure) return normalized;
  const timed = {
    ...model.windows,
    async run(input: Tensor) {
      const output = await clock.measure(() => model.windows.run(input));
      // Of a batch, (N, 1, ...output).
      if (!(output instanceof Failure) && output.shape[1] === 1)
        range?.add({ ...output, shape: output.shape.slice(1) });
      return output;
    },
  };
  const logits = asLogits(timed, model.head.head);
  const windows = options.mirror
    ? withMirrors(
        logits,
        plan.axes.map((_, i) => i),
      )
    : logits;
  const rows = predictRows(windows, normalized, plan, {
    ...{ border: options.border, from },
    ...(options.batch === undefined ? {} : { batch: options.batch }),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  const head = model.head.head === 'softmax' || model.head.head === 'sigmoid' ? model.head.head : undefined;
  return { rows: finiteRows(rows), activation: head };
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
