import type { Scope, Value } from './values.js';

/** A scope with the values of a map, and with those of an outer scope for all other names. */
export function scopeOf(values: ReadonlyMap<string, Value>, outer?: Scope): Scope {
  return {
    lookup: (name) => values.get(name) ?? outer?.lookup(name),
    *names() {
      yield* values.keys();
      if (outer) yield* outer.names();
    },
    failed: (name) => !values.has(name) && (outer?.failed?.(name) ?? false),
    ...(outer?.call ? { call: (call, reporter) => outer.call?.(call, reporter) } : {}),
  };
}
