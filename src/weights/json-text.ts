/**
 * The keys that occur more than once in an object of a JSON text, each after the keys that lead to it. JSON.parse silently
 * keeps the last value. The text must be valid JSON.
 */
export function repeatedKeys(text: string): readonly (readonly string[])[] {
  const repeated: (readonly string[])[] = [];
  const open: { readonly keys: Set<string> | undefined; readonly path: readonly string[] }[] = [];
  let last: readonly string[] = [];
  // Only strings and brackets matter; the rest of the text has no keys.
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}[\]]/g)) {
    const top = open.at(-1);
    if (token === '{' || token === '[') {
      const path = top && !top.keys ? top.path : last;
      open.push({ keys: token === '{' ? new Set() : undefined, path });
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token.endsWith(':') && top?.keys) {
      const key = String(JSON.parse(token.slice(0, -1)));
      last = [...top.path, key];
      if (top.keys.has(key)) repeated.push(last);
      top.keys.add(key);
    }
  }
  return repeated;
}

/** The kind of a JSON value, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'another list' : `a value of type ${typeof value}`;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of sizes, which are whole numbers from 0. */
export function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** The value of a key of a JSON object; undefined if it is not an object or lacks the key. */
export function fieldOf(object: unknown, key: string): unknown {
  return isObject(object) && Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined;
}

/** The entries of an object whose values are strings. */
export function textEntries(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
