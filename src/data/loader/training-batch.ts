import type { Tensor } from '../../runtime/tensor.js';

/** What a training step learns from. */
export interface TrainingBatch {
  /** (N, C, ...input). */
  readonly images: Tensor;
  /** (N, 1, ...output): class numbers. */
  readonly labels: Tensor;
  /** (N, 1, ...output): the weight of each position, 0 if nobody labelled it; 1 everywhere when left out. */
  readonly weights?: Tensor;
}

/** A batch of patches of a data set. */
export interface LoadedBatch extends Required<TrainingBatch> {
  /** From 0. */
  readonly step: number;
  /** The names of the N samples. */
  readonly samples: readonly string[];
}
