import { Presets, SingleBar } from 'cli-progress';
import type { EpochRow } from '../../train/report/run-folder-epochs.js';
import type { StepState } from '../../train/training-events.js';
import { print, wantsColor } from './output.js';

/** Shows how a training goes: one line per epoch, and on a terminal a bar with the loss, the validation Dice and the time that is left. */
export class TrainingProgress {
  private bar: SingleBar | undefined;

  constructor(
    private readonly epochs: number,
    private readonly isValidated: boolean,
  ) {}

  step({ step, steps, loss, epoch, dice }: StepState): void {
    if (!process.stderr.isTTY) return;
    const payload = {
      epoch: `epoch ${epoch}/${this.epochs}`,
      loss: loss.toFixed(4),
      dice: dice === null ? '-' : dice.toFixed(4),
    };
    if (!this.bar) {
      const score = this.isValidated ? ' | Dice {dice}' : '';
      const format = `{epoch} {bar} {percentage} % | loss {loss}${score} | {eta_formatted} left`;
      const preset = wantsColor(process.stderr) ? Presets.shades_classic : Presets.legacy;
      this.bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, preset);
      this.bar.start(steps, step, payload);
    } else this.bar.update(step, payload);
  }

  epoch(row: EpochRow, isBest: boolean, isQuiet: boolean): void {
    if (isQuiet) return;
    const text = (value: number | null) => (value === null ? '-' : value.toFixed(4));
    const width = String(this.epochs).length;
    // The line takes the bar's row; the next step draws the bar again.
    this.end();
    const scores = this.isValidated
      ? `validation ${text(row.validationLoss)}  Dice ${text(row.foregroundDice)}  IoU ${text(row.foregroundIou)}  `
      : '';
    print(
      `epoch ${String(row.epoch).padStart(width)}/${this.epochs}  loss ${text(row.trainLoss)}  ${scores}` +
        `${row.seconds.toFixed(1)} s${isBest ? '  best' : ''}`,
    );
  }

  /** Removes the bar. */
  end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}
