import type { Argument, Call, Unit } from '../../../grammar/ast.js';
import type { Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';

export interface NumberValue {
  readonly type: 'number';
  readonly value: number;
  readonly unit?: Unit;
  readonly span: Span;
}
export interface DimsValue {
  readonly type: 'dims';
  readonly sizes: readonly NumberValue[];
  readonly span: Span;
}
/** A word as a value, with its arguments if it has any: `valid`, `batch(affine: false)`. */
export interface SymbolValue {
  readonly type: 'symbol';
  readonly name: string;
  readonly nameSpan: Span;
  /** Undefined without brackets. The reader of the word evaluates them in `scope`. */
  readonly args?: readonly Argument[];
  readonly scope: Scope;
  readonly span: Span;
}
/** The names that an expression can use. */
export interface Scope {
  lookup(name: string): Value | undefined;
  /** All names, for suggestions. */
  names(): Iterable<string>;
  /** Whether a name is declared but its value has an error, which has been reported. */
  failed?(name: string): boolean;
  /** Calls a function of the scope; `undefined` if the scope has no such function. */
  call?(call: Call, reporter: Reporter): { readonly value: Value | undefined } | undefined;
}

/** The value of an expression. */
export type Value =
  | NumberValue
  | DimsValue
  | SymbolValue
  | { readonly type: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly type: 'string'; readonly value: string; readonly span: Span }
  | { readonly type: 'list'; readonly items: readonly Value[]; readonly span: Span }
  | { readonly type: 'range'; readonly from: number; readonly to: number; readonly span: Span };

/** A value as a message shows it. */
export function valueText(value: Value): string {
  switch (value.type) {
    case 'number':
      return `${numberText(value.value)}${value.unit ?? ''}`;
    case 'dims':
      return value.sizes.map(valueText).join(' x ');
    case 'symbol':
      return value.args ? `${value.name}(...)` : value.name;
    case 'boolean':
      return String(value.value);
    case 'string':
      return `"${value.value}"`;
    case 'list':
      return `[${value.items.map(valueText).join(', ')}]`;
    case 'range':
      return `${value.from}..${value.to}`;
    default:
      return value satisfies never;
  }
}

/** A number with separated thousands: 31,030,658. Fractions have at most six decimals. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1e15) return value.toExponential();
  if (value !== 0 && Math.abs(value) < 1e-6) return String(value);
  // Not toLocaleString: loading its tables takes longer than checking a spec.
  const [whole = '', fraction] = String(Number(value.toFixed(6))).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
