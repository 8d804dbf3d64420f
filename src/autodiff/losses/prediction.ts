import { dataType } from '../../../codegen/onnx/proto.js';
import { Expression, isTiny, select } from '../expression.js';
import { spatialAxes } from '../rule.js';
import type { Tape, Value } from '../tape.js';

/** How logits become probabilities: over all classes, or for each class on its own. */
export type LossHead = 'softmax' | 'sigmoid';

/** What a loss is given, all float32. */
export interface LossInputs {
  /** (N, K, ...spatial) */
  readonly logits: Value;
  /** (N, 1, ...spatial): the number of the class, from 0. */
  readonly labels: Value;
  /** (N, 1, ...spatial): not negative; 0 where nothing is known of the truth. */
  readonly weights: Value;
  /** (N, K, ...spatial), for the boundary loss: see distanceMap. */
  readonly distances?: Value;
}

/**
 * What losses are calculated from. Positions of weight 0 are invisible: logits and distances are replaced by 0 there
 * before anything is calculated, so that what was there, even NaN, has no part in any bit of a result. A label needs no
 * such care: it becomes 0 or 1, and its loss is multiplied by the weight.
 */
export class Prediction {
  /** The logits with 0 where there is no weight. */
  readonly logits: Expression;
  /** (N, 1, ...spatial), of type bool. */
  readonly visible: Value;
  /** (N, 1, ...spatial) */
  readonly weights: Value;
  /** 1 where a class is the true one and 0 elsewhere, (N, K, ...spatial), of type bool. */
  readonly isTrue: Value;
  /** The same in float32. */
  readonly truth: Value;
  private readonly kept = new Map<string, Expression>();

  constructor(
    readonly tape: Tape,
    readonly head: LossHead,
    private readonly inputs: LossInputs,
  ) {
    const { logits, labels, weights } = inputs;
    this.visible = tape.op('Greater', [weights, tape.scalar(0)], weights.shape);
    this.weights = select(tape, this.visible, weights, 0);
    this.logits = new Expression(tape, select(tape, this.visible, logits, 0));
    const numbers = this.perClass((channel) => classOfChannel(channel, this.classes));
    this.isTrue = tape.op('Equal', [labels, numbers], logits.shape);
    this.truth = tape.op('Cast', [this.isTrue], logits.shape, { to: { int: dataType.FLOAT } });
  }

  /** K */
  get classes(): number {
    return this.inputs.logits.shape[1] ?? 0;
  }

  get spatialAxes(): readonly number[] {
    return spatialAxes(this.inputs.logits);
  }

  /** (N, K, ...spatial) */
  get probabilities(): Expression {
    return this.once('probabilities', () =>
      this.head === 'softmax' ? this.logits.softmax() : this.logits.sigmoid(),
    );
  }

  /** The logarithms of the probabilities of a softmax, (N, K, ...spatial). */
  get logProbabilities(): Expression {
    return this.once('log probabilities', () => this.logits.logSoftmax());
  }

  /** The weight where a class is the true one, (N, K, ...spatial). */
  get trueWeights(): Value {
    const { tape } = this;
    return tape.once(`weighted ${this.truth.name}`, () => tape.mul(this.weights, this.truth));
  }

  /** The weight where a class is not the true one, (N, K, ...spatial). */
  get falseWeights(): Value {
    const { tape } = this;
    return tape.once(`weighted other than ${this.truth.name}`, () =>
      tape.sub(this.weights, this.trueWeights),
    );
  }

  /** 1 for each sample that has a weight anywhere, else 0, (N, 1, ...1). */
  get labelled(): Value {
    const { tape, weights } = this;
    return tape.once(`samples of ${weights.name}`, () =>
      select(tape, isTiny(tape, tape.sum(weights, this.spatialAxes)), 0, 1),
    );
  }

  /** The distance map, 0 where there is no weight. */
  get distances(): Value {
    const { distances } = this.inputs;
    if (!distances) throw new Error('the boundary loss needs a distance map');
    return select(this.tape, this.visible, distances, 0);
  }

  /** A number for each class, (1, K, ...1). */
  perClass(number: (channel: number) => number): Value {
    const numbers = Array.from({ length: this.classes }, (_, channel) => number(channel));
    return this.tape.floats(numbers, [1, this.classes, ...this.spatialAxes.map(() => 1)]);
  }

  /** The sum of all elements of a constant, and 1 where that is 0: what a weighted mean is divided by. */
  divisor(weights: Value): Value {
    const { tape } = this;
    const sum = new Expression(tape, weights).total().value;
    return select(tape, isTiny(tape, sum), 1, sum);
  }

  /** The gradient by the logits that were given: 0 where there is no weight. */
  visibleOnly(gradient: Value): Value {
    return select(this.tape, this.visible, gradient, 0);
  }

  private once(what: string, make: () => Expression): Expression {
    const known = this.kept.get(what) ?? make();
    this.kept.set(what, known);
    return known;
  }
}

/** The class of a channel of logits: a single channel stands for class 1, everything else is background. */
export function classOfChannel(channel: number, channels: number): number {
  return channels === 1 ? 1 : channel;
}
