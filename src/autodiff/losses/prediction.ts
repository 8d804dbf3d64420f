import { dataType } from '../../../codegen/onnx/proto.js';
import { isTiny, LossExpression, select } from '../expression.js';
import { spatialAxes } from '../rule.js';
import type { StepBuilder, StepValue } from '../step/step-builder.js';

/** How logits become probabilities: over all classes, or for each class on its own. */
export type LossHead = 'softmax' | 'sigmoid';

/** What a loss is given, all float32. */
export interface LossInputs {
  /** (N, K, ...spatial) */
  readonly logits: StepValue;
  /** (N, 1, ...spatial): the number of the class, from 0. */
  readonly labels: StepValue;
  /** (N, 1, ...spatial): not negative; 0 where nothing is known of the truth. */
  readonly weights: StepValue;
  /** (N, K, ...spatial), for the boundary loss: see distanceMap. */
  readonly distances?: StepValue;
}

/**
 * What losses are calculated from. Positions of weight 0 are invisible: logits and distances are replaced by 0 there
 * before anything is calculated, so that what was there, even NaN, has no part in any bit of a result. A label needs no
 * such care: it becomes 0 or 1, and its loss is multiplied by the weight.
 */
export class Prediction {
  /** The logits with 0 where there is no weight. */
  readonly logits: LossExpression;
  /** (N, 1, ...spatial), of type bool. */
  readonly visible: StepValue;
  /** (N, 1, ...spatial) */
  readonly weights: StepValue;
  /** 1 where a class is the true one and 0 elsewhere, (N, K, ...spatial), of type bool. */
  readonly isTrue: StepValue;
  /** The same in float32. */
  readonly truth: StepValue;
  private readonly kept = new Map<string, LossExpression>();

  constructor(
    readonly builder: StepBuilder,
    readonly head: LossHead,
    private readonly inputs: LossInputs,
  ) {
    const { logits, labels, weights } = inputs;
    this.visible = builder.op('Greater', [weights, builder.scalar(0)], weights.shape);
    this.weights = select(builder, this.visible, weights, 0);
    this.logits = new LossExpression(builder, select(builder, this.visible, logits, 0));
    const numbers = this.perClass((channel) => classOfChannel(channel, this.classes));
    this.isTrue = builder.op('Equal', [labels, numbers], logits.shape);
    this.truth = builder.op('Cast', [this.isTrue], logits.shape, { to: { int: dataType.FLOAT } });
  }

  /** K */
  get classes(): number {
    return this.inputs.logits.shape[1] ?? 0;
  }

  get spatialAxes(): readonly number[] {
    return spatialAxes(this.inputs.logits);
  }

  /** (N, K, ...spatial) */
  get probabilities(): LossExpression {
    return this.once('probabilities', () =>
      this.head === 'softmax' ? this.logits.softmax() : this.logits.sigmoid(),
    );
  }

  /** The logarithms of the probabilities of a softmax, (N, K, ...spatial). */
  get logProbabilities(): LossExpression {
    return this.once('log probabilities', () => this.logits.logSoftmax());
  }

  /** The weight where a class is the true one, (N, K, ...spatial). */
  get trueWeights(): StepValue {
    const { builder } = this;
    return builder.once(`weighted ${this.truth.name}`, () => builder.mul(this.weights, this.truth));
  }

  /** The weight where a class is not the true one, (N, K, ...spatial). */
  get falseWeights(): StepValue {
    const { builder } = this;
    return builder.once(`weighted other than ${this.truth.name}`, () =>
      builder.sub(this.weights, this.trueWeights),
    );
  }

  /** 1 for each sample that has a weight anywhere, else 0, (N, 1, ...1). */
  get labelled(): StepValue {
    const { builder, weights } = this;
    return builder.once(`samples of ${weights.name}`, () =>
      select(builder, isTiny(builder, builder.sum(weights, this.spatialAxes)), 0, 1),
    );
  }

  /** The distance map, 0 where there is no weight. */
  get distances(): StepValue {
    const { distances } = this.inputs;
    if (!distances) throw new Error('the boundary loss needs a distance map');
    return select(this.builder, this.visible, distances, 0);
  }

  /** A number for each class, (1, K, ...1). */
  perClass(number: (channel: number) => number): StepValue {
    const numbers = Array.from({ length: this.classes }, (_, channel) => number(channel));
    return this.builder.floats(numbers, [1, this.classes, ...this.spatialAxes.map(() => 1)]);
  }

  /** The sum of all elements of a constant, and 1 where that is 0: what a weighted mean is divided by. */
  divisor(weights: StepValue): StepValue {
    const { builder } = this;
    const sum = new LossExpression(builder, weights).total().value;
    return select(builder, isTiny(builder, sum), 1, sum);
  }

  /** The gradient by the logits that were given: 0 where there is no weight. */
  visibleOnly(gradient: StepValue): StepValue {
    return select(this.builder, this.visible, gradient, 0);
  }

  private once(what: string, make: () => LossExpression): LossExpression {
    const known = this.kept.get(what) ?? make();
    this.kept.set(what, known);
    return known;
  }
}

/** The class of a channel of logits: a single channel stands for class 1, everything else is background. */
export function classOfChannel(channel: number, channels: number): number {
  return channels === 1 ? 1 : channel;
}
