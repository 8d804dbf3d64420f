import { Failure } from '../diagnostics/failure.js';
import { elementBytes } from '../formats/element.js';
import { OpenedFiles } from '../formats/file-reader.js';
import type { SliceAxis } from '../images/image-layout.js';
import { gridHeader } from '../images/scatter.js';
import { checkPostprocessing } from '../objects/postprocess/step-fit.js';
import { turnedAxes } from '../resample/orientation.js';
import { elementCount } from '../runtime/tensor.js';
import { caseGrid } from './cases/case-grid.js';
import { type OpenedCase, openCase, spacingOf } from './cases/open-case.js';
import { checkFinish, type FinishOptions } from './labels/finish-labels.js';
import type { MemberRows } from './labels/joined-rows.js';
import { labelRows } from './labels/label-rows.js';
import { checkOutput } from './labels/output-format.js';
import { type PartContent, PartSet } from './labels/part-set.js';
import { type GatheredLabels, type PlacedLabels, placedLabels } from './labels/placed-labels.js';
import { rangeBytes, rangeRows, restoreRanges } from './labels/range-part.js';
import { mapPath } from './maps/map-path.js';
import { type MapMeasures, measuredMap } from './maps/measured-map.js';
import { type PlacedMap, placedMaps } from './maps/placed-maps.js';
import { mapType, type ResultMap } from './maps/result-map.js';
import { labelBytes, outputScaleOf, regionNotes } from './model/label-rule.js';
import { OutputRange, rangeNotes } from './model/model-head.js';
import type { PredictModel } from './model/predict-model.js';
import { type ModelPass, modelRows } from './rows/model-rows.js';
import { PartClock } from './rows/part-clock.js';
import { WindowProgress } from './rows/window-progress.js';
import { caseUnlike } from './unlike/case-unlike.js';
import { type Unlike, unlikeText } from './unlike/unlike-training.js';
import type { Border } from './windows/copy-window.js';
import { planWindows, rowProblem, type WindowOptions, windowCount } from './windows/window-plan.js';

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
  /** Maps besides the labels; none when left out. */
  readonly maps?: readonly ResultMap[];
  /** All that the labels depend on besides the case, as text. */
  readonly settings: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What became of a case. */
export interface CasePrediction extends PlacedLabels {
  readonly part: PartSet;
  readonly maps: readonly (PlacedMap & { readonly measures: MapMeasures })[];
  /** (images, ...spatial) of the input; without images where there is one. */
  readonly shape: readonly number[];
  readonly windows: string;
  readonly notes: readonly string[];
  /** In what it is unlike the training images, which the notes say too. */
  readonly unlike: readonly Unlike[];
  readonly clock: PartClock;
}

/** Where the labels of a case are gathered, and how. */
interface Gathering extends GatheredLabels {
  readonly clock: PartClock;
  readonly passes: readonly ModelPass[];
  /** The labels, each map, and the ranges of outputs of models that do not name their head. */
  readonly parts: PartSet;
  readonly maps: readonly ResultMap[];
}

/**
 * Predicts the labels of one case: the files of its channels. They are on the grid of the first file and in its place, and in
 * files beside the output. In memory is one row of windows.
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
    const { grid, range } = gathering.passes[0] ?? {};
    const unlike = grid ? await caseUnlike(opened, models, grid, options.replacement) : [];
    const placed =
      (await appendRows(opened, gathering, options)) ??
      (await placedResults(opened, gathering, output, options));
    if (placed instanceof Failure) {
      gathering.parts.close();
      return placed;
    }
    const { layout } = opened.first;
    return {
      ...{ ...placed, unlike, part: gathering.parts },
      shape: [...(layout.images > 1 ? [layout.images] : []), ...layout.spatial],
      notes: [
        ...opened.notes,
        ...gridNotes(gathering),
        ...placed.notes,
        ...unlike.map((one) => unlikeText(one, model.channels)),
        ...regionNotes(model.rule, model.outputChannels ?? (range?.channels || undefined)),
      ],
      windows: gathering.passes[0]?.plan.summary ?? '',
      clock: gathering.clock,
    };
  });
}

/** All that was gathered, on the grid of the input, and notes on how it was read. */
async function placedResults(
  opened: OpenedCase,
  gathering: Gathering,
  output: string,
  { finish }: PredictCaseOptions,
): Promise<(PlacedLabels & Pick<CasePrediction, 'maps' | 'notes'>) | Failure> {
  const heads = headsOf(gathering.passes);
  if (heads instanceof Failure) return heads;
  const maps = placedMaps(opened, gathering, gathering.maps, gathering.parts.files.slice(1));
  if (maps instanceof Failure) return maps;
  const labels = await placedLabels(opened, gathering, output, finish);
  if (labels instanceof Failure) return labels;
  const { bytes, spatial } = gathering;
  const file = { file: labels.rows, bytes, line: elementCount(spatial.slice(1)) };
  return {
    ...labels,
    maps: maps.map((map) => ({ ...map, measures: measuredMap(map.map, map.part, file) })),
    notes: [...new Set(heads)],
  };
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
    const tooLarge = rowProblem(plan, model.outputChannels ?? 1);
    if (tooLarge) return tooLarge;
    passes.push({ model, grid, plan, range: new OutputRange() });
  }
  const [pass] = passes;
  if (!pass) throw new Error('there is at least one model');
  const { turn, spatial } = pass.grid;
  const { rule, outputChannels } = pass.model;
  const bytes = labelBytes(rule, outputChannels);
  const { images } = first.layout;
  const { maps = [] } = options;
  const grids = passes.map(({ grid, plan }) => ({ ...grid, windows: plan.axes.map(({ window }) => window) }));
  const heads = passes.map(({ model }) => model.head);
  const settings = JSON.stringify({ settings: options.settings, images, grids, heads, rule, maps });
  const stated = spacingOf(first);
  const micrometres = stated && turnedAxes(stated, turn).map((millimetres) => millimetres * 1000);
  const misfit = checkPostprocessing(options.finish?.steps ?? [], { rank: spatial.length, micrometres });
  if (misfit) return misfit;
  const unfit = outputProblem(first, output, bytes, options);
  if (unfit) return unfit;
  const line = elementCount(spatial.slice(1));
  const contents: PartContent[] = [
    { output, rowBytes: bytes * line },
    ...maps.map((map) => ({
      output: mapPath(output, map),
      rowBytes: line * elementBytes[mapType(map)],
    })),
  ];
  if (namesNoHead(passes)) contents.push({ output: `${output}.range`, rowBytes: rangeBytes(passes.length) });
  const parts = PartSet.open(contents, settings, options.resume);
  if (parts instanceof Failure) return parts;
  const [part, ...others] = parts.files;
  if (!part) throw new Error('the labels have a part');
  const ranges = namesNoHead(passes) ? others.at(-1) : undefined;
  if (ranges) restoreRanges(rangesOf(passes), ranges);
  return { part, parts, maps, turn, spatial, micrometres, bytes, clock, passes };
}

/** Why the outputs cannot be written, or not be finished. */
function outputProblem(
  { header, layout }: OpenedCase['first'],
  output: string,
  bytes: 1 | 2,
  { finish, maps = [] }: PredictCaseOptions,
): Failure | undefined {
  const tooLarge = finish && checkFinish(finish, layout.images, layout.spatial);
  if (tooLarge) return tooLarge;
  const files = [
    { path: output, type: finish?.objects || bytes === 2 ? ('uint16' as const) : ('uint8' as const) },
    ...maps.map((map) => ({ path: mapPath(output, map), type: mapType(map) })),
  ];
  for (const { path, type } of files) {
    const problem = checkOutput(path, gridHeader(header, layout, type));
    if (problem) return problem;
  }
  return undefined;
}

/** Whether the range of some model's outputs tells what they are. */
function namesNoHead(passes: readonly ModelPass[]): boolean {
  return passes.some(({ model }) => model.head.reason !== undefined);
}

function rangesOf(passes: readonly ModelPass[]): readonly OutputRange[] {
  return passes.map(({ range }) => range);
}

/** Computes the rows that are missing, and appends them. */
async function appendRows(
  { files, first: { layout } }: OpenedCase,
  gathering: Gathering,
  options: PredictCaseOptions,
): Promise<Failure | undefined> {
  const { parts, maps, spatial, bytes, passes, clock } = gathering;
  const [pass] = passes;
  if (!pass) throw new Error('there is at least one model');
  const { head, rule } = pass.model;
  const [size = 0] = spatial;
  const begin = Math.floor(parts.rows / size);
  const windows = passes.map(({ plan }) => windowCount(plan));
  const report = options.onProgress ?? (() => undefined);
  const progress = new WindowProgress(windows, layout.images - begin, report);
  for (let image = begin; image < layout.images; image++) {
    if (image > begin) progress.next();
    const members: MemberRows[] = [];
    for (const [index, pass] of passes.entries()) {
      const onProgress = (done: number, total: number) => progress.update(index, done, total);
      const from = parts.rows - image * size;
      const own = await modelRows(pass, files, { ...options, image, from, clock, onProgress });
      if (own instanceof Failure) return own;
      members.push(...own);
    }
    try {
      for await (const rows of labelRows(members, { scaleOf: outputScaleOf(head.head, rule), rule, maps })) {
        if (rows instanceof Failure) return rows;
        const labels = bytes === 2 ? Uint16Array.from(rows.data) : rows.data;
        const all = [labels, ...rows.maps].map(
          ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
        );
        if (namesNoHead(passes)) all.push(rangeRows(rangesOf(passes), rows.to - rows.from));
        const failed = clock.measure('writing', () => parts.append(all));
        if (failed) return failed;
      }
    } finally {
      // Some may be ahead of the others, with a run under way.
      for (const one of members) await one.return(undefined);
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
