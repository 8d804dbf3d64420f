import { countedText } from '../../diagnostics/wording.js';
import type { TrainingPlan } from '../plan-training.js';
import type { BestEpoch } from '../report/run-folder-epochs.js';
import type { RunState } from '../run-folder/inspect-run.js';
import type { LengthFrom, RunLength } from '../run-folder/run-length.js';
import { dependsOnEpochs, rateAt } from './schedule.js';

/** How far a run was when it stopped. */
export interface StoppedRun {
  readonly epochs: number;
  readonly step: number;
  readonly best: BestEpoch | undefined;
}

/** The lengths that a run has had, the present one last: see startRun. None if it continues with its first length. */
export function lengthsAfter(
  state: RunState,
  { epochs: from, best }: Pick<StoppedRun, 'epochs' | 'best'>,
): readonly LengthFrom[] {
  if (state.kind === 'new') return [];
  if (state.kind !== 'shorter') return state.lengths ?? [];
  const { now, before } = state;
  const earlier = state.lengths ?? [{ ...before, from: 0, restartsPatience: false }];
  const restartsPatience = hasRunOut(now.patience, from, best, earlier);
  return [...earlier, { ...now, from, restartsPatience }];
}

/** Whether so many epochs in a row were not better. They count anew where a run continued after that. */
export function hasRunOut(
  patience: number | undefined,
  epochs: number,
  best: BestEpoch | undefined,
  lengths: readonly LengthFrom[],
): boolean {
  const restarts = lengths.filter((one) => one.restartsPatience).map(({ from }) => from);
  return patience !== undefined && epochs - Math.max(0, best?.epoch ?? 0, ...restarts) >= patience;
}

/** What the user should know of a run that continues with another length, one sentence each. */
export function continuationNotes(
  { folder, settings, stepsPerEpoch, state }: TrainingPlan,
  { epochs, step }: StoppedRun,
): readonly string[] {
  if (state.kind !== 'shorter') return [];
  const { before, now } = state;
  const notes = [`${folder} continues after epoch ${epochs}, with ${changeText(before, now)}`];
  const { schedule, rate } = settings;
  if (dependsOnEpochs(schedule) && now.epochs !== before.epochs && step > 0) {
    const rateOf = (at: number, length: RunLength) =>
      Number(rateAt(schedule, rate, { step: at, stepsPerEpoch, epochs: length.epochs }).toPrecision(3));
    notes.push(
      `the \`${schedule.kind}\` schedule covers all epochs, so the learning rate goes from ${rateOf(step - 1, before)} ` +
        `(${countedText(before.epochs, 'epoch')}) to ${rateOf(step, now)} (${countedText(now.epochs, 'epoch')}); the ` +
        `weights will differ from those of ${countedText(now.epochs, 'epoch')} without a break`,
    );
  }
  return notes;
}

function changeText(before: RunLength, now: RunLength): string {
  const patienceText = ({ patience }: RunLength) =>
    patience === undefined ? 'no patience' : `a patience of ${patience}`;
  return [
    ...(now.epochs === before.epochs
      ? []
      : [`${countedText(now.epochs, 'epoch')} in place of ${before.epochs}`]),
    ...(now.patience === before.patience ? [] : [`${patienceText(now)} in place of ${patienceText(before)}`]),
  ].join(' and ');
}
