import { StagePath } from '../../../src/ir/stage-path.js';
import type { LevelGroup, LevelLoop, Part } from '../analyse/level-loops.js';
import type { LevelRound } from '../analyse/level-runs.js';
import { literalCode } from '../template/columns.js';
import { type CodeText, INDENT, object, property, written } from '../template/layout.js';
import { unused } from '../template/names.js';
import type { StatementTemplate } from '../template/template.js';
import { literal } from '../template/value.js';
import { valueName } from '../template/variable-names.js';
import { type BodyEnvironment, bodyOf, type Callee, outsideOfFunctions } from './body-writer.js';
import type { Comments } from './comments.js';
import { TENSOR } from './function-code.js';
import { type LevelColumn, type LevelTable, levelTable } from './level-table.js';

/** The variable that passes a value from round to round. */
export const RUNNING = 'x';
const LEVEL = 'level';

/** A table of levels, which loops iterate over. */
export interface TableCode {
  /** `levels`. */
  readonly name: string;
  /** The type of its rows: `Level`. Tables with the same fields share it. */
  readonly rowType: string;
  readonly fields: readonly LevelColumn[];
  readonly rows: readonly { readonly code: string; readonly comment: string | undefined }[];
}

type LoopPart = Part & { readonly kind: 'loop' };

/** What the code around a loop provides. */
interface LoopEnvironment {
  callee(number: number): Callee;
  variable(value: string): string;
  readonly taken: ReadonlySet<string>;
}

/** The code that the loops of a group share. */
interface GroupCode {
  readonly table: LevelTable;
  /** The name of the table; undefined if the levels differ only in their numbers. */
  readonly rows: string | undefined;
  readonly rowType: string;
  /** The loop whose values others need, the list of these values, and their variables by statement. */
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
    private readonly environment: LoopEnvironment,
  ) {
    const groups = new Set(parts.flatMap((part) => (part.kind === 'loop' ? [part.group] : [])));
    for (const group of groups) this.groups.set(group, this.groupCode(group, groups.size > 1));
  }

  /** The first round of a loop. */
  firstRound({ group, loop }: LoopPart): LevelRound | undefined {
    const own = group.loops[loop];
    return own?.upwards ? own.rounds.at(-1) : own?.rounds[0];
  }

  /** The code of a loop, and the value that its variable has after it. */
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
    const indent = ' '.repeat(INDENT);
    const head = written(this.head(group, loop, code), INDENT, ' {'.length);
    const text = [...lines, `${head} {`].map((line) => `${indent}${line}\n`).join('');
    return { text: `${text}${this.body(own, loop, code)}${indent}}\n`, result };
  }

  private groupCode(group: LevelGroup, several: boolean): GroupCode {
    const table = levelTable(group, this.environment.taken);
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
            INDENT,
          ),
          comment: this.comments.row(group, index),
        })),
      });
    }
    const keeper = group.loops.findIndex(({ rounds }) => (rounds[0]?.kept ?? []).length > 0);
    const [round] = group.loops[keeper]?.rounds ?? [];
    const taken = new Set([...this.environment.taken, ...table.fields.map(({ name }) => name)]);
    const kept = new Map(
      (round?.kept ?? []).map((statement): [number, string] => {
        const stage = round?.stageOf[statement] ?? '';
        return [statement, unused(stage === 'encoder' ? 'skip' : stage, taken)];
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
    // The list has the levels in the reverse order of the loop that filled it.
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
    const taken = new Set([
      ...this.environment.taken,
      ...table.fields.map(({ name }) => name),
      ...kept.values(),
    ]);
    const environment: BodyEnvironment = {
      hole: (hole) => table.hole(loop, hole),
      ...outsideOfFunctions,
      outer: (index) => {
        const source = top.sources[index];
        if (source?.from === 'level') return kept.get(source.statement) ?? '';
        return source?.from === 'network' ? this.environment.variable(source.value) : RUNNING;
      },
      callee: (number) => this.environment.callee(number),
    };
    const last = top.stageOf.length - 1;
    const isKept = (statement: number) => loop === keeper && kept.has(statement);
    const name = (template: readonly StatementTemplate[], statement: number) => {
      const stage = top.stageOf[statement];
      if (!stage) throw new Error(`the loop has no statement ${statement}`);
      const isLast = top.stageOf[statement + 1] !== stage;
      return (
        (isKept(statement) && kept.get(statement)) ||
        unused(
          valueName(
            StagePath.of(stage),
            template[statement],
            isLast,
            (number) => this.environment.callee(number).name,
          ),
          taken,
        )
      );
    };
    const lastKept = Math.max(...kept.keys());
    const after = (statement: number) => {
      if (loop !== keeper || statement !== lastKept) return [];
      const values = [...kept].map(([index, variable]) =>
        property(variable, index === last ? RUNNING : variable),
      );
      const row = object([LEVEL, ...table.fields.map((field) => field.name), ...values]);
      return [written([`${code.list}.unshift(`, row, ');'], 2 * INDENT)];
    };
    const values = { name, kept: new Set(top.kept), result: { statement: last, as: `${RUNNING} =` }, after };
    return bodyOf(top.instance.template, environment, values, 2 * INDENT);
  }
}

/** The type of the entries of the list that passes values between loops. */
function keptType({ rows, rowType, kept }: GroupCode): string {
  const values = [...kept.values()].map((name) => `${name}: ${TENSOR}`);
  return rows === undefined
    ? `{ ${[`${LEVEL}: number`, ...values].join('; ')} }`
    : `(${rowType} & { ${values.join('; ')} })`;
}
