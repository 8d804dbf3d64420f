import { broadcast, type Tape, type Value } from './tape.js';

/** Where an expression comes from, and how its gradient goes there. */
interface Operand {
  readonly of: Expression;
  /** The gradient by the operand, from the one by the result; each may have size 1 where its owner is larger. */
  gradient(dy: Value): Value;
}

/** What an expression is calculated with; a plain value or number is a constant, which no gradient goes to. */
export type Term = Expression | Value | number;

/**
 * A value on a tape that knows how a gradient goes back through it. Every method writes ops; two operands are broadcast
 * by the rules of ONNX. A gradient stays as small as its sums allow: it is spread only where a product needs it.
 */
export class Expression {
  constructor(
    readonly tape: Tape,
    readonly value: Value,
    readonly operands: readonly Operand[] = [],
  ) {}

  get shape(): readonly number[] {
    return this.value.shape;
  }

  plus(term: Term): Expression {
    const other = this.wrap(term);
    return this.joined(this.tape.add(this.value, other.value), [
      [this, (dy) => dy],
      [other, (dy) => dy],
    ]);
  }

  minus(term: Term): Expression {
    const { tape } = this;
    const other = this.wrap(term);
    return this.joined(tape.sub(this.value, other.value), [
      [this, (dy) => dy],
      [other, (dy) => tape.unary('Neg', dy)],
    ]);
  }

  times(term: Term): Expression {
    const { tape } = this;
    const other = this.wrap(term);
    return this.joined(tape.mul(this.value, other.value), [
      [this, (dy) => tape.mul(dy, other.value)],
      [other, (dy) => tape.mul(dy, this.value)],
    ]);
  }

  over(term: Term): Expression {
    const { tape } = this;
    const other = this.wrap(term);
    const quotient = tape.div(this.value, other.value);
    return this.joined(quotient, [
      [this, (dy) => tape.div(dy, other.value)],
      [other, (dy) => tape.unary('Neg', tape.mul(dy, tape.div(quotient, other.value)))],
    ]);
  }

  negated(): Expression {
    return this.mapped(this.tape.unary('Neg', this.value), (dy) => this.tape.unary('Neg', dy));
  }

  exp(): Expression {
    const value = this.tape.unary('Exp', this.value);
    return this.mapped(value, (dy) => this.tape.mul(dy, value));
  }

  log(): Expression {
    return this.mapped(this.tape.unary('Log', this.value), (dy) => this.tape.div(dy, this.value));
  }

  /** x^exponent of numbers that are not negative. Where the slope at 0 would be infinite, it is taken as 0. */
  power(exponent: number): Expression {
    const { tape, value: x } = this;
    if (exponent === 1) return this;
    if (exponent === 0) return this.wrap(tape.expand(tape.scalar(1), x.shape));
    const slope = (): Value => {
      if (exponent === 2) return tape.times(x, 2);
      const power = tape.op('Pow', [x, tape.scalar(exponent - 1)], x.shape);
      return tape.times(exponent < 1 ? select(tape, isTiny(tape, x), 0, power) : power, exponent);
    };
    const value = exponent === 2 ? tape.square(x) : tape.op('Pow', [x, tape.scalar(exponent)], x.shape);
    return this.mapped(value, (dy) => tape.mul(dy, slope()));
  }

  /** The sum over axes, which stay with size 1. */
  sum(axes: readonly number[]): Expression {
    return this.mapped(this.tape.sum(this.value, axes), (dy) => dy);
  }

  /** The mean over axes, which stay with size 1. */
  mean(axes: readonly number[]): Expression {
    const count = axes.reduce((product, axis) => product * (this.shape[axis] ?? 1), 1);
    return this.mapped(this.tape.mean(this.value, axes), (dy) => this.tape.times(dy, 1 / count));
  }

  /** The sum of all elements, a scalar []. */
  total(): Expression {
    const { tape } = this;
    const sum = tape.sum(this.value, [...this.shape.keys()]);
    return this.mapped(tape.reshape(sum, []), (dy) => dy);
  }

  /**
   * 1 / (1 + exp(-x)), which loses nothing where it is close to 0: an infinite exp gives 0. An engine's own Sigmoid may
   * be an approximation that is cut off there.
   */
  sigmoid(): Expression {
    const { tape } = this;
    const value = sigmoidOf(tape, this.value);
    return this.mapped(value, (dy) => tape.mul(dy, tape.mul(value, tape.sub(tape.scalar(1), value))));
  }

  /** log(1 + exp(x)), without overflow. */
  softplus(): Expression {
    const { tape } = this;
    return this.mapped(tape.unary('Softplus', this.value), (dy) => tape.mul(dy, sigmoidOf(tape, this.value)));
  }

  /** Softmax over axis 1. */
  softmax(): Expression {
    const { tape } = this;
    const { exponentials, sum } = this.exponentials();
    const value = tape.div(exponentials, sum);
    return this.mapped(value, (dy) => {
      const product = tape.mul(dy, value);
      return tape.sub(product, tape.mul(value, tape.sum(product, [1])));
    });
  }

  /** The logarithm of the softmax over axis 1, finite for all finite x. */
  logSoftmax(): Expression {
    const { tape } = this;
    const { shifted, exponentials, sum } = this.exponentials();
    const value = tape.sub(shifted, tape.unary('Log', sum));
    return this.mapped(value, (dy) => {
      const spread = dy.shape.length < 2 || dy.shape[1] === 1;
      const total = spread ? tape.times(dy, this.shape[1] ?? 1) : tape.sum(dy, [1]);
      return tape.sub(dy, tape.mul(tape.div(exponentials, sum), total));
    });
  }

  /** log(sum exp(x)) over axis 1, which stays with size 1. */
  logSumExp(): Expression {
    const { tape } = this;
    const { largest, exponentials, sum } = this.exponentials();
    const value = tape.add(largest, tape.unary('Log', sum));
    return this.mapped(value, (dy) => tape.mul(dy, tape.div(exponentials, sum)));
  }

  /** Another number wherever a condition holds; no gradient goes there. */
  except(condition: Value, replacement: number): Expression {
    const { tape } = this;
    const value = select(tape, condition, replacement, this.value);
    return this.joined(value, [[this, (dy) => select(tape, condition, 0, dy)]]);
  }

  /** exp(x - largest) over axis 1 and its sum, written once for all that need it. */
  private exponentials(): Record<'largest' | 'shifted' | 'exponentials' | 'sum', Value> {
    const { tape, value: x } = this;
    const once = (what: string, make: () => Value) => tape.once(`${what} of ${x.name}`, make);
    const reduced = x.shape.map((size, axis) => (axis === 1 ? 1 : size));
    const largest = once('largest', () =>
      tape.op('ReduceMax', [x], reduced, { axes: { ints: [1] }, keepdims: { int: 1 } }),
    );
    const shifted = once('shifted', () => tape.sub(x, largest));
    const exponentials = once('exponentials', () => tape.unary('Exp', shifted));
    const sum = once('sum of exponentials', () => tape.sum(exponentials, [1]));
    return { largest, shifted, exponentials, sum };
  }

  private wrap(term: Term): Expression {
    if (term instanceof Expression) return term;
    return new Expression(this.tape, typeof term === 'number' ? this.tape.scalar(term) : term);
  }

  private mapped(value: Value, gradient: (dy: Value) => Value): Expression {
    return new Expression(this.tape, value, [{ of: this, gradient }]);
  }

  /** A result of operands that were broadcast: each gradient is summed over what its operand was spread along. */
  private joined(
    value: Value,
    operands: readonly (readonly [Expression, (dy: Value) => Value])[],
  ): Expression {
    const { tape } = this;
    return new Expression(
      tape,
      value,
      operands.map(([of, gradient]) => ({
        of,
        gradient(dy) {
          const full = gradient(dy);
          if (value.shape.join() === of.shape.join()) return full;
          return tape.sumTo(tape.expand(full, value.shape), of.shape);
        },
      })),
    );
  }
}

/**
 * The gradient of a scalar by an expression that it was made of, in the shape of that expression; zeros where it has no
 * part in it.
 */
export function gradientOf(scalar: Expression, by: Expression): Value {
  const { tape } = scalar;
  // Those that `by` has a part in, each behind its operands.
  const order: Expression[] = [];
  const depends = new Map<Expression, boolean>([[by, true]]);
  const visit = (expression: Expression): boolean => {
    const known = depends.get(expression);
    if (known !== undefined) return known;
    const found = expression.operands.filter(({ of }) => visit(of)).length > 0;
    depends.set(expression, found);
    if (found) order.push(expression);
    return found;
  };
  const shares = new Map<Expression, Value>();
  if (visit(scalar)) shares.set(scalar, tape.scalar(1));
  for (const expression of order.toReversed()) {
    const dy = shares.get(expression);
    if (!dy) continue;
    for (const { of, gradient } of expression.operands) {
      if (!depends.get(of)) continue;
      const share = gradient(dy);
      const known = shares.get(of);
      shares.set(of, known ? tape.add(known, share) : share);
    }
  }
  return tape.expand(shares.get(by) ?? tape.scalar(0), by.shape);
}

/** One of two values at each position, by a condition (a value of type bool). */
export function select(tape: Tape, condition: Value, yes: Value | number, no: Value | number): Value {
  const [a, b] = [yes, no].map((one) => (typeof one === 'number' ? tape.scalar(one) : one));
  const shape = broadcast(condition.shape, broadcast(a?.shape ?? [], b?.shape ?? []));
  return tape.op('Where', [condition, a, b], shape);
}

/**
 * Whether each element, none of them negative, is 0 or so small that dividing by it might overflow: a value of type
 * bool.
 */
export function isTiny(tape: Tape, x: Value): Value {
  return tape.op('Less', [x, tape.scalar(2 ** -110)], x.shape);
}

function sigmoidOf(tape: Tape, x: Value): Value {
  return tape.once(`sigmoid of ${x.name}`, () =>
    tape.div(tape.scalar(1), tape.plus(tape.unary('Exp', tape.unary('Neg', x)), 1)),
  );
}
