import { keyOf } from '../template/template.js';
import { type LevelRound, loopLevelOf, type StageRun } from './level-runs.js';

/** Neighbouring levels that do the same: their first runs of stages are one loop, their second runs another one. */
export interface LevelGroup {
  /** From the top down. */
  readonly levels: readonly number[];
  readonly loops: readonly LevelLoop[];
}

export interface LevelLoop {
  /** Whether it begins at the lowest of the levels. */
  readonly upwards: boolean;
  /** Level by level, from the top down. */
  readonly rounds: readonly LevelRound[];
}

/** A part of the network's own code. */
export type Part =
  | { readonly kind: 'run'; readonly run: StageRun }
  | { readonly kind: 'loop'; readonly group: LevelGroup; readonly loop: number; readonly before: string };

/** The runs in order, with the levels that repeat as loops. */
export function partsOf(runs: readonly StageRun[]): readonly Part[] {
  const starts = new Map<StageRun, Part>();
  const inLoops = new Set<StageRun>();
  for (const levels of repeatingLevels(runs)) {
    const [top] = levels;
    const loops = (top?.runs ?? []).map((_, loop) => levels.flatMap(({ runs: own }) => own[loop] ?? []));
    const made = loops.map((loop): LevelLoop => {
      const [first, second] = loop;
      const upwards =
        first !== undefined && second !== undefined && runs.indexOf(second) < runs.indexOf(first);
      return { upwards, rounds: loop.flatMap(({ round }) => round ?? []) };
    });
    const group: LevelGroup = { levels: levels.map(({ level }) => level), loops: made };
    for (const [loop, own] of loops.entries()) {
      for (const run of own) inLoops.add(run);
      const start = made[loop]?.upwards ? own.at(-1) : own[0];
      if (start) starts.set(start, { kind: 'loop', group, loop, before: start.before });
    }
  }
  return runs.flatMap((run): readonly Part[] => {
    const start = starts.get(run);
    if (start) return [start];
    return inLoops.has(run) ? [] : [{ kind: 'run', run }];
  });
}

/** A level with its runs, in the order in which the network takes them. */
interface Level {
  readonly level: number;
  readonly runs: readonly StageRun[];
}

/** The longest lists of two or more neighbouring levels that do the same. */
function repeatingLevels(runs: readonly StageRun[]): readonly (readonly Level[])[] {
  const byLevel = new Map<number, StageRun[]>();
  const broken = new Set<number>();
  for (const run of runs) {
    const [first] = run.stages;
    const level = first && loopLevelOf(first.stage);
    if (level === undefined) continue;
    if (!run.round) broken.add(level);
    byLevel.set(level, [...(byLevel.get(level) ?? []), run]);
  }
  const lists: Level[][] = [];
  for (const level of [...byLevel.keys()].sort((a, b) => a - b)) {
    const own: Level = { level, runs: byLevel.get(level) ?? [] };
    if (broken.has(level) || !hasOneKeeper(own)) continue;
    const list = lists.at(-1);
    if (list && follows(own, list, runs)) list.push(own);
    else lists.push([own]);
  }
  return lists.filter(({ length }) => length > 1);
}

/** A loop hands over values to the loops behind it in one list. */
function hasOneKeeper({ runs }: Level): boolean {
  return runs.filter(({ round }) => (round?.kept ?? []).length > 0).length <= 1;
}

/** Whether a level does the same as the list of those above it, next to the last of them. */
function follows(own: Level, list: readonly Level[], runs: readonly StageRun[]): boolean {
  const above = list.at(-1);
  if (!above || own.level !== above.level + 1 || own.runs.length !== above.runs.length) return false;
  const twoAbove = list.at(-2);
  return own.runs.every((run, index) => {
    const upper = above.runs[index];
    if (!upper || roundKey(run) !== roundKey(upper)) return false;
    const step = runs.indexOf(run) - runs.indexOf(upper);
    const stepBefore = twoAbove ? runs.indexOf(upper) - runs.indexOf(twoAbove.runs[index] ?? run) : step;
    return Math.abs(step) === 1 && step === stepBefore;
  });
}

/** Equal for runs that do the same with the same values of other parts. */
function roundKey({ round }: StageRun): string | undefined {
  return round && JSON.stringify([keyOf(round.instance), round.stageOf, round.kept, round.sources]);
}
