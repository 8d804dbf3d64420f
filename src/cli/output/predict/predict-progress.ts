import { Presets, SingleBar } from 'cli-progress';
import { statOf } from '../../../runtime/files/folders.js';
import { wantsColor } from '../output.js';
import { durationText, TimeLeft } from './time-left.js';

/** How long work runs before a bar appears. */
const PATIENCE_MS = 1000;

/** A case that is predicted. */
export interface ProgressCase {
  readonly name: string;
  /** The size of its files, which says how much work it is beside others. */
  readonly bytes: number;
}

export function progressCase({ name, paths }: { name: string; paths: readonly string[] }): ProgressCase {
  // A file that is missing fails when it is read.
  const sizes = paths.map((path) => statOf(path)?.size ?? 0);
  return { name, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Where progress is shown: a terminal, or something else, which shows none. */
type Terminal = NodeJS.WriteStream;

/**
 * Shows the progress of predictions on a terminal: the windows of the present case, the part of the whole that is done,
 * and the time that is left for the whole once it can be told.
 */
export class PredictProgress {
  private readonly begun: number;
  private readonly left: TimeLeft;
  private bar: SingleBar | undefined;
  private index = 0;

  /** @param now a clock in ms */
  constructor(
    private readonly cases: readonly ProgressCase[],
    private readonly stream: Terminal = process.stderr,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.begun = now();
    this.left = new TimeLeft(now);
  }

  /** The part of the whole that is done, once `part` of a case is. */
  private partOf(part: number): number {
    // A file without bytes is work, too.
    const sizes = this.cases.map(({ bytes }) => Math.max(1, bytes));
    const before = sizes.slice(0, this.index).reduce((sum, size) => sum + size, 0);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    return (before + part * (sizes[this.index] ?? 0)) / all;
  }

  /** Goes on to a case. */
  begin(index: number): void {
    this.index = index;
  }

  /** So many windows of the case are done. */
  update(done: number, total: number): void {
    if (!this.stream.isTTY) return;
    const part = this.partOf(done / total);
    const seconds = this.left.after(part);
    const left = seconds === undefined ? '' : ` | ${durationText(seconds)} left`;
    const payload = { windows: `${done}/${total}`, left };
    if (this.bar) {
      this.bar.update(part, payload);
      return;
    }
    if (this.now() - this.begun < PATIENCE_MS || part >= 1) return;
    const name = this.cases[this.index]?.name ?? '';
    const count = this.cases.length;
    const title = count === 1 ? 'predicting' : `predicting ${name} (${this.index + 1} of ${count})`;
    const format = `${title} {bar} {percentage} % | {windows} windows{left}`;
    const preset = wantsColor(this.stream) ? Presets.shades_classic : Presets.legacy;
    this.bar = new SingleBar({ format, stream: this.stream, clearOnComplete: true }, preset);
    this.bar.start(1, part, payload);
  }

  /** Removes the bar, until the next window is done. */
  end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}
