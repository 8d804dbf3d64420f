import { broadcast, type StepBuilder } from './step/step-builder.js';
import type { StepValue } from './step/step-value.js';

/** An operand of an expression, and how to calculate the gradient by it. */
interface Operand {
  readonly of: LossExpression;
  /** The gradient by the operand, from the gradient by the result. Each may have size 1 where its value is larger. */
  gradient(dy: StepValue): StepValue;
}

/** An operand of a calculation. A plain value or a number is a constant: it has no gradient. */
export type Term = LossExpression | StepValue | number;

/**
 * A value of a step that knows how to calculate gradients by its operands. Every method writes ops; two operands are
 * broadcast by the rules of ONNX. A gradient keeps axes of size 1 as long as possible: it is expanded only if a product
 * needs it.
 */
export class LossExpression {
  constructor(
    readonly builder: StepBuilder,
    readonly value: StepValue,
    readonly operands: readonly Operand[] = [],
  ) {}

  get shape(): readonly number[] {
    return this.value.shape;
  }

  plus(term: Term): LossExpression {
    const other = this.wrap(term);
    return this.joined(this.builder.add(this.value, other.value), [
      [this, (dy) => dy],
      [other, (dy) => dy],
    ]);
  }

  minus(term: Term): LossExpression {
    const { builder } = this;
    const other = this.wrap(term);
    return this.joined(builder.sub(this.value, other.value), [
      [this, (dy) => dy],
      [other, (dy) => builder.unary('Neg', dy)],
    ]);
  }

  times(term: Term): LossExpression {
    const { builder } = this;
    const other = this.wrap(term);
    return this.joined(builder.mul(this.value, other.value), [
      [this, (dy) => builder.mul(dy, other.value)],
      [other, (dy) => builder.mul(dy, this.value)],
    ]);
  }

  over(term: Term): LossExpression {
    const { builder } = this;
    const other = this.wrap(term);
    const quotient = builder.div(this.value, other.value);
    return this.joined(quotient, [
      [this, (dy) => builder.div(dy, other.value)],
      [other, (dy) => builder.unary('Neg', builder.mul(dy, builder.div(quotient, other.value)))],
    ]);
  }

  negated(): LossExpression {
    return this.mapped(this.builder.unary('Neg', this.value), (dy) => this.builder.unary('Neg', dy));
  }

  exp(): LossExpression {
    const value = this.builder.unary('Exp', this.value);
    return this.mapped(value, (dy) => this.builder.mul(dy, value));
  }

  log(): LossExpression {
    return this.mapped(this.builder.unary('Log', this.value), (dy) => this.builder.div(dy, this.value));
  }

  /** x^exponent of numbers that are not negative. If the slope at 0 would be infinite, it counts as 0. */
  power(exponent: number): LossExpression {
    const { builder, value: x } = this;
    if (exponent === 1) return this;
    if (exponent === 0) return this.wrap(builder.expand(builder.scalar(1), x.shape));
    const slope = (): StepValue => {
      if (exponent === 2) return builder.times(x, 2);
      const power = builder.op('Pow', [x, builder.scalar(exponent - 1)], x.shape);
      return builder.times(exponent < 1 ? select(builder, isTiny(builder, x), 0, power) : power, exponent);
    };
    const value =
      exponent === 2 ? builder.square(x) : builder.op('Pow', [x, builder.scalar(exponent)], x.shape);
    return this.mapped(value, (dy) => builder.mul(dy, slope()));
  }

  /** The sum over axes, which stay with size 1. */
  sum(axes: readonly number[]): LossExpression {
    return this.mapped(this.builder.sum(this.value, axes), (dy) => dy);
  }

  /** The mean over axes, which stay with size 1. */
  mean(axes: readonly number[]): LossExpression {
    const count = axes.reduce((product, axis) => product * (this.shape[axis] ?? 1), 1);
    return this.mapped(this.builder.mean(this.value, axes), (dy) => this.builder.times(dy, 1 / count));
  }

  /** The sum of all elements, a scalar []. */
  total(): LossExpression {
    const { builder } = this;
    const sum = builder.sum(this.value, [...this.shape.keys()]);
    return this.mapped(builder.reshape(sum, []), (dy) => dy);
  }

  /**
   * 1 / (1 + exp(-x)), which is exact also near 0: an infinite exp gives 0. The Sigmoid of an engine may be an approximation
   * that is cut off there.
   */
  sigmoid(): LossExpression {
    const { builder } = this;
    const value = sigmoidOf(builder, this.value);
    return this.mapped(value, (dy) =>
      builder.mul(dy, builder.mul(value, builder.sub(builder.scalar(1), value))),
    );
  }

  /** log(1 + exp(x)), without overflow. */
  softplus(): LossExpression {
    const { builder } = this;
    return this.mapped(builder.unary('Softplus', this.value), (dy) =>
      builder.mul(dy, sigmoidOf(builder, this.value)),
    );
  }

  /** Softmax over axis 1. */
  softmax(): LossExpression {
    const { builder } = this;
    const { exponentials, sum } = this.exponentials();
    const value = builder.div(exponentials, sum);
    return this.mapped(value, (dy) => {
      const product = builder.mul(dy, value);
      return builder.sub(product, builder.mul(value, builder.sum(product, [1])));
    });
  }

  /** The logarithm of the softmax over axis 1, finite for all finite x. */
  logSoftmax(): LossExpression {
    const { builder } = this;
    const { shifted, exponentials, sum } = this.exponentials();
    const value = builder.sub(shifted, builder.unary('Log', sum));
    return this.mapped(value, (dy) => {
      const spread = dy.shape.length < 2 || dy.shape[1] === 1;
      const total = spread ? builder.times(dy, this.shape[1] ?? 1) : builder.sum(dy, [1]);
      return builder.sub(dy, builder.mul(builder.div(exponentials, sum), total));
    });
  }

  /** log(sum exp(x)) over axis 1, which stays with size 1. */
  logSumExp(): LossExpression {
    const { builder } = this;
    const { largest, exponentials, sum } = this.exponentials();
    const value = builder.add(largest, builder.unary('Log', sum));
    return this.mapped(value, (dy) => builder.mul(dy, builder.div(exponentials, sum)));
  }

  /** Replaces the value by a number where a condition holds; the gradient is 0 there. */
  except(condition: StepValue, replacement: number): LossExpression {
    const { builder } = this;
    const value = select(builder, condition, replacement, this.value);
    return this.joined(value, [[this, (dy) => select(builder, condition, 0, dy)]]);
  }

  /** exp(x - largest) over axis 1 and its sum, written once for all uses. */
  private exponentials(): Record<'largest' | 'shifted' | 'exponentials' | 'sum', StepValue> {
    const { builder, value: x } = this;
    const once = (what: string, make: () => StepValue) => builder.once(`${what} of ${x.name}`, make);
    const reduced = x.shape.map((size, axis) => (axis === 1 ? 1 : size));
    const largest = once('largest', () =>
      builder.op('ReduceMax', [x], reduced, { axes: { ints: [1] }, keepdims: { int: 1 } }),
    );
    const shifted = once('shifted', () => builder.sub(x, largest));
    const exponentials = once('exponentials', () => builder.unary('Exp', shifted));
    const sum = once('sum of exponentials', () => builder.sum(exponentials, [1]));
    return { largest, shifted, exponentials, sum };
  }

  private wrap(term: Term): LossExpression {
    if (term instanceof LossExpression) return term;
    return new LossExpression(this.builder, typeof term === 'number' ? this.builder.scalar(term) : term);
  }

  private mapped(value: StepValue, gradient: (dy: StepValue) => StepValue): LossExpression {
    return new LossExpression(this.builder, value, [{ of: this, gradient }]);
  }

  /** The result of operands that were broadcast: each gradient is summed over the axes along which its operand was repeated. */
  private joined(
    value: StepValue,
    operands: readonly (readonly [LossExpression, (dy: StepValue) => StepValue])[],
  ): LossExpression {
    const { builder } = this;
    return new LossExpression(
      builder,
      value,
      operands.map(([of, gradient]) => ({
        of,
        gradient(dy) {
          const full = gradient(dy);
          if (value.shape.join() === of.shape.join()) return full;
          return builder.sumTo(builder.expand(full, value.shape), of.shape);
        },
      })),
    );
  }
}

/** The gradient of a scalar by an expression, in the shape of the expression; zeros if the scalar does not depend on it. */
export function gradientOf(scalar: LossExpression, by: LossExpression): StepValue {
  const { builder } = scalar;
  // The expressions that depend on `by`, each after its operands.
  const order: LossExpression[] = [];
  const depends = new Map<LossExpression, boolean>([[by, true]]);
  const visit = (expression: LossExpression): boolean => {
    const known = depends.get(expression);
    if (known !== undefined) return known;
    const found = expression.operands.filter(({ of }) => visit(of)).length > 0;
    depends.set(expression, found);
    if (found) order.push(expression);
    return found;
  };
  const shares = new Map<LossExpression, StepValue>();
  if (visit(scalar)) shares.set(scalar, builder.scalar(1));
  for (const expression of order.toReversed()) {
    const dy = shares.get(expression);
    if (!dy) continue;
    for (const { of, gradient } of expression.operands) {
      if (!depends.get(of)) continue;
      const share = gradient(dy);
      const known = shares.get(of);
      shares.set(of, known ? builder.add(known, share) : share);
    }
  }
  return builder.expand(shares.get(by) ?? builder.scalar(0), by.shape);
}

/** Chooses one of two values at each position, by a condition (a value of type bool). */
export function select(
  builder: StepBuilder,
  condition: StepValue,
  yes: StepValue | number,
  no: StepValue | number,
): StepValue {
  const [a, b] = [yes, no].map((one) => (typeof one === 'number' ? builder.scalar(one) : one));
  const shape = broadcast(condition.shape, broadcast(a?.shape ?? [], b?.shape ?? []));
  return builder.op('Where', [condition, a, b], shape);
}

/** Whether each element is 0, or so small that dividing by it might overflow: a value of type bool. No element is negative. */
export function isTiny(builder: StepBuilder, x: StepValue): StepValue {
  return builder.op('Less', [x, builder.scalar(2 ** -110)], x.shape);
}

function sigmoidOf(builder: StepBuilder, x: StepValue): StepValue {
  return builder.once(`sigmoid of ${x.name}`, () =>
    builder.div(builder.scalar(1), builder.plus(builder.unary('Exp', builder.unary('Neg', x)), 1)),
  );
}
