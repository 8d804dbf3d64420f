import type { Call } from '../../grammar/ast.js';
import type { Reporter } from '../source/diagnostic.js';
import type { Value } from './values.js';

/** The names that an expression may use. */
export interface Scope {
  lookup(name: string): Value | undefined;
  /** All names, for suggestions. */
  names(): Iterable<string>;
  /** Whether a name is declared and its value could not be worked out: that has been reported. */
  failed?(name: string): boolean;
  /** Functions beyond the built-in ones; `undefined` where the scope knows no such function. */
  call?(call: Call, reporter: Reporter): { readonly value: Value | undefined } | undefined;
}

/** A scope over a map, falling back to an outer scope. */
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
