import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { product, samples, sizeOf } from './axis-samples.js';
import { engineNames, gradientPatch, savedTensor } from './kernel-patch.js';

/**
 * The gradient of mirrorPad, in all engines, tfjs-node too. The stock gradient only crops, so **the gradient of the
 * mirrored positions is lost**. Here the mirrored ends of each axis are reversed and added to the positions that they
 * repeat.
 */
export const mirrorPadGradient = gradientPatch({
  kernel: 'MirrorPad',
  engines: engineNames,
  patches: 'the gradient only cropped: the part through the mirrored positions was lost',
  gradient: (tf, { dy, saved, attrs }) => ({
    x: () =>
      tf.tidy(() => {
        const x = savedTensor(saved, 0);
        // `reflect` omits the border itself; `symmetric` repeats it.
        const skipped = attrs.mode === 'reflect' ? 1 : 0;
        return attrs.paddings.reduce(
          (folded: Tensor, [before, after], axis) =>
            fold(tf, folded, axis, sizeOf(x, axis), before, after, skipped),
          tf.clone(dy),
        );
      }),
  }),
});

function fold(
  tf: Tf,
  dy: Tensor,
  axis: number,
  size: number,
  before: number,
  after: number,
  skipped: number,
): Tensor {
  if (before === 0 && after === 0) return dy;
  const middle = samples(tf, dy, axis, before, size);
  const terms = [middle];
  if (before > 0) {
    const front = reversed(tf, samples(tf, dy, axis, 0, before), axis);
    terms.push(samples(tf, front, axis, -skipped, size));
  }
  if (after > 0) {
    const back = reversed(tf, samples(tf, dy, axis, before + size, after), axis);
    terms.push(samples(tf, back, axis, after + skipped - size, size));
  }
  return tf.addN(terms);
}

function reversed(tf: Tf, x: Tensor, axis: number): Tensor {
  const [outer, inner] = [product(x.shape.slice(0, axis)), product(x.shape.slice(axis + 1))];
  return tf.reshape(tf.reverse(tf.reshape(x, [outer, sizeOf(x, axis), inner]), 1), x.shape);
}
