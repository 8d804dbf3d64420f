import type { Command } from 'commander';
import { type PassStats, PassTimer, statsText } from '../../compiler/pass-timer.js';
import { buildPasses } from '../../compiler/passes.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { printJson, report } from './output.js';

export interface StatsOptions {
  readonly stats?: boolean;
}

export function addStatsOption(command: Command): Command {
  return command.option('--stats', 'print the time of each pass, and how much it made');
}

/** The timer that `--stats` asks for. */
export function timerFor({ stats }: StatsOptions): PassTimer | undefined {
  return stats ? new PassTimer(() => performance.now()) : undefined;
}

/** Prints a result as JSON, with the stats in it. */
export function printJsonResult(result: object, timer: PassTimer | undefined): void {
  printJson(withStats(result, timer));
}

function withStats(result: object, timer: PassTimer | undefined): object & { stats?: readonly PassStats[] } {
  return timer ? { ...result, stats: timer.stats } : result;
}

/** Prints the stats for people. */
export function printStats(timer: PassTimer | undefined): void {
  if (timer) report(statsText(timer.stats));
}

/** Weights that are measured while a backend or a file asks for them. */
export function measuredWeights(weights: WeightSource, timer: PassTimer | undefined): WeightSource {
  if (!timer) return weights;
  return {
    *chunks(parameter) {
      const chunks = weights.chunks(parameter)[Symbol.iterator]();
      for (let runs = 1; ; runs = 0) {
        const next = timer.measure(
          buildPasses.weights,
          () => chunks.next(),
          ({ done, value }) => (done ? 0 : value.length),
          runs,
        );
        if (next.done) return;
        yield next.value;
      }
    },
  };
}
