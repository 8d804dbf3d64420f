import type { Parameter } from '../../ir/parameter.js';
import type { StepValue } from './step-value.js';

/** An input of a model that a batch provides: an input of the network, or what the loss compares its logits with. */
export type BatchInput = StepValue &
  (
    | {
        /** (N, C, ...spatial), or the time step of a network that takes one. */
        readonly kind: 'image' | 'time';
      }
    | {
        /**
         * `labels`: class numbers, (N, 1, ...spatial). `weights`: the weight of each position, in the same shape, 0 if
         * nobody labelled it. `distances`, for a boundary loss: the signed distances to the border of each class,
         * (N, K, ...spatial); see distanceMap.
         */
        readonly kind: 'labels' | 'weights' | 'distances';
        /** The output of the network that the loss compares with them. */
        readonly output: string;
        /** How many positions of the labels of the first output one position stands for, on each axis. */
        readonly scale: readonly number[];
      }
  );

/** An input of a training step. */
export type TrainingInput =
  | BatchInput
  | (StepValue & {
      /** The factors of a dropout: a fraction `rate` of them is 0, the others are 1 / (1 - rate). */
      readonly kind: 'mask';
      readonly rate: number;
    })
  | (StepValue & {
      /** Scalars, of shape []. The corrections are Adam's: see adamCorrections. */
      readonly kind: 'learning_rate' | 'first_correction' | 'second_correction';
    })
  | (StepValue & {
      /** What training keeps from step to step: a parameter of the network, or a tensor of the optimizer. */
      readonly kind: 'parameter' | 'state';
    });

/** An output of a training step. */
export type TrainingOutput =
  | (StepValue & {
      /** A scalar: the loss before the step. */
      readonly kind: 'loss';
    })
  | (StepValue & {
      /** The parameter or the tensor of the optimizer with this name, after the step. */
      readonly kind: 'next';
      readonly of: string;
    });

/** A tensor that the optimizer keeps for a parameter. It has the same shape, and starts as 0. */
export interface StateTensor {
  readonly name: string;
  readonly parameter: Parameter;
}

/** A training step as one ONNX model: forward, loss, backward and optimizer. */
export interface TrainingStep {
  /** The bytes of the ONNX file. It contains no weights: they are inputs and outputs. */
  readonly model: Uint8Array;
  /** All inputs of the model, in its order. */
  readonly inputs: readonly TrainingInput[];
  /** All outputs of the model, in its order. */
  readonly outputs: readonly TrainingOutput[];
  /** All parameters of the trained graph, including running statistics. */
  readonly parameters: readonly Parameter[];
  /** What the optimizer keeps. */
  readonly state: readonly StateTensor[];
}

/** An input of an evaluation model. The shape of a parameter may have additional axes of size 1. */
export type EvaluationInput = BatchInput | (StepValue & { readonly kind: 'parameter' });

/** A network in inference and its loss, as one ONNX model. Its weights are inputs, so one session serves the whole training. */
export interface EvaluationModel {
  /** The bytes of the ONNX file. */
  readonly model: Uint8Array;
  /** All inputs of the model, in its order. */
  readonly inputs: readonly EvaluationInput[];
  /** The loss, a scalar. */
  readonly loss: StepValue;
  /** The network's own values, (1, K, ...spatial). */
  readonly prediction: StepValue;
}
