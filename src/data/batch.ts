import { Failure } from '../diagnostics/failure.js';
import { allocate, elementCount, shapeText, type Tensor } from '../runtime/tensor.js';
import type { LabelledImage } from './data-set.js';
import { IGNORED } from './labels/label-map.js';

/** Images of one size, as a training step takes them. */
export interface Batch {
  /** (N, C, ...spatial). */
  readonly images: Tensor;
  /** (N, ...spatial): 0 .. classes - 1; 0 where the weight is 0. */
  readonly classes: Uint8Array;
  /** (N, ...spatial): 1, and 0 where nobody labelled, so that it is no matter what is predicted there. */
  readonly weights: Tensor;
}

/** Puts images of equal shape into one batch, in their order. */
export function batchOf(samples: readonly LabelledImage[]): Batch | Failure {
  const [first] = samples;
  if (first === undefined) throw new Error('a batch has at least one image');
  const shape = first.image.shape;
  const other = samples.find(({ image }) => shapeText(image.shape) !== shapeText(shape));
  if (other !== undefined) {
    return new Failure(
      `the images of a batch are of one size, but ${first.name} is ${shapeText(shape)} and ${other.name} is ${shapeText(other.image.shape)}`,
    );
  }
  const [length, positions, count] = [elementCount(shape), elementCount(shape.slice(1)), samples.length];
  const what = `a batch of ${shapeText([count, ...shape])}`;
  const images = allocate(count * length, what);
  const weights = allocate(count * positions, what);
  if (images instanceof Failure) return images;
  if (weights instanceof Failure) return weights;
  const classes = new Uint8Array(count * positions);
  for (const [n, sample] of samples.entries()) {
    images.set(sample.image.data, n * length);
    for (const [i, label] of sample.classes.entries()) {
      if (label === IGNORED) continue;
      classes[n * positions + i] = label;
      weights[n * positions + i] = 1;
    }
  }
  return {
    images: { shape: [count, ...shape], data: images },
    classes,
    weights: { shape: [count, ...shape.slice(1)], data: weights },
  };
}
