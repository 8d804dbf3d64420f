import { placeDifference } from '../data/files/pair-geometry.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { OpenedFiles } from '../formats/file-reader.js';
import { isScreenUnit, millimetres } from '../formats/geometry.js';
import { type ArrayHeader, isSpatial, type StoredArray } from '../formats/stored-array.js';
import { notFinite, positionOf } from '../images/finite.js';
import { ImageFile } from '../images/image-file.js';
import type { AxisMoves, LayoutOptions, SliceAxis } from '../images/image-layout.js';
import { readingNotes } from '../images/read-image.js';
import { onGridOf } from '../images/scatter.js';
import { formFor } from '../images/value-scale.js';
import { elementCount, shapeText, type Tensor } from '../runtime/tensor.js';
import { fileRows } from './file-rows.js';
import { labelRows, type ModelRows } from './label-rows.js';
import { asLogits } from './model/as-logits.js';
import { OutputRange, rangeNotes } from './model/model-head.js';
import type { PredictModel } from './model/predict-model.js';
import { normalizedRows } from './normalized-rows.js';
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
  readonly classes: number;
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

/** Whether a file is a volume of several slices. */
function hasSlices({ axes }: ArrayHeader): boolean {
  return axes.some(({ name, size }) => name === 'z' && size > 1);
}

/** The files of a case, opened. */
interface OpenedCase {
  readonly files: readonly ImageFile[];
  readonly first: ImageFile;
  readonly options: LayoutOptions;
  readonly notes: readonly string[];
}

async function openCase(
  opened: OpenedFiles,
  paths: readonly string[],
  model: PredictModel,
  sliceAxis: SliceAxis | undefined,
): Promise<OpenedCase | Failure> {
  const { channels, rank } = model;
  if (paths.length > 1 && paths.length !== channels)
    return failure('input-count', { files: paths, channels });
  let options: LayoutOptions = { rank, ...(sliceAxis ? { sliceAxis } : {}) };
  const files: ImageFile[] = [];
  for (const path of paths) {
    const header = await opened.header(path);
    if (header instanceof Failure) return header;
    const isCut = files.length === 0 && !sliceAxis && rank === 2 && hasSlices(header);
    if (isCut && model.sliceAxis) options = { rank, sliceAxis: model.sliceAxis };
    const file = await ImageFile.open(opened, path, options);
    if (file instanceof Failure) return file;
    files.push(file);
  }
  const [first] = files;
  if (first === undefined) throw new Error('a case has at least one file');
  for (const other of files.slice(1)) {
    const [size, otherSize] = [first, other].map(({ layout }) => [layout.images, ...layout.spatial]);
    const difference =
      shapeText(size ?? []) === shapeText(otherSize ?? [])
        ? placeDifference(first.header, other.header)
        : ({ case: 'size', size: size ?? [], otherSize: otherSize ?? [] } as const);
    if (difference) {
      return failure('inputs-differ', { path: first.header.path, other: other.header.path, difference });
    }
  }
  const each = files.length === 1 ? channels : 1;
  const notes = files.flatMap(({ header, layout }) =>
    readingNotes({ notes: header.notes, samples: layout.samples }, each),
  );
  return { files, first, options, notes: [...new Set(notes)] };
}

/** The distances between the positions of a file's images, in mm, where the file states them. */
export function spacingOf({ header, layout }: ImageFile): readonly number[] | undefined {
  const { geometry, axes } = header;
  if (geometry === undefined || isScreenUnit(geometry.unit)) return undefined;
  const names = axes.map(({ name }) => name).filter(isSpatial);
  const lengths = layout.axes.map(
    (name) => (geometry.spacing[names.indexOf(name)] ?? Number.NaN) * millimetres(geometry.unit),
  );
  return lengths.every((length) => length > 0) ? lengths : undefined;
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

/**
 * Predicts the labels of one case: the files of its channels. They are on the grid of the first file and in its place. In
 * memory are one row of windows, and the labels.
 */
export async function predictCase(
  models: readonly PredictModel[],
  paths: readonly string[],
  output: string,
  options: PredictCaseOptions,
): Promise<CasePrediction | Failure> {
  const begun = performance.now();
  return OpenedFiles.during(async (opened) => {
    const [model] = models;
    if (model === undefined) throw new Error('there is at least one model');
    const found = await openCase(opened, paths, model, options.sliceAxis);
    if (found instanceof Failure) return found;
    const { files, first, options: layoutOptions, notes } = found;
    const { layout, header } = first;
    const moves = movesTo(header.geometry?.orientation, model.orientation, layout) ?? NO_MOVES(model.rank);
    const spatial = moves.order.map((from) => layout.spatial[from] ?? 0);
    const plan = planWindows(model.rules, model.margin, spatial, options.windows, model.declared);
    if (plan instanceof Failure) return plan;
    const clock = new Clock();
    const all = layout.images * (spatial[0] ?? 0);
    const classes = classesOf(model);
    const bytes = classes > 256 ? 2 : 1;
    const rowBytes = bytes * elementCount(spatial.slice(1));
    const settings = JSON.stringify({ ...JSON.parse(options.settings), spatial, images: layout.images });
    const ranges = new Map(models.map((one) => [one, new OutputRange()]));
    const part = PartFile.open(output, settings, rowBytes, options.resume);
    if (part instanceof Failure) return part;
    const size = spatial[0] ?? 0;
    for (let image = Math.floor(part.rows / size); part.rows < all; image++) {
      const rows: ModelRows[] = [];
      const from = part.rows - image * size;
      for (const one of models) {
        const own = await modelRows(
          one,
          files,
          image,
          moves,
          plan,
          from,
          { clock, range: ranges.get(one) },
          {
            ...options,
            onProgress: (done, total) => options.onProgress?.(image * total + done, layout.images * total),
          },
        );
        if (own instanceof Failure) return own;
        rows.push(own);
      }
      const threshold = model.head.head === 'sigmoid' ? 0 : model.head.threshold;
      for await (const labels of labelRows(rows, { threshold })) {
        if (labels instanceof Failure) return labels;
        const failed = part.append(
          new Uint8Array(labels.data.buffer, labels.data.byteOffset, labels.data.byteLength),
        );
        if (failed) return failed;
      }
    }
    const heads: string[] = [];
    for (const [one, range] of ranges) {
      const read = rangeNotes(one.head, range);
      if (read instanceof Failure) return read;
      heads.push(...read);
    }
    const counts = new Array<number>(classes).fill(0);
    const planes = Array.from({ length: layout.images }, (_, image) => {
      const own = part.read(image * size, (image + 1) * size);
      const plane = bytes === 2 ? new Uint16Array(own.buffer) : own;
      for (const label of plane) counts[label] = (counts[label] ?? 0) + 1;
      return plane;
    });
    const type = bytes === 2 ? 'uint16' : 'uint8';
    const labels = onGridOf(header, layout, layoutOptions, planes, type, moves);
    if (labels instanceof Failure) return labels;
    const shape = [...(layout.images > 1 ? [layout.images] : []), ...layout.spatial];
    const total = (performance.now() - begun) / 1000;
    return {
      ...{ labels, part, shape, classes, counts },
      notes: [...notes, ...new Set(heads)],
      windows: plan.summary,
      seconds: { model: clock.seconds, total },
    };
  });
}

/** How many classes a model tells apart. */
function classesOf({ session }: PredictModel): number {
  const channels = session.outputs[0]?.shape[1];
  return typeof channels === 'number' ? Math.max(2, channels) : 2;
}

async function modelRows(
  model: PredictModel,
  files: readonly ImageFile[],
  image: number,
  moves: AxisMoves,
  plan: WindowPlan,
  from: number,
  { clock, range }: { readonly clock: Clock; readonly range: OutputRange | undefined },
  options: PredictCaseOptions,
): Promise<ModelRows | Failure> {
  const { normalization, channels } = model;
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
