import type { StageName, StagePath } from '../../../src/ir/stage-path.js';
import { type Instance, instanceOf, type Naming } from '../template/template.js';
import type { StageStatements } from './block-functions.js';
import { runsOf } from './groups.js';
import type { Network } from './items.js';
import { layersOfStatement, ownNameOf, type PlainStatement } from './statements.js';

/** Where a run gets a value from outside. */
export type ValueOrigin =
  | { readonly from: 'before' }
  /** A value that all levels can take, such as the network's input. */
  | { readonly from: 'network'; readonly value: string }
  /** A statement of an earlier run of the same level: the first (0), the second (1)... */
  | { readonly from: 'level'; readonly run: number; readonly statement: number };

/** Consecutive stages of one level, such as `encoder[2]` and `pool[2]`, or one stage without a level. */
export interface StageRun {
  readonly stages: readonly StageStatements[];
  /** The last value before it. */
  readonly before: string;
  /** The run as a round of a loop over levels; undefined if it cannot be one. */
  readonly round: LevelRound | undefined;
}

export interface LevelRound {
  readonly level: number;
  readonly instance: Instance;
  /** The stage of each statement, without the level: `encoder`. */
  readonly stageOf: readonly StageName[];
  /** The value of each statement. */
  readonly outputs: readonly string[];
  /** The layers of all statements, by name. */
  readonly layers: ReadonlySet<string>;
  /** The statements whose values other runs of the level use. */
  readonly kept: readonly number[];
  /** The origins of the template's values from outside; the first is the result of the code before the run. */
  readonly sources: readonly ValueOrigin[];
}

/** The level of a stage in a loop over levels; undefined for a node of a grid, which no loop contains. */
export function loopLevelOf({ level, column }: StagePath): number | undefined {
  return column === undefined ? level : undefined;
}

/** The stages of a network in order; consecutive stages of a level form one run. */
export function stageRuns(network: Network, stages: readonly StageStatements[]): readonly StageRun[] {
  const lists = runsOf(
    stages.filter(({ statements }) => statements.length > 0),
    ({ stage }) => String(loopLevelOf(stage) ?? stage),
  ).map(([, list]) => list);
  const drafts: Draft[] = [];
  let before = network.inputs[0]?.name ?? '';
  for (const list of lists) {
    const statements = list.flatMap((stage) => stage.statements);
    const [first] = list;
    const level = first && loopLevelOf(first.stage);
    // A run that does not continue the one before, such as the embedding of a second input, starts from its own input.
    const taken = statements.flatMap(({ inputs }) => inputs);
    if (!taken.includes(before)) before = taken[0] ?? before;
    const number = drafts.filter((draft) => draft.level === level).length;
    drafts.push({
      stages: list,
      statements,
      level,
      number,
      before,
      layers: new Set(statements.flatMap(layersOfStatement)),
    });
    before = statements.at(-1)?.output ?? before;
  }
  return drafts.map((draft, index) => ({
    stages: draft.stages,
    before: draft.before,
    round: roundOf(draft, drafts[index + 1], drafts, network),
  }));
}

interface Draft {
  readonly stages: readonly StageStatements[];
  readonly statements: readonly PlainStatement[];
  readonly level: number | undefined;
  /** Its index among the runs of its level. */
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
  const { level, statements, before } = draft;
  if (level === undefined) return undefined;
  const others = drafts.filter((other) => other.level === level && other !== draft);
  const kept: number[] = [];
  for (const [index, { output }] of statements.entries()) {
    const goesOn = index === statements.length - 1 ? next?.layers : undefined;
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
  const instance = instanceOf(statements, naming, [before]);
  const sources = instance.outers.map((value, index): ValueOrigin => {
    if (index === 0) return { from: 'before' };
    for (const { statements: theirs, number } of others) {
      const statement = theirs.findIndex(({ output }) => output === value);
      if (statement >= 0) return { from: 'level', run: number, statement };
    }
    return { from: 'network', value };
  });
  const stageOf = draft.stages.flatMap(({ stage, statements: own }) => own.map(() => stage.stage));
  return {
    level,
    instance,
    stageOf,
    outputs: statements.map(({ output }) => output),
    layers: draft.layers,
    kept,
    sources,
  };
}
