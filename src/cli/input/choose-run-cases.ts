import type { InspectedPair } from '../../data/files/inspect.js';
import { samplesOf } from '../../data/samples/samples-of-pair.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { countedText } from '../../diagnostics/wording.js';
import type { TrainingPart } from '../../evaluate/evaluate-folders.js';
import type { RunCases } from '../../evaluate/predict-run.js';
import { trainedMasks, trainingParts } from '../../evaluate/training-parts.js';
import type { RunData } from '../../train/run-folder/read-run-data.js';
import type { SplitName } from './evaluate-options.js';

/** The cases of a data set that are measured. */
export interface ChosenCases {
  /** Those with at least one of the cases. */
  readonly pairs: readonly InspectedPair[];
  readonly names: ReadonlySet<string>;
  /** What the training had each case for. */
  readonly parts: ReadonlyMap<string, TrainingPart>;
  /** Sentences without a capital and a full stop. */
  readonly notes: readonly string[];
}

const isOrAre = (count: number) => (count === 1 ? 'was' : 'were');

/** What a reader has to know about the cases, from their numbers. */
function notesOf(
  { run, split }: { readonly run: string; readonly split: SplitName | undefined },
  counts: Readonly<Record<TrainingPart, number>>,
): readonly string[] {
  const { training, validation } = counts;
  const has = (part: TrainingPart) => split === undefined || split === 'all' || split === part;
  const notes: string[] = [];
  if (training > 0 && split === undefined) {
    notes.push(
      `${run} was trained on ${countedText(training, 'case')} of the data set, which ${isOrAre(training)} left out; --split all measures all`,
    );
  } else if (training > 0 && has('training')) {
    notes.push(
      `${run} was trained on ${countedText(training, 'case')} of these: their numbers are better than those of other images`,
    );
  }
  if (validation > 0 && has('validation')) {
    notes.push(
      `${countedText(validation, 'case')} ${isOrAre(validation)} validated with: they chose the best epoch, so new images may give lower numbers`,
    );
  }
  return notes;
}

/** What a reader has to know about new cases with a mask of the training. */
function maskNotes(run: string, count: number): readonly string[] {
  if (count === 0) return [];
  return [
    `${countedText(count, 'new case')} ${count === 1 ? 'has' : 'have'} the mask of an image that ${run} was trained or validated with: if that is the same image in another file, its numbers are too good`,
  ];
}

/**
 * Chooses the cases of a data set by what the training of a run had them for; without a choice, all that it was not trained
 * on. Fails if none is left.
 */
export function chooseRunCases(
  choice: { readonly run: string; readonly data: string; readonly split: SplitName | undefined },
  { pairs, samples }: RunCases,
  runData: RunData,
): ChosenCases | Failure {
  const parts = trainingParts(samples, runData);
  if (parts instanceof Failure) return parts;
  const { run, data, split } = choice;
  const count = (part: TrainingPart) => samples.filter(({ name }) => parts.get(name) === part).length;
  const counts = { training: count('training'), validation: count('validation'), new: count('new') };
  const isChosen = (part: TrainingPart | undefined) =>
    split === undefined ? part !== 'training' : split === 'all' || part === split;
  const names = new Set(samples.filter(({ name }) => isChosen(parts.get(name))).map(({ name }) => name));
  if (names.size === 0) {
    return split === undefined
      ? failure('evaluation-cases-trained', { run, data, cases: samples.length })
      : failure('evaluation-split-empty', { split, data, ...counts });
  }
  const masks = trainedMasks(samples, runData, parts);
  if (masks instanceof Failure) return masks;
  const chosen = pairs.filter((pair) => samplesOf(pair).some(({ name }) => names.has(name)));
  return { pairs: chosen, names, parts, notes: [...notesOf(choice, counts), ...maskNotes(run, masks)] };
}
