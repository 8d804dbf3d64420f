import { Failure, failure } from '../diagnostics/failure.js';
import { OpenedFiles } from '../formats/file-reader.js';
import type { StoredArray } from '../formats/stored-array.js';
import { notFinite, positionOf } from '../images/finite.js';
import type { ImageFile } from '../images/image-file.js';
import type { SliceAxis } from '../images/image-layout.js';
import { onGridOf } from '../images/scatter.js';
import { formFor } from '../images/value-scale.js';
import { checkPostprocessing } from '../objects/postprocess/step-fit.js';
import { type Turn, turnedAxes } from '../resample/orientation.js';
import { elementCount, type Tensor } from '../runtime/tensor.js';
import { type CaseGrid, caseGrid } from './case-grid.js';
import { fileRows } from './file-rows.js';
import { type FinishOptions, finishedPlane, numberedObjects } from './finish-labels.js';
import { labelRows, type ModelRows } from './label-rows.js';
import { asLogits } from './model/as-logits.js';
import { OutputRange, rangeNotes } from './model/model-head.js';
import type { PredictModel } from './model/predict-model.js';
import { normalizedRows } from './normalized-rows.js';
import { type OpenedCase, openCase, spacingOf } from './open-case.js';
import { PartFile } from './part-file.js';
import { firstNetworkRow, isResampled, logitsOnFile, resampledRows } from './resampled-rows.js';
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
  /** What is done with the labels once all are there; nothing when left out. */
  readonly finish?: FinishOptions;
  /** All that the labels depend on besides the case, as text. */
  readonly settings: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What became of a case. */
export interface CasePrediction {
  /** The labels on the grid of the input. */
  readonly labels: StoredArray;
  /** The objects on the same grid, and the class of each by its number, if they were to be numbered. */
  readonly objects: { readonly array: StoredArray; readonly values: readonly number[] } | undefined;
  readonly part: PartFile;
  /** (images, ...spatial) of the input; without images where there is one. */
  readonly shape: readonly number[];
  /** How many positions each class has. */
  readonly counts: readonly number[];
  readonly windows: string;
  readonly notes: readonly string[];
  readonly seconds: { readonly model: number; readonly total: number };
}

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
  readonly turn: Turn;
  /** Of an image, after the turn. */
  readonly spatial: readonly number[];
  /** The distance between positions on each of these axes, where it is known. */
  readonly micrometres: readonly number[] | undefined;
  /** Of a label. */
  readonly bytes: 1 | 2;
  readonly clock: Clock;
  readonly passes: readonly ModelPass[];
}

/** A model, and how it goes over an image. */
interface ModelPass {
  readonly model: PredictModel;
  readonly grid: CaseGrid;
  readonly plan: WindowPlan;
  readonly range: OutputRange;
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
    const gathering = openGathering(models, opened, output, options);
    if (gathering instanceof Failure) return gathering;
    const failed = await appendRows(opened, gathering, options);
    const heads = failed ?? headsOf(gathering.passes);
    const found = heads instanceof Failure ? heads : labelsOf(opened, gathering, options.finish);
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
      notes: [...opened.notes, ...gridNotes(gathering), ...new Set(heads instanceof Failure ? [] : heads)],
      windows: gathering.passes[0]?.plan.summary ?? '',
      seconds: { model: gathering.clock.seconds, total: (performance.now() - begun) / 1000 },
    };
  });
}

function gridNotes({ passes }: Gathering): readonly string[] {
  return [...new Set(passes.flatMap(({ grid }) => grid.notes))];
}

function openGathering(
  models: readonly PredictModel[],
  { first }: OpenedCase,
  output: string,
  options: PredictCaseOptions,
): Gathering | Failure {
  const passes: ModelPass[] = [];
  for (const model of models) {
    const grid = caseGrid(first, model);
    const plan = planWindows(model.rules, model.margin, grid.network, options.windows, model.declared);
    if (plan instanceof Failure) return plan;
    passes.push({ model, grid, plan, range: new OutputRange() });
  }
  const [pass] = passes;
  if (!pass) throw new Error('there is at least one model');
  const { turn, spatial } = pass.grid;
  const channels = pass.model.session.outputs[0]?.shape[1];
  // A model may not say how many classes it has.
  const bytes = typeof channels === 'number' && channels <= 256 ? 1 : 2;
  const { images } = first.layout;
  const grids = passes.map(({ grid, plan }) => ({ ...grid, windows: plan.axes.map(({ window }) => window) }));
  const settings = JSON.stringify({ settings: options.settings, images, grids });
  const stated = spacingOf(first);
  const micrometres = stated && turnedAxes(stated, turn).map((millimetres) => millimetres * 1000);
  const misfit = checkPostprocessing(options.finish?.steps ?? [], { rank: spatial.length, micrometres });
  if (misfit) return misfit;
  const rowBytes = bytes * elementCount(spatial.slice(1));
  const part = PartFile.open(output, settings, rowBytes, options.resume);
  if (part instanceof Failure) return part;
  return { part, turn, spatial, micrometres, bytes, clock: new Clock(), passes };
}

/** Computes the rows that are missing, and appends them. */
async function appendRows(
  { files, first: { layout } }: OpenedCase,
  gathering: Gathering,
  options: PredictCaseOptions,
): Promise<Failure | undefined> {
  const { part, spatial, bytes, passes } = gathering;
  const head = passes[0]?.model.head;
  const [size = 0] = spatial;
  for (let image = Math.floor(part.rows / size); image < layout.images; image++) {
    const onProgress = (done: number, total: number) =>
      options.onProgress?.(image * total + done, layout.images * total);
    const rows: ModelRows[] = [];
    for (const pass of passes) {
      const own = await modelRows(pass, files, image, gathering, { ...options, onProgress });
      if (own instanceof Failure) return own;
      rows.push(own);
    }
    // Of logits; other numbers than those of a sigmoid stay as they are.
    const threshold = head?.head === 'sigmoid' ? 0 : (head?.threshold ?? 0);
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
function headsOf(passes: Gathering['passes']): readonly string[] | Failure {
  const notes: string[] = [];
  for (const { model, range } of passes) {
    const read = rangeNotes(model.head, range);
    if (read instanceof Failure) return read;
    notes.push(...read);
  }
  return notes;
}

/** The gathered labels on the grid of the input, finished. */
function labelsOf(
  { first, options }: OpenedCase,
  { part, spatial, micrometres, bytes, turn }: Gathering,
  { steps, objects }: FinishOptions = { steps: [], objects: undefined },
): Pick<CasePrediction, 'labels' | 'counts' | 'objects'> | Failure {
  const { header, layout } = first;
  const [size = 0] = spatial;
  const counts: number[] = [];
  const planes: (Uint8Array | Uint16Array)[] = [];
  for (let image = 0; image < layout.images; image++) {
    const own = part.read(image * size, (image + 1) * size);
    const read = bytes === 2 ? new Uint16Array(own.buffer) : own;
    const plane = finishedPlane(read, spatial, steps, micrometres);
    if (plane instanceof Failure) return plane;
    for (const label of plane) counts[label] = (counts[label] ?? 0) + 1;
    planes.push(plane);
  }
  const labels = onGridOf(header, layout, options, planes, bytes === 2 ? 'uint16' : 'uint8', turn);
  if (labels instanceof Failure) return labels;
  const all = Array.from({ length: Math.max(2, counts.length) }, (_, k) => counts[k] ?? 0);
  if (!objects) return { labels, counts: all, objects: undefined };
  const numbered = numberedObjects(planes, spatial, objects, micrometres);
  const { values } = numbered;
  const isWide = values.length > 2 ** 16;
  const narrow = isWide ? numbered.planes : numbered.planes.map((plane) => Uint16Array.from(plane));
  const array = onGridOf(header, layout, options, narrow, isWide ? 'int32' : 'uint16', turn);
  return array instanceof Failure ? array : { labels, counts: all, objects: { array, values } };
}

/** The logits of a model on the grid of the file, from the first row that is missing on. */
async function modelRows(
  { model, grid, plan, range }: ModelPass,
  files: readonly ImageFile[],
  image: number,
  { part, spatial, turn, clock }: Gathering,
  options: PredictCaseOptions,
): Promise<ModelRows | Failure> {
  const { normalization, channels, head } = model;
  const from = part.rows - image * (spatial[0] ?? 0);
  const source = fileRows(files, {
    ...{ channels, image, turn, form: formFor(normalization.value) },
    replacement: options.replacement,
  });
  const normalized = normalization.isInGraph ? source : await normalizedRows(source, normalization.value);
  const seen = normalized instanceof Failure ? normalized : await resampledRows(normalized, grid);
  if (seen instanceof Failure) return seen;
  const timed = {
    ...model.windows,
    async run(input: Tensor) {
      const output = await clock.measure(() => model.windows.run(input));
      // Of a batch, (N, 1, ...output).
      if (!(output instanceof Failure) && output.shape[1] === 1) {
        range.add({ ...output, shape: output.shape.slice(1) });
      }
      return output;
    },
  };
  const logits = asLogits(timed, head.head);
  const mirrored = options.mirror ? plan.axes.map((_, i) => i) : [];
  const rows = predictRows(withMirrors(logits, mirrored), seen, plan, {
    border: options.border,
    from: isResampled(grid) ? firstNetworkRow(grid, from) : from,
    ...(options.batch === undefined ? {} : { batch: options.batch }),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  const finite = finiteRows(rows);
  return {
    rows: isResampled(grid) ? logitsOnFile(finite, grid, from) : finite,
    activation: head.head === 'softmax' || head.head === 'sigmoid' ? head.head : undefined,
  };
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
