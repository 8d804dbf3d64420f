import type { Span } from '../../src/diagnostics/span.js';
import type { NumberLiteral, StringLiteral, Unit } from '../ast.js';

const shape = /^([\d_.eE+-]+?)(um|µm|mm|px)?$/;

/** The value and unit of a number as written; `µm` is `um`. */
export function numberOf(image: string, span: Span): NumberLiteral {
  const [, digits = image, suffix] = shape.exec(image) ?? [];
  const value = Number(digits.replaceAll('_', ''));
  if (suffix === undefined) return { kind: 'number', value, span };
  const unit: Unit = suffix === 'mm' || suffix === 'px' ? suffix : 'um';
  return { kind: 'number', value, unit, span };
}

/** A string without its quotes; `\"` and `\\` stand for themselves. */
export function stringOf(image: string, span: Span): StringLiteral {
  return { kind: 'string', value: image.slice(1, -1).replace(/\\(["\\])/g, '$1'), span };
}
