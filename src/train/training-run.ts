import type { WeightSource } from '../../codegen/weights/weight-source.js';
import type { CompiledNetwork } from '../compile.js';
import type { DataSet, Sample } from '../data/data-set.js';
import { openLoader, type TrainingBatch } from '../data/loader/open-loader.js';
import { stepsPerEpoch } from '../data/loader/schedule.js';
import type { Split } from '../data/split.js';
import type { OrtDevice } from '../runtime/engine.js';
import { Failure } from '../runtime/failure.js';
import { type CheckpointTensor, readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { type Evaluation, Evaluator } from './evaluator.js';
import { lossWriter } from './loss-writer.js';
import { writeEpochs, writeRunWeights } from './run-folder.js';
import type { BestEpoch, EpochRow } from './run-folder-epochs.js';
import { rateAt, scheduleProblem } from './schedule.js';
import { supervisionWeights } from './supervision-weights.js';
import { Trainer } from './trainer.js';
import type { TrainingSettings } from './training-settings.js';

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
  readonly onRemark: (remark: string) => void;
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

/** How a training ended. */
export interface TrainingResult {
  readonly end: 'all epochs' | 'no better for long' | 'stopped';
  readonly epochs: readonly EpochRow[];
  readonly best: BestEpoch | undefined;
}

/** What training goes by: higher is better. */
export const BEST_BY = 'mean Dice over the validation images together, without background';

/**
 * Trains until all epochs are done, nothing became better for long, or it is told to stop; goes on from the checkpoint
 * in the folder where there is one. After each epoch the checkpoint is written, and then what is made of it: weights and
 * metrics. They are written again when a run goes on, so that a process that dies at any moment leaves a folder that can
 * be gone on with, to the same numbers.
 */
export async function train(request: TrainingRequest): Promise<TrainingResult | Failure> {
  const { network, settings, dataSet, split } = request;
  const loss = lossWriter(network.spec, settings.loss);
  const { patch, batch } = settings.loader;
  const perEpoch = stepsPerEpoch(split.training, patch, batch);
  const unfit = scheduleProblem(settings.schedule, perEpoch, settings.epochs);
  if (unfit) return unfit;
  const trainer = await Trainer.open({
    graph: network.training,
    batch,
    size: patch.input,
    loss,
    outputWeights: supervisionWeights(network.training),
    optimizer: settings.optimizer,
    clip: settings.clip,
    weights: request.weights,
    seed: settings.seed,
    threads: request.threads,
    device: request.device,
  });
  if (trainer instanceof Failure) return trainer;
  const evaluator = await Evaluator.open({
    graph: network.graph,
    loss,
    settings: settings.loader,
    threads: request.threads,
    device: request.device,
  });
  if (evaluator instanceof Failure) {
    await trainer.close();
    return evaluator;
  }
  const run = new Run(request, trainer, evaluator, perEpoch);
  try {
    return await run.train(dataSet, split);
  } finally {
    await Promise.all([trainer.close(), evaluator.close()]);
  }
}

class Run {
  private rows: EpochRow[] = [];
  private best: BestEpoch | undefined;
  private step = 0;
  /** The step of the newest checkpoint. */
  private keptStep = 0;
  private lossSum = 0;

  constructor(
    private readonly request: TrainingRequest,
    private readonly trainer: Trainer,
    private readonly evaluator: Evaluator,
    private readonly perEpoch: number,
  ) {}

  async train(dataSet: DataSet, split: Split<Sample>): Promise<TrainingResult | Failure> {
    const { settings } = this.request;
    const resumed = this.resume();
    if (resumed instanceof Failure) return resumed;
    const ended = this.hasEnded();
    if (ended) return this.request.onBegin() ?? this.publish() ?? this.result(ended);
    const loader = await openLoader(dataSet, split.training, settings.loader, {
      from: this.step,
      to: settings.epochs * this.perEpoch,
      ...(this.request.workers === undefined ? {} : { workers: this.request.workers }),
    });
    if (loader instanceof Failure) return loader;
    const failure = this.request.onBegin() ?? (this.step > 0 ? this.publish() : undefined);
    if (failure) {
      await loader.close();
      return failure;
    }
    let begun = performance.now();
    for await (const batch of loader) {
      if (batch instanceof Failure) return batch;
      const place = { step: this.step, stepsPerEpoch: this.perEpoch, epochs: settings.epochs };
      const loss = await this.trainer.train(
        batch,
        this.step,
        rateAt(settings.schedule, settings.rate, place),
      );
      if (loss instanceof Failure) return loss;
      if (!Number.isFinite(loss)) return this.diverged(loss, batch);
      this.step += 1;
      this.lossSum += loss;
      const epoch = this.rows.length + 1;
      this.request.onStep({
        step: this.step,
        steps: settings.epochs * this.perEpoch,
        loss,
        epoch,
        dice: this.rows.at(-1)?.foregroundDice ?? null,
      });
      if (this.step % this.perEpoch === 0) {
        const failure = await this.finishEpoch(dataSet, split.validation, begun);
        if (failure) return failure;
        begun = performance.now();
        const end = this.hasEnded();
        if (end) return this.result(end);
      }
      if (this.request.shouldStop()) {
        return this.overflow() ?? this.save() ?? this.result('stopped');
      }
    }
    return this.result('all epochs');
  }

  /** Goes on from the checkpoint, where there is one. */
  private resume(): Failure | undefined {
    const { folder, hash, onRemark } = this.request;
    const { parameters, state } = this.tensors();
    const reading = readCheckpoint(folder, { parameters, state, settings: hash });
    if (reading === undefined) return undefined;
    if (reading instanceof Failure) return reading;
    for (const remark of reading.remarks) onRemark(remark);
    const { checkpoint } = reading;
    const tensors = [...checkpoint.parameters, ...checkpoint.state];
    this.trainer.restore(new Map(tensors.map(({ name, shape, data }) => [name, { shape, data }])));
    const { progress } = checkpoint;
    this.step = progress.step;
    this.keptStep = progress.step;
    this.lossSum = progress.lossSum;
    this.best = progress.best;
    this.rows = [...progress.epochs];
    return undefined;
  }

  private async finishEpoch(
    dataSet: DataSet,
    validation: readonly Sample[],
    begun: number,
  ): Promise<Failure | undefined> {
    const { settings, onEpoch } = this.request;
    const overflow = this.overflow();
    if (overflow) return overflow;
    const evaluation = await this.evaluator.evaluate(dataSet, validation, this.trainer.state);
    if (evaluation instanceof Failure) return evaluation;
    if (!Number.isFinite(evaluation.loss)) {
      return this.useless(
        `the loss of the validation images became ${evaluation.loss} after step ${this.step} (${this.placeOf(this.step)})`,
      );
    }
    const place = { step: this.step - 1, stepsPerEpoch: this.perEpoch, epochs: settings.epochs };
    const row: EpochRow = {
      epoch: this.rows.length + 1,
      step: this.step,
      learningRate: rateAt(settings.schedule, settings.rate, place),
      trainLoss: this.lossSum / this.perEpoch,
      ...scoresOf(evaluation),
      seconds: Math.round(performance.now() - begun) / 1000,
    };
    this.rows.push(row);
    this.lossSum = 0;
    const value = row.foregroundDice;
    const isBest = value !== null && (this.best === undefined || value > this.best.value);
    if (isBest) {
      this.best = { epoch: row.epoch, value };
    }
    onEpoch(row, isBest);
    return this.save();
  }

  /** The checkpoint, then what is made of it. */
  private save(): Failure | undefined {
    const { folder, hash } = this.request;
    const { parameters, state } = this.tensors();
    const progress = {
      epoch: this.rows.length,
      step: this.step,
      lossSum: this.lossSum,
      best: this.best,
      settings: hash,
      epochs: this.rows,
    };
    const failure = writeCheckpoint(folder, { parameters, state, progress });
    if (failure) return failure;
    this.keptStep = this.step;
    return this.publish();
  }

  /** Weights and metrics as the checkpoint has them. The best weights are those of the checkpoint of their epoch. */
  private publish(): Failure | undefined {
    const { folder, title, classNames } = this.request;
    const isBest = this.best?.epoch === this.rows.length && this.step === this.rows.length * this.perEpoch;
    return (
      (isBest ? this.writeWeights('best') : undefined) ??
      this.writeWeights('last') ??
      writeEpochs(folder, title, classNames, this.rows, this.best)
    );
  }

  private writeWeights(which: 'best' | 'last'): Failure | undefined {
    return writeRunWeights(this.request.folder, which, this.tensors().parameters, this.request.metadata);
  }

  /** The tensors of now, parameters and optimizer state apart. */
  private tensors(): { readonly parameters: CheckpointTensor[]; readonly state: CheckpointTensor[] } {
    const [parameters, state]: [CheckpointTensor[], CheckpointTensor[]] = [[], []];
    for (const [name, { shape, data }] of this.trainer.state) {
      (this.trainer.isParameter(name) ? parameters : state).push({ name, shape, data });
    }
    return { parameters, state };
  }

  private hasEnded(): TrainingResult['end'] | undefined {
    const { epochs, patience } = this.request.settings;
    const done = this.rows.length;
    if (done >= epochs) return 'all epochs';
    return patience !== undefined && done - (this.best?.epoch ?? 0) >= patience
      ? 'no better for long'
      : undefined;
  }

  private result(end: TrainingResult['end']): TrainingResult {
    return { end, epochs: this.rows, best: this.best };
  }

  /** Weights that are no numbers are not kept: there is no way on from them. */
  private overflow(): Failure | undefined {
    if (this.trainer.isFinite) return undefined;
    return this.useless(
      `the weights became NaN or infinite by step ${this.step} (${this.placeOf(this.step)})`,
    );
  }

  private diverged(loss: number, { images, samples }: TrainingBatch): Failure {
    const step = this.step + 1;
    const size = images.data.length / samples.length;
    const largest = samples.map((_, n) => largestOf(images.data.subarray(n * size, (n + 1) * size)));
    const most = Math.max(...largest);
    const name = samples[largest.indexOf(most)] ?? '';
    return this.useless(
      `the loss became ${loss} in step ${step} (${this.placeOf(step)}, images ${samples.join(', ')})`,
      most > LARGE
        ? `The values of ${name} go up to ${Number(most.toPrecision(3))}: bring them to about -1 to 1, or try a lower learning rate`
        : undefined,
    );
  }

  /** Why training cannot go on, what is kept, and what to try. */
  private useless(what: string, cause?: string): Failure {
    const { settings, folder } = this.request;
    const kept = this.keptStep;
    const place = { step: Math.max(0, this.step - 1), stepsPerEpoch: this.perEpoch, epochs: settings.epochs };
    const rate = rateAt(settings.schedule, settings.rate, place);
    return new Failure(
      `${what}; ${kept === 0 ? 'there is no checkpoint yet' : `the checkpoint of step ${kept} (${this.placeOf(kept)}) in ${folder} is kept`}. ` +
        (cause ?? `Most likely the learning rate of ${rate} is too high: try a tenth of it, or \`clip = 1\``),
    );
  }

  /** The epoch of a step, both from 1. */
  private placeOf(step: number): string {
    return `epoch ${Math.ceil(step / this.perEpoch)}`;
  }
}

/** Intensities above it are most likely not scaled. */
const LARGE = 100;

/** The largest absolute value. */
function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function scoresOf({ loss, metrics: { overDataSet } }: Evaluation) {
  const { dice, iou, meanDice, meanIou, foregroundDice, foregroundIou } = overDataSet;
  return { validationLoss: loss, dice, iou, meanDice, meanIou, foregroundDice, foregroundIou };
}
