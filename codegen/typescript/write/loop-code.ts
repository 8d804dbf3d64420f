import { StagePath } from '../../../src/ir/stage-path.js';
import type { LevelGroup, LevelLoop, Part } from '../analyse/level-loops.js';
import type { LevelRound } from '../analyse/level-runs.js';
import { literalCode } from '../template/columns.js';
import { type CodeText, object, property, STEP, written } from '../template/layout.js';
import { unused } from '../template/names.js';
import type { StepTemplate } from '../template/template.js';
import { literal } from '../template/value.js';
import { valueName } from '../template/value-names.js';
import { type BodyEnvironment, bodyOf, type Callee, outsideOfFunctions } from './body-writer.js';
import type { Comments } from './comments.js';
import { TENSOR } from './function-code.js';
import { type LevelColumn, type LevelTable, levelTable } from './level-table.js';

/** The variable that goes on from round to round. */
export const RUNNING = 'x';
const LEVEL = 'level';

/** A table of levels that loops go through. */
export interface TableCode {
  /** `levels`. */
  readonly name: string;
  /** The type of its rows: `Level`. Tables with the same fields share it. */
  readonly rowType: string;
  readonly fields: readonly LevelColumn[];
  readonly rows: readonly { readonly code: string; readonly comment: string | undefined }[];
}

type LoopPart = Part & { readonly kind: 'loop' };

/** What the code around a loop knows. */
interface Around {
  callee(number: number): Callee;
  variable(value: string): string;
  readonly taken: ReadonlySet<string>;
}

/** What the loops of a group share. */
interface GroupCode {
  readonly table: LevelTable;
  /** The table's name, where the levels differ in more than their numbers. */
  readonly rows: string | undefined;
  readonly rowType: string;
  /** The loop whose values others need, the list that has them, and their variables by step. */
  readonly keeper: number;
  readonly list: string;
  readonly kept: ReadonlyMap<number, string>;
}

/** Writes the loops over levels. */
export class LoopWriter {
  readonly tables: TableCode[] = [];
  private readonly groups = new Map<LevelGroup, GroupCode>();

  constructor(
    parts: readonly Part[],
    private readonly comments: Comments,
    private readonly around: Around,
  ) {
    const groups = new Set(parts.flatMap((part) => (part.kind === 'loop' ? [part.group] : [])));
    for (const group of groups) this.groups.set(group, this.groupCode(group, groups.size > 1));
  }

  /** The round that a loop begins with. */
  firstRound({ group, loop }: LoopPart): LevelRound | undefined {
    const own = group.loops[loop];
    return own?.upwards ? own.rounds.at(-1) : own?.rounds[0];
  }

  /** A loop, and the value that its variable has at the end. */
  write(part: LoopPart): { readonly text: string; readonly result: string } {
    const { group, loop, before } = part;
    const code = this.groups.get(group);
    const own = group.loops[loop];
    const [top] = own?.rounds ?? [];
    const end = own?.upwards ? top : own?.rounds.at(-1);
    if (!code || !own || !top || !end) throw new Error('a loop without rounds');
    const result = end.outputs.at(-1) ?? before;
    const isKeeper = loop === code.keeper;
    const lines = [
      `// ${this.comments.loop(own, this.groups.size > 1 ? group.levels : undefined, before, result)}`,
    ];
    if (isKeeper) lines.push(`const ${code.list}: ${keptType(code)}[] = [];`);
    const indent = ' '.repeat(STEP);
    const head = written(this.head(group, loop, code), STEP, ' {'.length);
    const text = [...lines, `${head} {`].map((line) => `${indent}${line}\n`).join('');
    return { text: `${text}${this.body(own, loop, code)}${indent}}\n`, result };
  }

  private groupCode(group: LevelGroup, several: boolean): GroupCode {
    const table = levelTable(group, this.around.taken);
    const range = several ? `${group.levels[0]}To${group.levels.at(-1)}` : '';
    const rows = table.fields.length > 0 ? `levels${range}` : undefined;
    const type = (fields: readonly LevelColumn[]) =>
      JSON.stringify(fields.map(({ entries, ...field }) => field));
    const alike = this.tables.find(({ fields }) => type(fields) === type(table.fields));
    const rowType = alike?.rowType ?? `Level${this.tables.length === 0 ? '' : range}`;
    if (rows !== undefined) {
      this.tables.push({
        name: rows,
        rowType,
        fields: table.fields,
        rows: group.levels.map((level, index) => ({
          code: written(
            object([
              property(LEVEL, literal(level)),
              ...table.fields.map(({ name, entries }) => property(name, literalCode(entries[index] ?? 0))),
            ]),
            STEP,
          ),
          comment: this.comments.row(group, index),
        })),
      });
    }
    const keeper = group.loops.findIndex(({ rounds }) => (rounds[0]?.kept ?? []).length > 0);
    const [round] = group.loops[keeper]?.rounds ?? [];
    const taken = new Set([...this.around.taken, ...table.fields.map(({ name }) => name)]);
    const kept = new Map(
      (round?.kept ?? []).map((step): [number, string] => {
        const stage = round?.stageOf[step] ?? '';
        return [step, unused(stage === 'encoder' ? 'skip' : stage, taken)];
      }),
    );
    return { table, rows, rowType, keeper, list: `skips${range}`, kept };
  }

  /** `for (const { level, filters } of levels)`. */
  private head(group: LevelGroup, loop: number, code: GroupCode): CodeText {
    const { table, rows, keeper, list } = code;
    const upwards = group.loops[loop]?.upwards ?? false;
    const takes = this.takesKept(group, loop);
    const read = table.read(loop);
    const fields = table.fields.map(({ name }) => name).filter((name) => loop === keeper || read.has(name));
    if (!takes && rows === undefined) {
      const levels = upwards ? group.levels.toReversed() : group.levels;
      return `for (const ${LEVEL} of [${levels.join(', ')}])`;
    }
    const names = object([LEVEL, ...fields, ...(takes ? code.kept.values() : [])]);
    // The list has the levels in the order in which they were not kept.
    const isReversed = takes ? upwards === (group.loops[keeper]?.upwards ?? false) : upwards;
    const source = takes ? list : (rows ?? '');
    return ['for (const ', names, ` of ${isReversed ? `[...${source}].reverse()` : source})`];
  }

  private takesKept(group: LevelGroup, loop: number): boolean {
    return group.loops[loop]?.rounds[0]?.sources.some(({ from }) => from === 'level') ?? false;
  }

  private body(own: LevelLoop, loop: number, code: GroupCode): string {
    const [top] = own.rounds;
    if (!top) throw new Error('a loop without rounds');
    const { table, keeper, kept } = code;
    const taken = new Set([...this.around.taken, ...table.fields.map(({ name }) => name), ...kept.values()]);
    const around: BodyEnvironment = {
      hole: (hole) => table.hole(loop, hole),
      ...outsideOfFunctions,
      outer: (index) => {
        const source = top.sources[index];
        if (source?.from === 'level') return kept.get(source.step) ?? '';
        return source?.from === 'network' ? this.around.variable(source.value) : RUNNING;
      },
      callee: (number) => this.around.callee(number),
    };
    const last = top.stageOf.length - 1;
    const isKept = (step: number) => loop === keeper && kept.has(step);
    const name = (template: readonly StepTemplate[], step: number) => {
      const stage = top.stageOf[step];
      if (!stage) throw new Error(`the loop has no step ${step}`);
      const isLast = top.stageOf[step + 1] !== stage;
      return (
        (isKept(step) && kept.get(step)) ||
        unused(
          valueName(StagePath.of(stage), template[step], isLast, (number) => this.around.callee(number).name),
          taken,
        )
      );
    };
    const lastKept = Math.max(...kept.keys());
    const after = (step: number) => {
      if (loop !== keeper || step !== lastKept) return [];
      const values = [...kept].map(([index, variable]) =>
        property(variable, index === last ? RUNNING : variable),
      );
      const row = object([LEVEL, ...table.fields.map((field) => field.name), ...values]);
      return [written([`${code.list}.unshift(`, row, ');'], 2 * STEP)];
    };
    const values = { name, kept: new Set(top.kept), result: { step: last, as: `${RUNNING} =` }, after };
    return bodyOf(top.instance.template, around, values, 2 * STEP);
  }
}

/** The type of the entries of the list that hands values over. */
function keptType({ rows, rowType, kept }: GroupCode): string {
  const values = [...kept.values()].map((name) => `${name}: ${TENSOR}`);
  return rows === undefined
    ? `{ ${[`${LEVEL}: number`, ...values].join('; ')} }`
    : `(${rowType} & { ${values.join('; ')} })`;
}
