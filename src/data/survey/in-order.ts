/**
 * The results of `run` for each item, in the order of the items. A caller that stops early waits for those that were begun.
 *
 * @param atOnce how many are begun before their turn comes, where so many items are left
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  atOnce: (left: number) => number,
  run: (item: T, index: number) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  let next = 0;
  try {
    while (next < items.length || begun.length > 0) {
      while (next < items.length && begun.length < atOnce(items.length - next + begun.length)) {
        // `next` is an index of the items.
        const result = run(items[next] as T, next);
        // A failure of one that waits is thrown when its turn comes.
        result.catch(() => undefined);
        begun.push(result);
        next += 1;
      }
      const [first] = begun.splice(0, 1);
      if (first) yield await first;
    }
  } finally {
    await Promise.allSettled(begun);
  }
}
