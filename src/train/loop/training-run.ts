import { networkMetadata } from '../../compiler/metadata.js';
import { openResolvedLoader } from '../../data/loader/open-loader.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { lengthScale } from '../../metrics/length-scale.js';
import type { TrainingPlan } from '../plan-training.js';
import type { BestEpoch, EpochRow } from '../report/run-folder-epochs.js';
import { type CheckpointTensor, readCheckpoint, writeCheckpoint } from '../run-folder/checkpoint.js';
import { writeEpochs, writeRunWeights } from '../run-folder/run-folder.js';
import { settingsHash } from '../run-folder/run-folder-settings.js';
import { type LengthFrom, withLength } from '../run-folder/run-length.js';
import type { TrainingEvents } from '../training-events.js';
import { classNames, type TrainingResult } from '../training-result.js';
import { asBest } from './best-epoch.js';
import { continuationNotes, hasRunOut, lengthsAfter } from './continued.js';
import { type Divergence, lossDiverged, validationDiverged, weightsDiverged } from './divergence.js';
import { type Evaluation, Evaluator } from './evaluator.js';
import { rateAt } from './schedule.js';
import { Trainer } from './trainer.js';

/** A killed process loses no more than this, in milliseconds: an epoch may take hours. */
const BETWEEN_CHECKPOINTS = 600_000;

/**
 * Trains until all epochs are done, patience ends the training, or the signal stops it. Continues from the checkpoint in the
 * folder, if there is one. After each epoch, and within long ones, it writes the checkpoint, and then the weights and metrics
 * of the checkpoint. When a run continues, it writes these again. So a process that dies at any moment leaves a folder that
 * can be continued, to the same numbers.
 *
 * @param begin called when everything is open, before the first file is written, with the lengths that the run has had:
 *   see startRun
 */
export async function trainEpochs(
  plan: TrainingPlan,
  events: TrainingEvents,
  begin: (lengths: readonly LengthFrom[]) => Failure | undefined,
): Promise<TrainingResult | Failure> {
  const { network, settings, split, threads, device, weights } = plan;
  const step = await plan.step;
  if (step instanceof Failure) return step;
  const trainer = Trainer.start(step, { weights, seed: settings.seed });
  const { loss, loader, metrics } = settings;
  const openEvaluator = () => Evaluator.open({ network, loss, settings: loader, metrics, threads, device });
  const run = new Run(
    plan,
    events,
    begin,
    trainer,
    split.validation.length === 0 ? undefined : openEvaluator,
  );
  try {
    return await run.train();
  } finally {
    await Promise.all([trainer.close(), run.close()]);
  }
}

class Run {
  private evaluator: Evaluator | undefined;
  private rows: EpochRow[] = [];
  private best: BestEpoch | undefined;
  private step = 0;
  /** The step of the newest checkpoint. */
  private keptStep = 0;
  /** When it was written, or when training began, by performance.now(). */
  private keptAt = 0;
  private lossSum = 0;
  /** None if the first length of the run holds. */
  private lengths: readonly LengthFrom[] = [];

  constructor(
    private readonly plan: TrainingPlan,
    private readonly events: TrainingEvents,
    private readonly begin: (lengths: readonly LengthFrom[]) => Failure | undefined,
    private readonly trainer: Trainer,
    /** Opens what validates, when the first epoch is over. Undefined without validation: then the last weights are the best. */
    private readonly openEvaluator: (() => Promise<Evaluator | Failure>) | undefined,
  ) {}

  async close(): Promise<void> {
    await this.evaluator?.close();
  }

  async train(): Promise<TrainingResult | Failure> {
    const { dataSet, split, settings, loader: batches, stepsPerEpoch, workers } = this.plan;
    const resumed = this.resume();
    if (resumed instanceof Failure) return resumed;
    const ended = this.hasEnded();
    if (ended) return this.begin(this.lengths) ?? this.publish() ?? this.result(ended);
    const isBalanced = batches.border !== undefined && settings.loader.classWeights === undefined;
    const steps = settings.epochs * stepsPerEpoch;
    const loader = await openResolvedLoader(dataSet, split.training, batches, isBalanced, {
      from: this.step,
      to: steps,
      workers,
    });
    if (loader instanceof Failure) return loader;
    const failed = this.begin(this.lengths) ?? (this.step > 0 ? this.publish() : undefined);
    if (failed) {
      await loader.close();
      return failed;
    }
    let begun = performance.now();
    this.keptAt = begun;
    for await (const batch of loader) {
      if (batch instanceof Failure) return batch;
      const loss = await this.trainer.train(batch, this.step, this.rateOf(this.step));
      if (loss instanceof Failure) return loss;
      if (!Number.isFinite(loss)) return lossDiverged(this.divergence(), loss, batch);
      this.step += 1;
      this.lossSum += loss;
      const epoch = this.rows.length + 1;
      const dice = this.rows.at(-1)?.foregroundDice ?? null;
      this.events.onStep?.({ step: this.step, steps, loss, epoch, dice });
      if (this.step % stepsPerEpoch === 0) {
        const failed = await this.finishEpoch(begun);
        if (failed) return failed;
        begun = performance.now();
        const end = this.hasEnded();
        if (end) return this.result(end);
      }
      const stops = this.events.signal?.aborted ?? false;
      if (stops || performance.now() - this.keptAt >= BETWEEN_CHECKPOINTS) {
        const failed = this.overflow() ?? this.save();
        if (failed) return failed;
      }
      if (stops) return this.result('stopped');
    }
    return this.result('all epochs');
  }

  private rateOf(step: number): number {
    const { settings, stepsPerEpoch } = this.plan;
    return rateAt(settings.schedule, settings.rate, { step, stepsPerEpoch, epochs: settings.epochs });
  }

  /** Returns to the state of the checkpoint, if there is one. */
  private resume(): Failure | undefined {
    const { folder, hash, run, state: found } = this.plan;
    const before = 'lengths' in found && found.lengths ? found.lengths : [];
    const known = found.kind === 'shorter' ? [...before, found.before] : before;
    const earlier = known.map((length) => settingsHash(withLength(run, length)));
    const { parameters, state } = this.tensors();
    const reading = readCheckpoint(folder, { parameters, state, settings: hash, earlier });
    if (reading === undefined) {
      // What was trained once is not trained again from the start.
      const isTrained = found.kind === 'shorter' && found.isFinished;
      return isTrained || before.length > 0 ? failure('checkpoint-missing', { folder }) : undefined;
    }
    if (reading instanceof Failure) return reading;
    for (const note of reading.notes) this.events.onNote?.(note);
    const { checkpoint } = reading;
    const tensors = [...checkpoint.parameters, ...checkpoint.state];
    this.trainer.restore(new Map(tensors.map(({ name, shape, data }) => [name, { shape, data }])));
    const { progress } = checkpoint;
    this.step = progress.step;
    this.keptStep = progress.step;
    this.lossSum = progress.lossSum;
    this.best = progress.best;
    this.rows = [...progress.epochs];
    const stopped = { epochs: this.rows.length, step: this.step, best: this.best };
    this.lengths = lengthsAfter(found, stopped);
    for (const note of continuationNotes(this.plan, stopped)) this.events.onNote?.(note);
    return undefined;
  }

  private async finishEpoch(begun: number): Promise<Failure | undefined> {
    const { dataSet, split, stepsPerEpoch } = this.plan;
    const overflow = this.overflow();
    if (overflow) return overflow;
    const evaluator = this.evaluator ?? (await this.openEvaluator?.());
    if (evaluator instanceof Failure) return evaluator;
    this.evaluator = evaluator;
    const evaluation = await evaluator?.evaluate(dataSet, split.validation, this.trainer.state);
    if (evaluation instanceof Failure) return evaluation;
    if (evaluation && !Number.isFinite(evaluation.loss)) {
      return validationDiverged(this.divergence(), evaluation.loss);
    }
    const row: EpochRow = {
      epoch: this.rows.length + 1,
      step: this.step,
      learningRate: this.rateOf(this.step - 1),
      trainLoss: this.lossSum / stepsPerEpoch,
      ...(evaluation ? scoresOf(evaluation) : nothingMeasured(dataSet.labels.classes)),
      seconds: Math.round(performance.now() - begun) / 1000,
    };
    this.rows.push(row);
    this.lossSum = 0;
    const better = asBest(row, this.best, this.rows);
    this.best = better ?? this.best;
    this.events.onEpoch?.(row, better !== undefined);
    return this.save();
  }

  /** Writes the checkpoint, and then the files that are made from it. */
  private save(): Failure | undefined {
    const { folder, hash } = this.plan;
    const { parameters, state } = this.tensors();
    const progress = {
      epoch: this.rows.length,
      step: this.step,
      lossSum: this.lossSum,
      best: this.best,
      settings: hash,
      epochs: this.rows,
    };
    const failed = writeCheckpoint(folder, { parameters, state, progress });
    if (failed) return failed;
    this.keptStep = this.step;
    this.keptAt = performance.now();
    return this.publish();
  }

  /** Writes the weights and metrics of the checkpoint. The best weights are those of the best epoch's checkpoint, or the last. */
  private publish(): Failure | undefined {
    const { folder, title, settings, split, dataSet, stepsPerEpoch } = this.plan;
    const { unit } = lengthScale(split.validation, settings.loader.spacing);
    const isBestEpoch =
      this.best?.epoch === this.rows.length && this.step === this.rows.length * stepsPerEpoch;
    const names = classNames(dataSet.labels.classes);
    return (
      (isBestEpoch || !this.openEvaluator ? this.writeWeights('best') : undefined) ??
      this.writeWeights('last') ??
      writeEpochs(folder, title, names, this.rows, this.best, { names: settings.metrics, unit })
    );
  }

  private writeWeights(which: 'best' | 'last'): Failure | undefined {
    const { folder, network, trainingData, dataSet } = this.plan;
    const { sliceAxis, channelNames, classNames: named } = dataSet;
    const metadata = networkMetadata(network, { trainingData, sliceAxis, channelNames, classNames: named });
    return writeRunWeights(folder, which, this.tensors().parameters, metadata);
  }

  /** The current tensors: parameters, and the state of the optimizer. */
  private tensors(): { readonly parameters: CheckpointTensor[]; readonly state: CheckpointTensor[] } {
    const [parameters, state]: [CheckpointTensor[], CheckpointTensor[]] = [[], []];
    for (const [name, { shape, data }] of this.trainer.state) {
      (this.trainer.isParameter(name) ? parameters : state).push({ name, shape, data });
    }
    return { parameters, state };
  }

  private hasEnded(): TrainingResult['end'] | undefined {
    const { epochs, patience } = this.plan.settings;
    const done = this.rows.length;
    if (done >= epochs) return 'all epochs';
    return hasRunOut(patience, done, this.best, this.lengths) ? 'early-stopped' : undefined;
  }

  private result(end: TrainingResult['end']): TrainingResult {
    if (this.best?.by === 'validation loss') {
      this.events.onNote?.(
        `no epoch has a mean Dice above 0 yet, so the loss of the validation images decides that epoch ${this.best.epoch} is the best`,
      );
    }
    return { end, epochs: this.rows, best: this.best };
  }

  /** Fails if weights are NaN or infinite: these are not kept, since training could not continue from them. */
  private overflow(): Failure | undefined {
    return this.trainer.isFinite ? undefined : weightsDiverged(this.divergence());
  }

  private divergence(): Divergence {
    const { settings, folder, stepsPerEpoch } = this.plan;
    return { settings, folder, step: this.step, keptStep: this.keptStep, stepsPerEpoch };
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
