import { numberText } from '../language/expressions/values.js';
import type { RunPass } from './pass.js';
import { buildPasses, passes } from './passes.js';
import { alignedText } from './print/aligned-text.js';

/** What one pass did, in all its runs together. */
export interface PassStats {
  readonly pass: string;
  readonly runs: number;
  readonly ms: number;
  /** How much it made, in `unit`. */
  readonly count: number;
  /** `nodes`, `warnings`, `bytes`. */
  readonly unit: string;
}

/** The name of a pass, and what it makes. */
interface NamedPass {
  readonly name: string;
  readonly makes: string;
}

const order = [...Object.values(passes), ...Object.values(buildPasses)].map(({ name }) => name);

/** Measures passes. The core reads no clock, so the caller gives one, in milliseconds: `() => performance.now()`. */
export class PassTimer {
  private readonly totals = new Map<string, PassStats>();
  /** Milliseconds of the passes that ran inside the one that is running. */
  private nested = 0;

  constructor(private readonly now: () => number) {}

  readonly run: RunPass = (pass, from) =>
    this.measure(
      pass,
      () => pass.run(from),
      ({ value, diagnostics }) =>
        value === undefined || value === null ? 0 : pass.count(value, diagnostics),
    );

  /**
   * Measures some work. Time that is measured inside of it counts only there.
   *
   * @param runs 0 for work that goes on with an earlier run
   */
  measure<T>(pass: NamedPass, work: () => T, count: (made: T) => number, runs = 1): T {
    const lap = this.start();
    const made = work();
    this.stop(lap, pass, runs, () => count(made));
    return made;
  }

  /** As `measure`, for work that waits. Nothing else may be measured meanwhile. */
  async measureAsync<T>(pass: NamedPass, work: () => Promise<T>, count: (made: T) => number): Promise<T> {
    const lap = this.start();
    const made = await work();
    this.stop(lap, pass, 1, () => count(made));
    return made;
  }

  /** The passes that ran, in their order. */
  get stats(): readonly PassStats[] {
    return [...this.totals.values()]
      .map((stats) => ({ ...stats, ms: Math.round(stats.ms * 1000) / 1000 }))
      .sort((a, b) => order.indexOf(a.pass) - order.indexOf(b.pass));
  }

  private start(): Lap {
    const outer = this.nested;
    this.nested = 0;
    return { outer, begun: this.now() };
  }

  private stop({ outer, begun }: Lap, { name, makes }: NamedPass, runs: number, count: () => number): void {
    const ms = this.now() - begun;
    const before = this.totals.get(name);
    this.totals.set(name, {
      pass: name,
      runs: (before?.runs ?? 0) + runs,
      ms: (before?.ms ?? 0) + ms - this.nested,
      count: (before?.count ?? 0) + count(),
      unit: makes,
    });
    this.nested = outer + ms;
  }
}

/** A measurement that is running. */
interface Lap {
  readonly begun: number;
  /** Milliseconds that were measured before it, inside of the work around it. */
  readonly outer: number;
}

/** The stats as a table for people. */
export function statsText(stats: readonly PassStats[]): string {
  const total = stats.reduce((sum, { ms }) => sum + ms, 0);
  const rows = stats.map(({ pass, runs, ms, count, unit }) => [
    pass,
    String(runs),
    `${numberText(count)} ${count === 1 ? unit.replace(/s$/, '') : unit}`,
    timeText(ms),
  ]);
  const aligns = ['left', 'right', 'right', 'right'] as const;
  return alignedText([['pass', 'runs', 'made', 'time'], ...rows, ['all', '', '', timeText(total)]], aligns);
}

/** Wide enough for any time, so that the columns stand still. */
function timeText(ms: number): string {
  return `${ms.toFixed(2)} ms`.padStart(11);
}
