import { Facts } from '../../src/analysis/facts.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';

/** These keep what they have worked out once; that changes nothing of what they say. */
const caching = [SourceFile, Facts];

/** Freezes a value and everything that it leads to: whoever changes any of it throws. */
export function deepFreeze<T>(value: T): T {
  const seen = new Set<unknown>();
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const one = pending.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    if (caching.some((kind) => one instanceof kind)) continue;
    if (one instanceof Map || one instanceof Set) {
      pending.push(...(one instanceof Map ? [...one.keys(), ...one.values()] : one));
      if (!Object.isFrozen(one)) forbidChanges(one);
    }
    pending.push(...Object.values(one));
    Object.freeze(one);
  }
  return value;
}

/** Freezing an object does not stop the methods of a map or a set. */
function forbidChanges(collection: Map<unknown, unknown> | Set<unknown>): void {
  const refuse = () => {
    throw new TypeError('a frozen collection is changed');
  };
  for (const name of ['set', 'add', 'delete', 'clear']) {
    if (name in collection) Object.defineProperty(collection, name, { value: refuse });
  }
}
