import { columnOf, type HoleColumn, isConstant } from './columns.js';
import { camel, capital, unused } from './names.js';
import { type Hole, isNumbering, REPEAT } from './template.js';
import { type LiteralValue, sameValue, typeOf } from './value.js';

/** A parameter of a block's function. */
export interface FunctionParameter {
  readonly name: string;
  /** `number`, `number[]`, `[number, number]`, `'same' | 'valid'`. */
  readonly type: string;
  /** The arguments, one per use. */
  readonly column: HoleColumn;
  /** Whether it is a list with one entry per round of a repetition. */
  readonly each: boolean;
  /** The default argument; parameters that have one come last. */
  readonly defaultValue?: number;
}

/**
 * The content of a hole: one value for all uses, one list for all uses with one entry per round, a parameter, or the
 * length of a list parameter.
 */
export type HoleUse =
  | { readonly value: LiteralValue }
  | { readonly list: LiteralValue }
  | { readonly parameter: FunctionParameter }
  | { readonly lengthOf: FunctionParameter };

/** A parameter before it has a name. */
interface Draft {
  readonly family: string;
  readonly column: HoleColumn;
  readonly each: boolean;
  readonly holes: Hole[];
}

/**
 * The family of an argument. Equal values of one family share a parameter or a column. Numbers of filters are numbers
 * of channels; so are the numbers of groups of depthwise convolutions and instance norms.
 */
export function parameterFamilyOf(key: string): string {
  return /filters$/i.test(key) || key === 'groups' ? CHANNELS : key;
}

export const CHANNELS = 'channels';

/** The parameters of a template with these holes, and the content of each hole. */
export function templateParameters(instances: readonly (readonly Hole[])[]): {
  readonly parameters: readonly FunctionParameter[];
  readonly uses: readonly HoleUse[];
} {
  const drafts: Draft[] = [];
  const found = (instances[0] ?? []).map(
    (
      hole,
      index,
    ): Exclude<HoleUse, { readonly parameter: FunctionParameter }> | { readonly draft: Draft } => {
      const all = instances.map((holes) => holes[index] ?? hole);
      const each = changesInRounds(all);
      const values = all.map(({ value, rounds }) => (each && rounds ? rounds : value));
      const column = each ? { entries: values, uniform: false } : columnOf(values, hole.rule);
      if (isConstant(column)) return each ? { list: hole.rounds ?? [] } : { value: hole.value };
      const family = parameterFamilyOf(hole.key);
      const known = drafts.find(
        (draft) => draft.family === family && draft.each === each && sameColumn(draft.column, column),
      );
      const draft: Draft = known ?? { family, column, each, holes: [] };
      if (!known) drafts.push(draft);
      draft.holes.push(hole);
      return { draft };
    },
  );
  const lists = drafts.filter(({ each }) => each);
  // The length of a list with one entry per round is the number of rounds.
  const listOf = (draft: Draft) =>
    draft.family === REPEAT
      ? lists.find(({ column }) => sameValue(column.entries.map(lengthOf), draft.column.entries))
      : undefined;
  const needed = drafts.filter((draft) => !listOf(draft)).sort((a, b) => orderOf(a) - orderOf(b));
  const names = parameterNames(needed);
  const made = new Map(
    needed.map((draft, index): [Draft, FunctionParameter] => {
      const { column, each, family } = draft;
      const type = each ? 'number[]' : typeOf(column.entries);
      const defaultValue = isNumbering(family) ? { defaultValue: 1 } : {};
      return [draft, { name: names[index] ?? family, type, column, each, ...defaultValue }];
    }),
  );
  const uses = found.map((use): HoleUse => {
    if (!('draft' in use)) return use;
    const list = listOf(use.draft);
    const parameter = made.get(list ?? use.draft);
    if (!parameter) throw new Error('a hole without a parameter');
    return list ? { lengthOf: parameter } : { parameter };
  });
  return { parameters: [...made.values()], uses };
}

/** Whether the values of a hole differ between the rounds of a repetition, in any instance. */
export function changesInRounds(instances: readonly Hole[]): boolean {
  return instances.some(({ rounds }) => rounds?.some((value) => !sameValue(value, rounds[0])));
}

/** The last parameter of a family has the name of the argument; the names of the others contain their layer. */
function parameterNames(drafts: readonly Draft[]): readonly string[] {
  const taken = new Set<string>();
  const names = new Map<Draft, string>();
  for (const draft of drafts.toReversed()) {
    const { holes, family, each } = draft;
    const isFilters = family === CHANNELS && holes.some(({ key }) => key === 'filters');
    const key = isFilters ? 'filters' : (holes[0]?.key ?? family);
    const grouped = isFilters && holes.some((hole) => hole.key === 'groups');
    const qualified = grouped
      ? 'inputFilters'
      : each
        ? `inner${capital(key)}`
        : `${camel(holes[0]?.layer ?? '')}${capital(key)}`;
    names.set(draft, unused(taken.has(key) ? qualified : key, taken));
  }
  return drafts.map((draft) => names.get(draft) ?? draft.family);
}

/** The order of parameters: channels first, then others, then counts of rounds, then first numbers of layers. */
function orderOf({ family }: Draft): number {
  if (family === CHANNELS) return 0;
  if (family === REPEAT) return 2;
  return isNumbering(family) ? 3 : 1;
}

function sameColumn(a: HoleColumn, b: HoleColumn): boolean {
  return a.uniform === b.uniform && sameValue(a.entries, b.entries);
}

function lengthOf(value: LiteralValue): number {
  return typeof value === 'object' ? value.length : 1;
}
