/** The longest runs of neighbours with equal keys. */
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

/** The entries by their keys, in the order in which these come first. */
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
