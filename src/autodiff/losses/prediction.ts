import { dataType } from '../../../codegen/onnx/proto.js';
import type { Loss } from '../../language/schema/recipe-attributes.js';
import { isTiny, LossExpression, select } from '../expression.js';
import { spatialAxes } from '../rule.js';
import type { StepBuilder } from '../step/step-builder.js';
import type { StepValue } from '../step/step-value.js';

export type LossKind = Loss['kind'];

/** The settings of one kind of loss. */
export type LossOf<K extends LossKind> = Extract<Loss, { readonly kind: K }>;

/** How logits become probabilities: over all classes together, or for each class separately. */
export type LossHead = 'softmax' | 'sigmoid';

/** The inputs of a loss, all float32. */
export interface LossInputs {
  /** (N, K, ...spatial) */
  readonly logits: StepValue;
  /** (N, 1, ...spatial): the number of the class, from 0. */
  readonly labels: StepValue;
  /** (N, 1, ...spatial): not negative; 0 where the truth is unknown. */
  readonly weights: StepValue;
  /** (N, K, ...spatial), for the boundary loss: see distanceMap. */
  readonly distances?: StepValue;
}

/**
 * What losses are calculated from. Positions of weight 0 are invisible: their logits and distances are replaced by 0 before
 * anything is calculated, so that their values, even NaN, change no bit of a result. A label needs no such care: it becomes
 * 0 or 1, and its loss is multiplied by the weight.
 */
export class Prediction {
  /** The logits, 0 where the weight is 0. */
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

  /** The distance map, 0 where the weight is 0. */
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

  /** The divisor of a weighted mean: the sum of all elements of a constant, or 1 if the sum is 0. */
  divisor(weights: StepValue): StepValue {
    const { builder } = this;
    const sum = new LossExpression(builder, weights).total().value;
    return select(builder, isTiny(builder, sum), 1, sum);
  }

  /** The gradient by the logits: 0 where the weight is 0. */
  visibleOnly(gradient: StepValue): StepValue {
    return select(this.builder, this.visible, gradient, 0);
  }

  private once(what: string, make: () => LossExpression): LossExpression {
    const known = this.kept.get(what) ?? make();
    this.kept.set(what, known);
    return known;
  }
}

/** The class of a channel of logits. A single channel stands for class 1; everything else is background. */
export function classOfChannel(channel: number, channels: number): number {
  return channels === 1 ? 1 : channel;
}
