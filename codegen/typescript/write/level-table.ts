import type { LevelGroup, LevelLoop } from '../analyse/level-loops.js';
import { columnOf, type HoleColumn, isConstant, valueCode, variableCode } from '../template/columns.js';
import type { CodeText } from '../template/layout.js';
import { capital, unused } from '../template/names.js';
import { CHANNELS, parameterFamilyOf } from '../template/parameters.js';
import type { Hole, StatementTemplate } from '../template/template.js';
import { type LiteralValue, sameValue, typeOf } from '../template/value.js';

/** A column of the table of levels. */
export interface LevelColumn {
  readonly name: string;
  readonly type: string;
  /** Level by level, from the top down. */
  readonly entries: readonly LiteralValue[];
  readonly doc: string;
}

/** The differences between the levels of a group. */
export interface LevelTable {
  readonly fields: readonly LevelColumn[];
  /** The code of a hole of a loop's template; undefined if its value is the layer's default. */
  hole(loop: number, hole: number): CodeText | undefined;
  /** The fields that a loop's code reads. */
  read(loop: number): ReadonlySet<string>;
}

/** The arguments that can hold the factor of a pooling or an upsampling. */
const windowKeys: readonly string[] = ['strides', 'poolSize', 'size', 'kernelSize'];
const WINDOW = 'window';

interface Draft {
  readonly family: string;
  readonly column: HoleColumn;
  readonly uses: { readonly loop: number; readonly hole: Hole; readonly stage: string }[];
}

/** The content of a hole: a value, or a column. */
type Filling =
  | { readonly value: LiteralValue; readonly hole: Hole }
  | { readonly draft: Draft; readonly hole: Hole };

/** The table of a group. Its fields have no name of `taken`. */
export function levelTable(group: LevelGroup, taken: ReadonlySet<string>): LevelTable {
  const drafts: Draft[] = [];
  const fillings = group.loops.map((loop, number) => {
    const stages = stagesOfHoles(loop);
    return (loop.rounds[0]?.instance.holes ?? []).map((hole, index): Filling => {
      const values = loop.rounds.map(({ instance }) => instance.holes[index]?.value ?? hole.value);
      const column = columnOf(values, hole.rule);
      if (isConstant(column)) return { value: hole.value, hole };
      const family = windowKeys.includes(hole.key) ? WINDOW : parameterFamilyOf(hole.key);
      const known = drafts.find((draft) => draft.family === family && sameColumn(draft.column, column));
      const draft: Draft = known ?? { family, column, uses: [] };
      if (!known) drafts.push(draft);
      draft.uses.push({ loop: number, hole, stage: stages.get(index) ?? '' });
      return { draft, hole };
    });
  });
  const columns = new Map(drafts.map((draft) => [draft, columnCode(draft, drafts)]));
  const names = fieldNames(
    drafts.filter((draft) => columns.get(draft)?.of === draft),
    taken,
  );
  const codeOf = (draft: Draft): string => {
    const column = columns.get(draft);
    return (column?.code ?? '').replace('#', names.get(column?.of ?? draft) ?? '');
  };
  return {
    fields: [...names].map(([draft, name]) => ({
      name,
      type: typeOf(draft.column.entries),
      entries: draft.column.entries,
      doc: fieldDoc(draft),
    })),
    hole(loop, index) {
      const filling = fillings[loop]?.[index];
      if (!filling) throw new Error(`loop ${loop} has no hole ${index}`);
      const { hole } = filling;
      if ('value' in filling) return valueCode(filling.value, hole.rule);
      return variableCode(codeOf(filling.draft), filling.draft.column, hole.rule, hole.value);
    },
    read(loop) {
      const own = (fillings[loop] ?? []).flatMap((filling) => ('draft' in filling ? [filling.draft] : []));
      return new Set(own.map((draft) => names.get(columns.get(draft)?.of ?? draft) ?? ''));
    },
  };
}

/** The stage of the statement that each hole belongs to. */
function stagesOfHoles(loop: LevelLoop): ReadonlyMap<number, string> {
  const stages = new Map<number, string>();
  const [first] = loop.rounds;
  for (const [index, statement] of (first?.instance.template ?? []).entries()) {
    for (const hole of holesOf(statement)) stages.set(hole, first?.stageOf[index] ?? '');
  }
  return stages;
}

function holesOf(statement: StatementTemplate): readonly number[] {
  if (statement.kind === 'repeat') return statement.body.flatMap(holesOf);
  return statement.args.flatMap((argument) => ('hole' in argument ? [argument.hole] : argument.holes));
}

/**
 * The code of a column, with `#` for the name of a column of the table: the column itself, or twice or half another
 * one.
 */
function columnCode(draft: Draft, drafts: readonly Draft[]): { readonly code: string; readonly of: Draft } {
  const main = mainOf(draft.family, drafts);
  if (main && draft !== main && draft.family === CHANNELS) {
    if (isMultiple(draft, main, 2)) return { code: '2 * #', of: main };
    if (isMultiple(draft, main, 0.5)) return { code: '# / 2', of: main };
  }
  return { code: '#', of: draft };
}

/** The column of a family with the most uses. */
function mainOf(family: string, drafts: readonly Draft[]): Draft | undefined {
  return mostRead(drafts.filter((draft) => draft.family === family));
}

function mostRead([first, ...rest]: readonly Draft[]): Draft | undefined {
  return rest.reduce<Draft | undefined>(
    (best, draft) => (draft.uses.length > (best?.uses.length ?? 0) ? draft : best),
    first,
  );
}

function isMultiple(draft: Draft, of: Draft, factor: number): boolean {
  return draft.column.entries.every((entry, level) => {
    const other = of.column.entries[level];
    return typeof entry === 'number' && typeof other === 'number' && entry === factor * other;
  });
}

/** The column with most uses has the name of the argument; the names of the others contain their stage. */
function fieldNames(drafts: readonly Draft[], words: ReadonlySet<string>): ReadonlyMap<Draft, string> {
  const taken = new Set(words);
  const names = new Map<Draft, string>();
  for (const draft of drafts) {
    const key = keyOf(draft);
    const isMain = draft === mostRead(drafts.filter((other) => keyOf(other) === key));
    const name = isMain ? key : `${draft.uses[0]?.stage ?? ''}${capital(key)}`;
    names.set(draft, unused(name, taken));
  }
  return names;
}

/** The argument that a column is for. */
function keyOf(draft: Draft): string {
  const keys = draft.uses.map(({ hole }) => hole.key);
  switch (draft.family) {
    case CHANNELS:
      return isInput(draft) ? 'inputChannels' : 'filters';
    case WINDOW:
      return windowKeys.find((key) => keys.includes(key)) ?? WINDOW;
    default:
      return keys[0] ?? draft.family;
  }
}

/** Whether a column has the channels of a block's input, not of its output. */
function isInput({ family, uses }: Draft): boolean {
  return family === CHANNELS && uses.every(({ hole }) => /^(groups|input)/.test(hole.key));
}

function sameColumn(a: HoleColumn, b: HoleColumn): boolean {
  return a.uniform === b.uniform && sameValue(a.entries, b.entries);
}

const keyDocs: Readonly<Record<string, string>> = {
  filters: 'Channels in',
  inputChannels: 'Channels of the input of',
  cropping: 'Positions cropped from each side of',
  kernelSize: 'Kernel size in',
  poolSize: 'Window of',
  rate: 'Rate of the dropout in',
  repeat: 'Number of consecutive convolutions in',
  size: 'Factor of',
  strides: 'Strides of',
};

const stageDocs: Readonly<Record<string, string>> = {
  encoder: 'the encoder',
  pool: 'the pooling',
  up: 'the upsampling',
  skip: 'the skip connection',
  decoder: 'the decoder',
};

function fieldDoc(draft: Draft): string {
  const stages = [...new Set(draft.uses.map(({ stage }) => stageDocs[stage] ?? `\`${stage}\``))];
  const last = stages.at(-1) ?? '';
  const where = stages.length > 1 ? `${stages.slice(0, -1).join(', ')} and ${last}` : last;
  const key = keyOf(draft);
  return `${keyDocs[key] ?? `${capital(key)} of`} ${where}.`;
}
