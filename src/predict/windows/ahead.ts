/**
 * Reads a source one step ahead: while its caller uses an item, the next one is made. Items and errors come in the order of
 * the source. A caller that stops early waits for the item that is being made, and then ends the source.
 */
export async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = begun(source);
  let isDone = false;
  try {
    for (;;) {
      const { value, done } = await next;
      if (done) {
        isDone = true;
        return;
      }
      next = begun(source);
      yield value;
    }
  } finally {
    // After an error, the source has ended by itself, and this returns at once.
    if (!isDone) {
      await next.catch(() => undefined);
      await source.return(undefined);
    }
  }
}

/** An item that is being made. Its error is seen when its turn comes, if it comes. */
function begun<T>(source: AsyncGenerator<T>): Promise<IteratorResult<T, unknown>> {
  const next = source.next();
  next.catch(() => undefined);
  return next;
}
