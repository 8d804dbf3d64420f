/** Splits a list into its longest runs of entries with equal keys. */
export function runsOf<T>(
  list: readonly T[],
  keyOf: (entry: T) => string,
): readonly (readonly [key: string, run: readonly T[]])[] {
  const runs: [string, T[]][] = [];
  for (const entry of list) {
    const key = keyOf(entry);
    const last = runs.at(-1);
    if (last?.[0] === key) last[1].push(entry);
    else runs.push([key, [entry]]);
  }
  return runs;
}

/** The entries by key, in the order in which the keys first occur. */
export function grouped<T>(list: readonly T[], keyOf: (entry: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of list) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return groups;
}
