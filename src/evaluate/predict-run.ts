import { type InspectedPair, type InspectOptions, inspectPair } from '../data/files/inspect.js';
import { findPairs, type PairOptions } from '../data/files/pairs.js';
import type { Sample } from '../data/samples/sample.js';
import { samplesOf } from '../data/samples/samples-of-pair.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { eachTime } from '../formats/file-reader.js';
import { hasSlices, type SliceAxis } from '../images/image-layout.js';
import { labelPath } from '../predict/labels/label-path.js';
import { writeLabels } from '../predict/labels/write-labels.js';
import type { PredictModel } from '../predict/model/predict-model.js';
import { predictCase } from '../predict/predict-case.js';

/** The images of a data set with their masks, whose headers fit. */
export interface RunCases {
  readonly pairs: readonly InspectedPair[];
  /** One for each image in the files. */
  readonly samples: readonly Sample[];
  /** The names of the classes, the background first, if the data set names them. */
  readonly classNames: readonly string[] | undefined;
  readonly notes: readonly string[];
}

/** How images are read for a model. */
export interface CaseAxes {
  readonly rank: 2 | 3;
  /** The axis along which a caller cuts volumes into images. */
  readonly sliceAxis: SliceAxis | undefined;
  /** That of the training, for volumes where the caller chooses none. */
  readonly trainedAxis: SliceAxis | undefined;
}

/** How the files of a pair are read, as predictCase reads the image. */
async function inspectOptions(
  path: string,
  { rank, sliceAxis, trainedAxis }: CaseAxes,
): Promise<InspectOptions> {
  if (rank === 3 || (sliceAxis ?? trainedAxis) === undefined) return { rank };
  if (sliceAxis) return { rank, sliceAxis };
  const header = await eachTime.header(path);
  const isCut = !(header instanceof Failure) && hasSlices(header);
  return { rank, ...(isCut && trainedAxis ? { sliceAxis: trainedAxis } : {}) };
}

/** Finds the images and masks of a folder, as training does, and reads their headers. Fails with all that does not fit. */
export async function findRunCases(
  folder: string,
  options: PairOptions,
  axes: CaseAxes,
): Promise<RunCases | Failure> {
  const found = findPairs(folder, options);
  if (found instanceof Failure) return found;
  const problems = [...found.problems];
  const pairs: InspectedPair[] = [];
  const names = new Map<string, string>();
  for (const pair of found.pairs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const [path = ''] = pair.images;
    const other = names.get(pair.name);
    if (other !== undefined)
      problems.push(failure('case-names-clash', { name: pair.name, paths: [other, path] }));
    names.set(pair.name, path);
    const facts = await inspectPair(pair, await inspectOptions(path, axes));
    if ('spatial' in facts) pairs.push({ ...facts, pair });
    else problems.push(...facts);
  }
  const [only, ...more] = problems;
  if (only) return more.length === 0 ? only : failure('data-set-invalid', { folder, problems });
  if (pairs.length === 0) return failure('cases-missing', { input: folder });
  const { notes, description } = found;
  return { pairs, samples: pairs.flatMap(samplesOf), classNames: description?.classNames, notes };
}

/** What happens while cases are predicted. */
export interface PredictingEvents {
  /** Parts of the work that are done, and how many there are. */
  readonly onProgress: (done: number, total: number) => void;
  /** A sentence on a case. */
  readonly onNote: (path: string, note: string) => void;
}

/**
 * Predicts the images of pairs by a model, as `unet predict` does without options, into a folder. Returns the predictions with
 * the masks that they are measured against.
 */
export async function predictPairs(
  model: PredictModel,
  pairs: readonly InspectedPair[],
  folder: string,
  axes: CaseAxes,
  { onProgress, onNote }: PredictingEvents,
): Promise<readonly InspectedPair[] | Failure> {
  const predicted: InspectedPair[] = [];
  for (const [index, { pair }] of pairs.entries()) {
    const { name, images: paths } = pair;
    const output = labelPath({ name, paths }, folder);
    const result = await predictCase([model], paths, output, {
      ...{ windows: { placement: 'even' }, border: 'mirror', mirror: false, resume: false },
      sliceAxis: axes.sliceAxis,
      settings: '',
      // The parts of a case are finer than its number.
      onProgress: (done, total) =>
        onProgress(index * 1000 + Math.floor((1000 * done) / total), 1000 * pairs.length),
    });
    if (result instanceof Failure) return result;
    for (const note of result.notes) onNote(paths[0] ?? name, note);
    const written = writeLabels(result, output);
    if (written instanceof Failure) return written;
    const own = { ...pair, images: [output] };
    const facts = await inspectPair(own, await inspectOptions(output, axes));
    if (!('spatial' in facts)) return failure('data-set-invalid', { folder, problems: facts });
    predicted.push({ ...facts, pair: own });
  }
  return predicted;
}
