import type { Comparison } from '../../grammar/ast.js';
import { numberText } from '../language/expressions/values.js';

/** The value of one side of an expectation. Lengths are in micrometres; plain numbers are counts or positions. */
export type Quantity =
  | { readonly type: 'boolean'; readonly value: boolean }
  /** One number, or one for each axis. */
  | { readonly type: 'numbers'; readonly values: readonly number[]; readonly length: boolean }
  /** The shape of a feature map: channels, then the sizes. */
  | { readonly type: 'map'; readonly values: readonly number[] };

/** A quantity as text; `number` writes each number. If all axes have the same number, it is written once. */
export function quantityText(quantity: Quantity, number: (value: number) => string = numberText): string {
  switch (quantity.type) {
    case 'boolean':
      return String(quantity.value);
    case 'map':
      return quantity.values.join(' x ');
    case 'numbers': {
      const unit = quantity.length ? 'um' : '';
      const [first] = quantity.values;
      const equal = quantity.values.every((value) => value === first);
      const values = equal && first !== undefined ? [first] : quantity.values;
      return values.map((value) => `${number(value)}${unit}`).join(' x ');
    }
    default:
      return quantity satisfies never;
  }
}

/** Whether two quantities can be compared. A single number is compared with every axis. */
export function comparable(a: Quantity, b: Quantity): boolean {
  if (a.type === 'boolean' || b.type === 'boolean') return a.type === b.type;
  if (a.type === 'numbers' && b.type === 'numbers' && a.length !== b.length) return false;
  if (a.type === 'numbers' && b.type === 'numbers') {
    return a.values.length === 1 || b.values.length === 1 || a.values.length === b.values.length;
  }
  // The shape of a map, compared with a written product.
  return a.values.length === b.values.length;
}

/** Compares every axis; `!=` holds if any axis differs. `==` holds up to a difference of `tolerance`. */
export function compare(a: Quantity, operator: Comparison, b: Quantity, tolerance: number): boolean {
  if (a.type === 'boolean' || b.type === 'boolean') {
    const equal = a.type === b.type && 'value' in a && 'value' in b && a.value === b.value;
    return operator === '!=' ? !equal : equal;
  }
  const count = Math.max(a.values.length, b.values.length);
  const pairs = Array.from({ length: count }, (_, i) => [pick(a.values, i), pick(b.values, i)] as const);
  switch (operator) {
    case '==':
      return pairs.every(([x, y]) => Math.abs(x - y) <= tolerance);
    case '!=':
      return pairs.some(([x, y]) => Math.abs(x - y) > tolerance);
    case '<=':
      return pairs.every(([x, y]) => x <= y + tolerance);
    case '>=':
      return pairs.every(([x, y]) => x >= y - tolerance);
    case '<':
      return pairs.every(([x, y]) => x < y + tolerance);
    case '>':
      return pairs.every(([x, y]) => x > y - tolerance);
    default:
      return operator satisfies never;
  }
}

function pick(values: readonly number[], i: number): number {
  return (values.length === 1 ? values[0] : values[i]) ?? Number.NaN;
}

/** A plain number. */
export function countQuantity(value: number): Quantity {
  return { type: 'numbers', values: [value], length: false };
}
