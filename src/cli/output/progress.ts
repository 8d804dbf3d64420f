import { Presets, SingleBar } from 'cli-progress';
import { wantsColor } from './output.js';

/** How long work runs before a bar appears. */
const PATIENCE_MS = 1000;

/** Shows the progress of some work. The bar appears only on a terminal, and only if the work takes over a second. */
export class ProgressBar {
  private readonly begun = performance.now();
  private bar: SingleBar | undefined;

  constructor(
    private readonly what: string,
    private readonly unit: string,
  ) {}

  update(done: number, total: number): void {
    if (!process.stderr.isTTY) return;
    if (!this.bar) {
      if (performance.now() - this.begun < PATIENCE_MS || done >= total) return;
      const format = `${this.what} {bar} {percentage} % | {value}/{total} ${this.unit} | {eta_formatted} left`;
      const preset = wantsColor(process.stderr) ? Presets.shades_classic : Presets.legacy;
      this.bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, preset);
      this.bar.start(total, done);
    }
    this.bar.update(done);
  }

  /** Removes the bar. */
  end(): void {
    this.bar?.stop();
  }
}
