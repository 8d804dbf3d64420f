/**
 * The keys that an object of a JSON text has more than once, each with the keys that lead to it before it.
 * JSON.parse keeps the last one silently. The text must be valid JSON.
 */
export function repeatedKeys(text: string): readonly (readonly string[])[] {
  const repeated: (readonly string[])[] = [];
  const open: { readonly keys: Set<string> | undefined; readonly path: readonly string[] }[] = [];
  let last: readonly string[] = [];
  // Strings, and the signs that give them a place; what else is in the text says nothing about keys.
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

/** The kind of a value of a JSON text, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'another list' : `a value of type ${typeof value}`;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of sizes: whole numbers from 0. */
export function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** The value of a key of an object from a JSON text; undefined where it is no object or has no such key. */
export function fieldOf(object: unknown, key: string): unknown {
  return isObject(object) && Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined;
}

/** The entries of an object whose values are texts. */
export function textEntries(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
