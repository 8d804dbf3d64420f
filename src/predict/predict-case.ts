import { Failure } from '../diagnostics/failure.js';
import { OpenedFiles } from '../formats/file-reader.js';
import type { SliceAxis } from '../images/image-layout.js';
import { checkPostprocessing } from '../objects/postprocess/step-fit.js';
import { turnedAxes } from '../resample/orientation.js';
import { elementCount } from '../runtime/tensor.js';
import { caseGrid } from './cases/case-grid.js';
import { type OpenedCase, openCase, spacingOf } from './cases/open-case.js';
import type { FinishOptions } from './labels/finish-labels.js';
import { labelRows, type ModelRows } from './labels/label-rows.js';
import { PartFile } from './labels/part-file.js';
import { type GatheredLabels, type PlacedLabels, placedLabels } from './labels/placed-labels.js';
import { OutputRange, rangeNotes } from './model/model-head.js';
import type { PredictModel } from './model/predict-model.js';
import { type ModelPass, modelRows } from './rows/model-rows.js';
import { PartClock } from './rows/part-clock.js';
import type { Border } from './windows/copy-window.js';
import { planWindows, type WindowOptions } from './windows/window-plan.js';

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
export interface CasePrediction extends PlacedLabels {
  readonly part: PartFile;
  /** (images, ...spatial) of the input; without images where there is one. */
  readonly shape: readonly number[];
  readonly windows: string;
  readonly notes: readonly string[];
  readonly clock: PartClock;
}

/** Where the labels of a case are gathered, and how. */
interface Gathering extends GatheredLabels {
  readonly clock: PartClock;
  readonly passes: readonly ModelPass[];
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
  const [model] = models;
  if (model === undefined) throw new Error('there is at least one model');
  const clock = new PartClock(models.map(({ session }) => session));
  return OpenedFiles.during(async (files) => {
    const opened = await openCase(files, paths, model, options.sliceAxis);
    if (opened instanceof Failure) return opened;
    const gathering = openGathering(models, opened, output, options, clock);
    if (gathering instanceof Failure) return gathering;
    const failed = await appendRows(opened, gathering, options);
    const heads = failed ?? headsOf(gathering.passes);
    const found = heads instanceof Failure ? heads : placedLabels(opened, gathering, options.finish);
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
      clock: gathering.clock,
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
  clock: PartClock,
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
  return { part, turn, spatial, micrometres, bytes, clock, passes };
}

/** Computes the rows that are missing, and appends them. */
async function appendRows(
  { files, first: { layout } }: OpenedCase,
  gathering: Gathering,
  options: PredictCaseOptions,
): Promise<Failure | undefined> {
  const { part, spatial, bytes, passes, clock } = gathering;
  const head = passes[0]?.model.head;
  const [size = 0] = spatial;
  for (let image = Math.floor(part.rows / size); image < layout.images; image++) {
    const onProgress = (done: number, total: number) =>
      options.onProgress?.(image * total + done, layout.images * total);
    const rows: ModelRows[] = [];
    for (const pass of passes) {
      const from = part.rows - image * size;
      const own = await modelRows(pass, files, { ...options, image, from, clock, onProgress });
      if (own instanceof Failure) return own;
      rows.push(own);
    }
    // Of logits; other numbers than those of a sigmoid stay as they are.
    const threshold = head?.head === 'sigmoid' ? 0 : (head?.threshold ?? 0);
    try {
      for await (const labels of labelRows(rows, { threshold })) {
        if (labels instanceof Failure) return labels;
        const data = bytes === 2 ? Uint16Array.from(labels.data) : labels.data;
        const rowBytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        const failed = clock.measure('writing', () => part.append(rowBytes));
        if (failed) return failed;
      }
    } finally {
      // Some may be ahead of the others, with a run under way.
      for (const one of rows) await one.rows.return(undefined);
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
