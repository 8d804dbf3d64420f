import type { CompiledNetwork } from '../compiler/compile.js';
import type { DataSet, Sample } from '../data/data-set.js';
import type { Split } from '../data/split.js';
import type { Failure } from '../diagnostics/failure.js';
import type { OrtDevice } from '../runtime/engine.js';
import type { WeightSource } from '../weights/weight-source.js';
import type { TrainingSettings } from './loop/training-settings.js';
import type { EpochRow } from './report/run-folder-epochs.js';

/** What a training is of, and where it leaves what it makes. */
export interface TrainingRequest {
  readonly network: CompiledNetwork;
  readonly settings: TrainingSettings;
  readonly dataSet: DataSet;
  readonly split: Split<Sample>;
  /** Where the parameters start. */
  readonly weights: WeightSource;
  readonly threads: number;
  /** Where the engine runs; on the CPU when left out. */
  readonly device?: OrtDevice | undefined;
  /** Threads that make batches; as many as help when left out. */
  readonly workers?: number | undefined;
  readonly folder: string;
  readonly title: string;
  readonly classNames: readonly string[];
  /** The hash of all settings: a checkpoint of other ones is not gone on from. */
  readonly hash: string;
  /** Becomes the metadata of files with weights. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Called when all is open, before the first file is written. */
  readonly onBegin: () => Failure | undefined;
  /** Asked after every step: whether to save and stop. */
  readonly shouldStop: () => boolean;
  readonly onStep: (state: StepState) => void;
  readonly onEpoch: (row: EpochRow, isBest: boolean) => void;
  readonly onNote: (note: string) => void;
}

export interface StepState {
  /** Steps that are done, and all there are to be. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly epoch: number;
  /** Of the last epoch that is done. */
  readonly dice: number | null;
}
