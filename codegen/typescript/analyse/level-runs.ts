import type { StageName, StagePath } from '../../../src/ir/stage-path.js';
import { type Instance, instanceOf, type Naming } from '../template/template.js';
import type { StageSteps } from './block-functions.js';
import { runsOf } from './groups.js';
import type { Network } from './items.js';
import { layersOfStatement, ownNameOf, type PlainStatement } from './statements.js';

/** A value from outside of a run. */
export type ValueOrigin =
  | { readonly from: 'before' }
  /** A value that all levels may take, such as the network's input. */
  | { readonly from: 'network'; readonly value: string }
  /** A step of the first (0), the second (1)... run of the same level. */
  | { readonly from: 'level'; readonly run: number; readonly step: number };

/** Stages that follow each other: those of one level, such as `encoder[2]` and `pool[2]`, or one without a level. */
export interface StageRun {
  readonly stages: readonly StageSteps[];
  /** The last value before it. */
  readonly before: string;
  /** What it is as a round of a loop over levels; undefined where it can't be one. */
  readonly round: LevelRound | undefined;
}

export interface LevelRound {
  readonly level: number;
  readonly instance: Instance;
  /** The stage of each step, without the level: `encoder`. */
  readonly stageOf: readonly StageName[];
  /** The value of each step. */
  readonly outputs: readonly string[];
  /** The layers of all steps, by name. */
  readonly layers: ReadonlySet<string>;
  /** The steps whose values other runs of the level use. */
  readonly kept: readonly number[];
  /** Where the template's values from outside come from; the first is the result of what comes before. */
  readonly sources: readonly ValueOrigin[];
}

/** The level of a stage that a loop over levels can contain: a node of a grid has no such level. */
export function loopLevelOf({ level, column }: StagePath): number | undefined {
  return column === undefined ? level : undefined;
}

/** A network's stages in order, those of a level that follow each other in one run. */
export function stageRuns(network: Network, stages: readonly StageSteps[]): readonly StageRun[] {
  const lists = runsOf(
    stages.filter(({ steps }) => steps.length > 0),
    ({ stage }) => String(loopLevelOf(stage) ?? stage),
  ).map(([, list]) => list);
  const drafts: Draft[] = [];
  let before = network.inputs[0]?.name ?? '';
  for (const list of lists) {
    const steps = list.flatMap((stage) => stage.steps);
    const [first] = list;
    const level = first && loopLevelOf(first.stage);
    // What begins anew, such as a second input's embedding, goes on from what it takes itself.
    const taken = steps.flatMap(({ inputs }) => inputs);
    if (!taken.includes(before)) before = taken[0] ?? before;
    const number = drafts.filter((draft) => draft.level === level).length;
    drafts.push({
      stages: list,
      steps,
      level,
      number,
      before,
      layers: new Set(steps.flatMap(layersOfStatement)),
    });
    before = steps.at(-1)?.output ?? before;
  }
  return drafts.map((draft, place) => ({
    stages: draft.stages,
    before: draft.before,
    round: roundOf(draft, drafts[place + 1], drafts, network),
  }));
}

interface Draft {
  readonly stages: readonly StageSteps[];
  readonly steps: readonly PlainStatement[];
  readonly level: number | undefined;
  /** Whether it is the first (0), the second (1)... of its level. */
  readonly number: number;
  readonly before: string;
  readonly layers: ReadonlySet<string>;
}

function roundOf(
  draft: Draft,
  next: Draft | undefined,
  drafts: readonly Draft[],
  network: Network,
): LevelRound | undefined {
  const { level, steps, before } = draft;
  if (level === undefined) return undefined;
  const others = drafts.filter((other) => other.level === level && other !== draft);
  const kept: number[] = [];
  for (const [index, { output }] of steps.entries()) {
    const goesOn = index === steps.length - 1 ? next?.layers : undefined;
    const users = [...(network.users.get(output) ?? [])].filter(
      (user) => !draft.layers.has(user) && !goesOn?.has(user),
    );
    if (!users.every((user) => others.some(({ layers }) => layers.has(user)))) return undefined;
    if (users.length > 0) kept.push(index);
  }
  const naming: Naming = {
    parts(statement) {
      const { root } = statement.path;
      return { start: [`${root.stage}_`, { of: 'level' }], own: ownNameOf(statement, root) };
    },
    numbered: false,
  };
  const instance = instanceOf(steps, naming, [before]);
  const sources = instance.outers.map((value, index): ValueOrigin => {
    if (index === 0) return { from: 'before' };
    for (const { steps: theirs, number } of others) {
      const step = theirs.findIndex(({ output }) => output === value);
      if (step >= 0) return { from: 'level', run: number, step };
    }
    return { from: 'network', value };
  });
  const stageOf = draft.stages.flatMap(({ stage, steps: own }) => own.map(() => stage.stage));
  return {
    level,
    instance,
    stageOf,
    outputs: steps.map(({ output }) => output),
    layers: draft.layers,
    kept,
    sources,
  };
}
