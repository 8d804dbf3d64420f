import type { Tensor } from '@tensorflow/tfjs';
import { product, sizeOf } from './axis-samples.js';
import { type KernelCall, kernelMend, type Mend, required } from './mend.js';
import { refusal } from './refusal.js';

/**
 * Values of rank 5 (volumes with batch and channels) on webgpu: the shaders of pad, mirrorPad, prelu and of
 * elementwise ops that broadcast are invalid beyond rank 4, which only the console hears of: **the result is zeros**;
 * select throws. The same is done at rank 4 at most: axes that lie side by side and are treated alike count as one.
 */
const most = 4;

const elementwise = (
  ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference'] as const
).map((kernel) =>
  kernelMend({
    kernel,
    engines: ['webgpu'],
    mends: 'zeros beyond rank 4 where one input is broadcast',
    run: (tf, { inputs, stock }: KernelCall<typeof kernel>) => {
      const [a, b] = [required(inputs, 'a'), required(inputs, 'b')];
      if (Math.max(a.rank, b.rank) <= most) return stock();
      const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
      const merged = mergedShapes(kernel, a.shape, b.shape);
      const result = stock({ inputs: { a: tf.reshape(a, merged.a), b: tf.reshape(b, merged.b) } });
      return tf.reshape(result, shape);
    },
  }),
);

const prelu = kernelMend({
  kernel: 'Prelu',
  engines: ['webgpu'],
  mends: 'zeros beyond rank 4',
  run: (tf, { inputs, stock }) => {
    const [x, alpha] = [required(inputs, 'x'), required(inputs, 'alpha')];
    if (x.rank <= most) return stock();
    const merged = mergedShapes('Prelu', x.shape, alpha.shape);
    return tf.reshape(
      stock({ inputs: { x: tf.reshape(x, merged.a), alpha: tf.reshape(alpha, merged.b) } }),
      x.shape,
    );
  },
});

const select = kernelMend({
  kernel: 'Select',
  engines: ['webgpu'],
  mends: 'threw beyond rank 4',
  run: (tf, { inputs, stock }) => {
    const [condition, t, e] = [required(inputs, 'condition'), required(inputs, 't'), required(inputs, 'e')];
    if (t.rank <= most) return stock();
    // The op has broadcast all three, but for a condition of rank 1, which chooses along the first axis.
    const whole = condition.rank === t.rank;
    const shape = whole ? [t.size] : [sizeOf(t, 0), t.size / sizeOf(t, 0)];
    const flat = { t: tf.reshape(t, shape), e: tf.reshape(e, shape) };
    return tf.reshape(
      stock({ inputs: { ...flat, condition: whole ? tf.reshape(condition, shape) : condition } }),
      t.shape,
    );
  },
});

const pads = (['PadV2', 'MirrorPad'] as const).map((kernel) =>
  kernelMend({
    kernel,
    engines: ['webgpu'],
    mends: 'zeros beyond rank 4',
    run: (tf, { inputs, attrs, stock }: KernelCall<typeof kernel>) => {
      const x = required(inputs, 'x');
      if (x.rank <= most) return stock();
      // One axis after the other: an order without an effect on the values.
      return attrs.paddings.reduce((padded: Tensor, [before, after], axis) => {
        if (before === 0 && after === 0) return padded;
        const shape = [...padded.shape];
        const rows = [product(shape.slice(0, axis)), sizeOf(padded, axis), product(shape.slice(axis + 1))];
        shape[axis] = before + sizeOf(padded, axis) + after;
        const paddings: [number, number][] = [
          [0, 0],
          [before, after],
          [0, 0],
        ];
        return tf.reshape(stock({ inputs: { x: tf.reshape(padded, rows) }, attrs: { paddings } }), shape);
      }, tf.clone(x));
    },
  }),
);

export const highRank: readonly Mend[] = [...elementwise, prelu, select, ...pads];

/**
 * Two shapes that broadcast, with neighbouring axes as one where both inputs run along them or the same one is repeated.
 *
 * @throws where more than rank 4 is left
 */
function mergedShapes(
  kernel: string,
  left: readonly number[],
  right: readonly number[],
): Record<'a' | 'b', number[]> {
  const rank = Math.max(left.length, right.length);
  const merged: { a: number[]; b: number[] } = { a: [], b: [] };
  let pattern = '';
  for (let axis = 0; axis < rank; axis++) {
    const a = left[axis - (rank - left.length)] ?? 1;
    const b = right[axis - (rank - right.length)] ?? 1;
    if (a === 1 && b === 1) continue;
    const next = a === b ? 'both' : a === 1 ? 'b' : 'a';
    if (next === pattern) {
      merged.a.push((merged.a.pop() ?? 1) * a);
      merged.b.push((merged.b.pop() ?? 1) * b);
    } else {
      merged.a.push(a);
      merged.b.push(b);
    }
    pattern = next;
  }
  if (merged.a.length > most)
    throw refusal(highRankRefusal, `${kernel} of ${left.join(' x ')} and ${right.join(' x ')}`);
  return merged;
}

export const highRankRefusal = {
  engine: 'webgpu',
  kernels: ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference', 'Prelu'],
  reason: 'its shaders give zeros for shapes that broadcast along more than four separate axes',
  remedy: 'use --device wasm or --device cpu',
} as const;
