import type { TrainingSettings } from './loop/training-settings.js';
import type { EpochRow } from './report/run-folder-epochs.js';

/** What a training is about to do. */
export interface TrainingStart {
  /** The name of the network, and of the recipe. */
  readonly title: string;
  readonly settings: TrainingSettings;
}

/** How far a training is after a step. */
export interface StepState {
  /** How many steps are done, and how many there are in all epochs. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly epoch: number;
  /** Of the last finished epoch. */
  readonly dice: number | null;
}

/** Callbacks of a training, and the signal that stops it. */
export interface TrainingEvents {
  /** Finishes the current step, writes a checkpoint, and ends the training. */
  readonly signal?: AbortSignal | undefined;
  /** Called when everything is checked and nothing is written yet. */
  readonly onStart?: ((start: TrainingStart) => void) | undefined;
  readonly onStep?: ((state: StepState) => void) | undefined;
  readonly onEpoch?: ((row: EpochRow, isBest: boolean) => void) | undefined;
  /** Called with each thing that the user should know, in one sentence. */
  readonly onNote?: ((note: string) => void) | undefined;
}
