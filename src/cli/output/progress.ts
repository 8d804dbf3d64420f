import { Presets, SingleBar } from 'cli-progress';
import { wantsColor } from './output.js';

/** How long work goes on in silence before a bar appears. */
const PATIENCE_MS = 1000;

/** Reports how far some work is. The bar appears on a terminal only, and only when the work takes over a second. */
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

  /** Takes the bar away. */
  end(): void {
    this.bar?.stop();
  }
}
