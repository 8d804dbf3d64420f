import type { Call, Chain, Expression, Operator } from '../../../grammar/ast.js';
import type { Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import { suggestionFor } from '../../diagnostics/suggest.js';
import type { Scope } from './values.js';
import { type NumberValue, type Value, valueText } from './values.js';

/**
 * The value of an expression; undefined after an error. A name that the scope does not know becomes a symbol: the reader of
 * the value decides whether it accepts that word.
 */
export function evaluate(expression: Expression, scope: Scope, reporter: Reporter): Value | undefined {
  const { span } = expression;
  switch (expression.kind) {
    case 'missing':
      return undefined;
    case 'number':
      if (!Number.isFinite(expression.value) || Math.abs(expression.value) > Number.MAX_SAFE_INTEGER) {
        return reporter.report('number-too-large', span, {
          text: span.file.text.slice(span.start, span.end),
        });
      }
      return {
        type: 'number',
        value: expression.value,
        ...(expression.unit ? { unit: expression.unit } : {}),
        span,
      };
    case 'string':
      return { type: 'string', value: expression.value, span };
    case 'name': {
      if (expression.name === 'true' || expression.name === 'false') {
        return { type: 'boolean', value: expression.name === 'true', span };
      }
      const known = scope.lookup(expression.name);
      // The span is that of the name: errors are reported where a value is used.
      if (known) return { ...known, span };
      if (scope.failed?.(expression.name)) return undefined;
      return { type: 'symbol', name: expression.name, nameSpan: span, scope, span };
    }
    case 'call':
      return evaluateCall(expression, scope, reporter);
    case 'list': {
      const items = expression.items.map((item) => evaluate(item, scope, reporter));
      const whole = items.filter((item) => item !== undefined);
      return whole.length === items.length ? { type: 'list', items: whole, span } : undefined;
    }
    case 'range': {
      const from = evaluateNumber(expression.from, scope, reporter);
      const to = evaluateNumber(expression.to, scope, reporter);
      return from && to ? { type: 'range', from: from.value, to: to.value, span } : undefined;
    }
    case 'dims': {
      const sizes = expression.sizes.map((size) => evaluateNumber(size, scope, reporter));
      const whole = sizes.filter((size) => size !== undefined);
      return whole.length === sizes.length ? { type: 'dims', sizes: whole, span } : undefined;
    }
    case 'chain':
      return evaluateChain(expression, scope, reporter);
    case 'negation': {
      const operand = evaluateNumber(expression.operand, scope, reporter);
      return operand && { ...operand, value: -operand.value, span };
    }
    case 'group': {
      const inner = evaluate(expression.inner, scope, reporter);
      return inner && { ...inner, span };
    }
    case 'index':
    case 'member':
      return reporter.report('wrong-kind', span, {
        what: 'this position',
        expected: 'a value',
        found: 'a stage of a network, which only `expect` can name',
      });
    case 'pipe':
      return reporter.report('wrong-kind', span, {
        what: 'this position',
        expected: 'a value',
        found: 'a pipeline, which only a block can contain',
      });
    default:
      return expression satisfies never;
  }
}

/** The value of an expression that must be a number. Any other value is reported. */
export function evaluateNumber(
  expression: Expression,
  scope: Scope,
  reporter: Reporter,
): NumberValue | undefined {
  const value = evaluate(expression, scope, reporter);
  if (!value || value.type === 'number') return value;
  if (value.type === 'symbol') return reportUnknownName(value.name, value.nameSpan, value.scope, reporter);
  return reporter.report('wrong-kind', value.span, {
    what: 'this position',
    expected: 'a number',
    found: valueText(value),
  });
}

const functions: Record<string, (numbers: readonly number[]) => number> = {
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
};

/** Reports a name that the scope does not know. */
export function reportUnknownName(name: string, span: Span, scope: Scope, reporter: Reporter): undefined {
  const known = [...scope.names(), ...Object.keys(functions)];
  return reporter.report('unknown-name', span, { what: 'name', name }, suggestionFor(name, span, known));
}

function evaluateCall(call: Call, scope: Scope, reporter: Reporter): Value | undefined {
  const known = scope.call?.(call, reporter);
  if (known) return known.value;
  const { name } = call.callee;
  const compute = Object.hasOwn(functions, name) ? functions[name] : undefined;
  // `max(a, b)` is arithmetic; with one argument, a named one or sizes it is a word: `max(2x2)` is a pooling.
  const plain = call.args.every(({ name, value }) => !name && value.kind !== 'dims');
  const arithmetic = call.args.length >= 2 && plain;
  if (!compute || !arithmetic) {
    return { type: 'symbol', name, nameSpan: call.callee.span, args: call.args, scope, span: call.span };
  }
  const values = call.args.map((argument) => evaluateNumber(argument.value, scope, reporter));
  const numbers = values.filter((value) => value !== undefined);
  if (numbers.length < values.length) return undefined;
  const unit = commonUnit(numbers, call.span, reporter);
  if (unit === null) return undefined;
  const value = compute(numbers.map((number) => number.value));
  return { type: 'number', value, ...(unit ? { unit } : {}), span: call.span };
}

/** The unit that all numbers have; undefined for no unit. Reports different units and returns null. */
function commonUnit(
  numbers: readonly NumberValue[],
  span: Span,
  reporter: Reporter,
): NumberValue['unit'] | undefined | null {
  const [first, ...rest] = numbers;
  const other = rest.find((number) => number.unit !== first?.unit);
  if (!other) return first?.unit;
  reporter.report('unit-mismatch', span, { a: first?.unit ?? 'no unit', b: other.unit ?? 'no unit' });
  return null;
}

function evaluateChain(chain: Chain, scope: Scope, reporter: Reporter): Value | undefined {
  const values = chain.operands.map((operand) => evaluateNumber(operand, scope, reporter));
  const numbers = values.filter((value) => value !== undefined);
  if (numbers.length < values.length) return undefined;
  const rightToLeft = chain.operators[0] === '^';
  const ordered = rightToLeft ? numbers.toReversed() : numbers;
  const operators = rightToLeft ? chain.operators.toReversed() : chain.operators;
  let result: NumberValue | undefined = ordered[0];
  for (const [i, operator] of operators.entries()) {
    const next = ordered[i + 1];
    if (!result || !next) return undefined;
    result = rightToLeft
      ? operate(operator, next, result, chain.span, reporter)
      : operate(operator, result, next, chain.span, reporter);
  }
  return result && { ...result, span: chain.span };
}

function operate(
  operator: Operator,
  left: NumberValue,
  right: NumberValue,
  span: Span,
  reporter: Reporter,
): NumberValue | undefined {
  let unit: NumberValue['unit'] | undefined | null;
  if (operator === '+' || operator === '-' || operator === '%')
    unit = commonUnit([left, right], span, reporter);
  else if (operator === '*' && (!left.unit || !right.unit)) unit = left.unit ?? right.unit;
  else if (operator === '/' && !right.unit) unit = left.unit;
  else if (operator === '/' && left.unit === right.unit) unit = undefined;
  else if (left.unit || right.unit) {
    return reporter.report('unit-mismatch', span, { a: left.unit ?? 'no unit', b: right.unit ?? 'no unit' });
  }
  if (unit === null) return undefined;
  if ((operator === '/' || operator === '%') && right.value === 0) {
    return reporter.report('division-by-zero', right.span, {});
  }
  const value = calculate(operator, left.value, right.value);
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return reporter.report('number-too-large', span, {
      text: `${left.value} ${operator} ${right.value}`,
    });
  }
  return { type: 'number', value, ...(unit ? { unit } : {}), span };
}

function calculate(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ** b;
    default:
      return operator satisfies never;
  }
}
