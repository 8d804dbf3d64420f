import { columnOf, type HoleColumn, isConstant } from './columns.js';
import { camel, capital, unused } from './names.js';
import { type Hole, isNumbering, REPEAT } from './template.js';
import { type LiteralValue, sameValue, typeOf } from './value.js';

/** A parameter of a block's function. */
export interface FunctionParameter {
  readonly name: string;
  /** `number`, `number[]`, `[number, number]`, `'same' | 'valid'`. */
  readonly type: string;
  /** The arguments, use by use. */
  readonly column: HoleColumn;
  /** Whether it is a list with an entry a round of a repetition. */
  readonly each: boolean;
  /** The argument where none is given; such parameters come last. */
  readonly standard?: number;
}

/**
 * What fills a hole: the same value in all uses, or the same list with an entry a round; a parameter; or the number
 * of rounds that a list has entries.
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
 * What kind of number an argument is. Equal values of one family are one parameter or one column: numbers of filters
 * and, for depthwise convolutions and instance norms, numbers of groups are numbers of channels.
 */
export function parameterFamilyOf(key: string): string {
  return /filters$/i.test(key) || key === 'groups' ? CHANNELS : key;
}

export const CHANNELS = 'channels';

/** The parameters that a template with these holes needs, and what fills each hole. */
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
  // A list with an entry a round says how many rounds there are.
  const listOf = (draft: Draft) =>
    draft.family === REPEAT
      ? lists.find(({ column }) => sameValue(column.entries.map(lengthOf), draft.column.entries))
      : undefined;
  const needed = drafts.filter((draft) => !listOf(draft)).sort((a, b) => place(a) - place(b));
  const names = parameterNames(needed);
  const made = new Map(
    needed.map((draft, index): [Draft, FunctionParameter] => {
      const { column, each, family } = draft;
      const type = each ? 'number[]' : typeOf(column.entries);
      const standard = isNumbering(family) ? { standard: 1 } : {};
      return [draft, { name: names[index] ?? family, type, column, each, ...standard }];
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

/** Whether a hole's values differ between the rounds of a repetition, in any instance. */
export function changesInRounds(instances: readonly Hole[]): boolean {
  return instances.some(({ rounds }) => rounds?.some((value) => !sameValue(value, rounds[0])));
}

/** The argument's own name for the last parameter of its family; the others say which layer they are for. */
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

/** Numbers of channels come first in a list of parameters, and how often and from where on come last. */
function place({ family }: Draft): number {
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
