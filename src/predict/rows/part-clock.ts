import type { Session } from '../../runtime/engine.js';
import type { RowSource } from './row-source.js';

/** What this thread does for a prediction, besides running a model. */
export type PredictPart = 'reading' | 'stitching' | 'writing';

/** Times of a prediction in s. Its parts overlap where the model works on another thread. */
export interface PredictSeconds extends Readonly<Record<PredictPart, number>> {
  readonly model: number;
  readonly total: number;
  /** What the model did not take: total - model. */
  readonly beside: number;
}

/** Counts how long the model takes, and each part beside it. */
export class PartClock {
  private readonly begun = performance.now();
  private readonly before: number;
  private readonly parts: Record<PredictPart, number> = { reading: 0, stitching: 0, writing: 0 };
  private model = 0;

  /** @param sessions of the models, which may have run before */
  constructor(private readonly sessions: readonly Session[]) {
    this.before = this.besideSeconds;
  }

  private get besideSeconds(): number {
    return this.sessions.reduce((sum, { beside }) => sum + (beside?.seconds ?? 0), 0);
  }

  get seconds(): PredictSeconds {
    const total = (performance.now() - this.begun) / 1000;
    const model = this.model + this.besideSeconds - this.before;
    return { model, total, beside: Math.max(0, total - model), ...this.parts };
  }

  /** Runs a part, and counts its time. */
  measure<T>(part: PredictPart, run: () => T): T {
    const start = performance.now();
    const result = run();
    this.parts[part] += (performance.now() - start) / 1000;
    return result;
  }

  /** Runs a session, and counts its time unless the session does. */
  async runModel<T>({ beside }: Session, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await run();
    if (!beside) this.model += (performance.now() - start) / 1000;
    return result;
  }

  /** Waits for a part, and counts its time. */
  async wait<T>(part: PredictPart, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await run();
    this.parts[part] += (performance.now() - start) / 1000;
    return result;
  }

  /** The same rows; the time until they are there is that of reading. */
  reading(source: RowSource): RowSource {
    return { ...source, rows: (from, to) => this.wait('reading', () => source.rows(from, to)) };
  }
}
