import type { Ends } from '../config.js';

/** The entry of an axis; throws if it is missing. */
export function entry<T>(list: readonly T[], axis: number): T {
  const value = list[axis];
  if (value === undefined) throw new Error(`there is no entry ${axis} in a list of ${list.length}`);
  return value;
}

/**
 * A copy of a list with one integer per spatial axis.
 *
 * @throws Error that names the field, if an entry is not an integer or below `least`
 */
export function wholeNumbers(field: string, list: readonly number[], least: number): number[] {
  if (list.every((value) => Number.isInteger(value) && value >= least)) return [...list];
  throw new Error(`${field} must be whole numbers from ${least} on, not ${JSON.stringify(list)}`);
}

/** A copy of a list with two integers per spatial axis; throws like `wholeNumbers`. */
export function endsOf(field: string, list: readonly Ends[], least: number): [number, number][] {
  return list.map((ends) => {
    const [before, after, more] = wholeNumbers(field, ends, least);
    if (before !== undefined && after !== undefined && more === undefined) return [before, after];
    throw new Error(`${field} must be pairs [before, after], not ${JSON.stringify(list)}`);
  });
}

/**
 * The number of spatial axes, which all the lists of a layer share.
 *
 * @throws Error that names the fields, unless all have the same number, 2 or 3
 */
export function rankOf(lists: Readonly<Record<string, readonly unknown[]>>): number {
  const [rank, ...others] = new Set(Object.values(lists).map((list) => list.length));
  if ((rank === 2 || rank === 3) && others.length === 0) return rank;
  const fields = Object.keys(lists).join(', ');
  throw new Error(`${fields} must have an entry for each of two or three spatial axes`);
}
