import type { DataSet, Sample } from '../../data/data-set.js';
import { openLoader } from '../../data/loader/open-loader.js';
import { stepsPerEpoch } from '../../data/loader/schedule.js';
import type { Split } from '../../data/split.js';
import { Failure } from '../../diagnostics/failure.js';
import { lengthScale } from '../metrics/length-scale.js';
import type { BestEpoch, EpochRow } from '../report/run-folder-epochs.js';
import { type CheckpointTensor, readCheckpoint, writeCheckpoint } from '../run-folder/checkpoint.js';
import { writeEpochs, writeRunWeights } from '../run-folder/run-folder.js';
import type { TrainingRequest } from '../training-request.js';
import type { TrainingResult } from '../training-result.js';
import { type Divergence, lossDiverged, validationDiverged, weightsDiverged } from './divergence.js';
import { type Evaluation, Evaluator } from './evaluator.js';
import { rateAt, scheduleProblem } from './schedule.js';
import { Trainer } from './trainer.js';

/** A killed process is to lose no more than this, in milliseconds: an epoch may take hours. */
const BETWEEN_CHECKPOINTS = 600_000;

/**
 * Trains until all epochs are done, nothing became better for long, or it is told to stop; goes on from the checkpoint
 * in the folder where there is one. After each epoch, and within long ones, the checkpoint is written, and then what is
 * made of it: weights and metrics. They are written again when a run goes on, so that a process that dies at any moment leaves a folder that can
 * be gone on with, to the same numbers.
 */
export async function trainEpochs(request: TrainingRequest): Promise<TrainingResult | Failure> {
  const { network, settings, dataSet, split } = request;
  const { patch, batch } = settings.loader;
  const perEpoch = stepsPerEpoch(split.training, patch, batch);
  const invalid = scheduleProblem(settings.schedule, perEpoch, settings.epochs);
  if (invalid) return invalid;
  const trainer = await Trainer.open({
    network,
    batch,
    patch: patch.input,
    loss: settings.loss,
    optimizer: settings.optimizer,
    clip: settings.clip,
    weights: request.weights,
    seed: settings.seed,
    threads: request.threads,
    device: request.device,
  });
  if (trainer instanceof Failure) return trainer;
  const evaluator =
    split.validation.length === 0
      ? undefined
      : await Evaluator.open({
          network,
          loss: settings.loss,
          settings: settings.loader,
          metrics: settings.metrics,
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
    await Promise.all([trainer.close(), evaluator?.close()]);
  }
}

class Run {
  private rows: EpochRow[] = [];
  private best: BestEpoch | undefined;
  private step = 0;
  /** The step of the newest checkpoint. */
  private keptStep = 0;
  /** When it was written, or the training begun: of performance.now(). */
  private keptAt = 0;
  private lossSum = 0;

  constructor(
    private readonly request: TrainingRequest,
    private readonly trainer: Trainer,
    /** Undefined without validation: the last weights are the best then. */
    private readonly evaluator: Evaluator | undefined,
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
    this.keptAt = begun;
    for await (const batch of loader) {
      if (batch instanceof Failure) return batch;
      const place = { step: this.step, stepsPerEpoch: this.perEpoch, epochs: settings.epochs };
      const loss = await this.trainer.train(
        batch,
        this.step,
        rateAt(settings.schedule, settings.rate, place),
      );
      if (loss instanceof Failure) return loss;
      if (!Number.isFinite(loss)) return lossDiverged(this.divergence(), loss, batch);
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
      const stops = this.request.shouldStop();
      if (stops || performance.now() - this.keptAt >= BETWEEN_CHECKPOINTS) {
        const failure = this.overflow() ?? this.save();
        if (failure) return failure;
      }
      if (stops) return this.result('stopped');
    }
    return this.result('all epochs');
  }

  /** Goes on from the checkpoint, where there is one. */
  private resume(): Failure | undefined {
    const { folder, hash, onNote } = this.request;
    const { parameters, state } = this.tensors();
    const reading = readCheckpoint(folder, { parameters, state, settings: hash });
    if (reading === undefined) return undefined;
    if (reading instanceof Failure) return reading;
    for (const note of reading.notes) onNote(note);
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
    const evaluation = await this.evaluator?.evaluate(dataSet, validation, this.trainer.state);
    if (evaluation instanceof Failure) return evaluation;
    if (evaluation && !Number.isFinite(evaluation.loss)) {
      return validationDiverged(this.divergence(), evaluation.loss);
    }
    const place = { step: this.step - 1, stepsPerEpoch: this.perEpoch, epochs: settings.epochs };
    const row: EpochRow = {
      epoch: this.rows.length + 1,
      step: this.step,
      learningRate: rateAt(settings.schedule, settings.rate, place),
      trainLoss: this.lossSum / this.perEpoch,
      ...(evaluation ? scoresOf(evaluation) : nothingMeasured(dataSet.labels.classes)),
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
    this.keptAt = performance.now();
    return this.publish();
  }

  /** Weights and metrics as the checkpoint has them. The best weights are those of the checkpoint of their epoch, or the last. */
  private publish(): Failure | undefined {
    const { folder, title, classNames, settings, split } = this.request;
    const { unit } = lengthScale(split.validation, settings.loader.spacing);
    const isBestEpoch =
      this.best?.epoch === this.rows.length && this.step === this.rows.length * this.perEpoch;
    return (
      (isBestEpoch || !this.evaluator ? this.writeWeights('best') : undefined) ??
      this.writeWeights('last') ??
      writeEpochs(folder, title, classNames, this.rows, this.best, { names: settings.metrics, unit })
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
    return this.trainer.isFinite ? undefined : weightsDiverged(this.divergence());
  }

  private divergence(): Divergence {
    const { settings, folder } = this.request;
    return { settings, folder, step: this.step, keptStep: this.keptStep, stepsPerEpoch: this.perEpoch };
  }
}

function scoresOf({ loss, metrics }: Evaluation) {
  const { dice, iou, meanDice, meanIou, foregroundDice, foregroundIou } = metrics.overDataSet;
  const requested: EpochRow['requested'] = Object.fromEntries(
    metrics.requested.map(({ name, overDataSet, perImage }) => [name, overDataSet ?? perImage]),
  );
  return { validationLoss: loss, dice, iou, meanDice, meanIou, foregroundDice, foregroundIou, requested };
}

/** The scores of an epoch without validation. */
function nothingMeasured(classes: number) {
  const byClass = Array.from({ length: classes }, () => null);
  const means = { meanDice: null, meanIou: null, foregroundDice: null, foregroundIou: null };
  return { validationLoss: null, dice: byClass, iou: byClass, ...means, requested: {} };
}
