import type { Parameter } from '../../ir/parameter.js';
import type { StepValue } from './value.js';

/** What an input of a model says: a network's own input, or what the loss holds its logits against. */
export type BatchInput = StepValue &
  (
    | {
        /** (N, C, ...spatial), or the time step of a network that takes one. */
        readonly kind: 'image' | 'time';
      }
    | {
        /**
         * `labels`: class numbers, (N, 1, ...spatial). `weights`: what each position weighs, of the same shape, 0 where
         * nobody labelled. `distances`: the signed distances to each class's border, (N, K, ...spatial), of a boundary
         * loss: see distanceMap.
         */
        readonly kind: 'labels' | 'weights' | 'distances';
        /** The output of the network that is held against them. */
        readonly output: string;
        /** How many positions of the first output's labels one position here stands for, on each axis. */
        readonly scale: readonly number[];
      }
  );

/** A tensor that a training step is fed with. */
export type TrainingInput =
  | BatchInput
  | (StepValue & {
      /** The factors of a dropout: 0 for the part `rate` of them, 1 / (1 - rate) for the others. */
      readonly kind: 'mask';
      readonly rate: number;
    })
  | (StepValue & {
      /** Scalars, of shape []. The corrections are Adam's: see adamCorrections. */
      readonly kind: 'learning_rate' | 'first_correction' | 'second_correction';
    })
  | (StepValue & {
      /** What training carries from step to step: a parameter of the network, or a tensor of the optimizer. */
      readonly kind: 'parameter' | 'state';
    });

/** A tensor that a training step gives. */
export type TrainingOutput =
  | (StepValue & {
      /** A scalar: the loss before the step. */
      readonly kind: 'loss';
    })
  | (StepValue & {
      /** What the parameter or the optimizer's tensor of this name is after the step. */
      readonly kind: 'next';
      readonly of: string;
    });

/** A tensor that the optimizer keeps for a parameter, of the same shape, starting from 0. */
export interface StateTensor {
  readonly name: string;
  readonly parameter: Parameter;
}

/** A training step as one ONNX model: forward, loss, backward and optimizer. */
export interface TrainingStep {
  /** The bytes of the ONNX file. It holds no weights: they go in and come out. */
  readonly model: Uint8Array;
  /** All inputs of the model, in its order. */
  readonly inputs: readonly TrainingInput[];
  /** All outputs of the model, in its order. */
  readonly outputs: readonly TrainingOutput[];
  /** All parameters of the graph that is trained, running statistics among them. */
  readonly parameters: readonly Parameter[];
  /** What the optimizer keeps. */
  readonly state: readonly StateTensor[];
}

/** A tensor that an evaluation model is fed with; a parameter's shape may have more axes of size 1 than it has itself. */
export type EvaluationInput = BatchInput | (StepValue & { readonly kind: 'parameter' });

/** A network in inference, and its loss, as one ONNX model whose weights are inputs: one session serves every state of a training. */
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
