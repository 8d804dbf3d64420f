import { keyOf } from '../template/template.js';
import { type LevelRound, loopLevelOf, type StageRun } from './level-runs.js';

/** Neighbouring levels with equal code: their first runs of stages form one loop, their second runs another. */
export interface LevelGroup {
  /** From the top down. */
  readonly levels: readonly number[];
  readonly loops: readonly LevelLoop[];
}

export interface LevelLoop {
  /** Whether it starts at the lowest level. */
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

/** A level with its runs, in the order of the network. */
interface Level {
  readonly level: number;
  readonly runs: readonly StageRun[];
}

/** The longest lists of two or more neighbouring levels with equal code. */
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

/** Whether at most one run keeps values: a loop passes values to later loops in one list. */
function hasOneKeeper({ runs }: Level): boolean {
  return runs.filter(({ round }) => (round?.kept ?? []).length > 0).length <= 1;
}

/** Whether a level has the code of the levels above it and follows them directly in the network. */
function follows(own: Level, list: readonly Level[], runs: readonly StageRun[]): boolean {
  const above = list.at(-1);
  if (!above || own.level !== above.level + 1 || own.runs.length !== above.runs.length) return false;
  const twoAbove = list.at(-2);
  return own.runs.every((run, index) => {
    const upper = above.runs[index];
    if (!upper || roundKey(run) !== roundKey(upper)) return false;
    const distance = runs.indexOf(run) - runs.indexOf(upper);
    const distanceBefore = twoAbove
      ? runs.indexOf(upper) - runs.indexOf(twoAbove.runs[index] ?? run)
      : distance;
    return Math.abs(distance) === 1 && distance === distanceBefore;
  });
}

/** A key that is equal for runs with equal code on the same values of other parts. */
function roundKey({ round }: StageRun): string | undefined {
  return round && JSON.stringify([keyOf(round.instance), round.stageOf, round.kept, round.sources]);
}
