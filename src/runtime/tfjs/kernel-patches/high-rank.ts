import type { Tensor } from '@tensorflow/tfjs';
import { product, sizeOf } from './axis-samples.js';
import { type KernelCall, type KernelPatch, kernelPatch, required } from './kernel-patch.js';
import { refusal } from './refusal.js';

/**
 * Values of rank 5 (volumes with batch and channels) on webgpu. The shaders of pad, mirrorPad, prelu and of elementwise
 * ops that broadcast are invalid beyond rank 4. Only the console reports it, and **the result is zeros**. select throws,
 * and so does tile outside browsers, where it reads the values back. On webgl, pad, mirrorPad and select throw. These
 * patches do the same with rank 4 at most: neighbouring axes that are treated alike count as one.
 */
const most = 4;

const elementwiseKernels = [
  'Add',
  'Equal',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
  'Maximum',
  'Minimum',
  'Multiply',
  'NotEqual',
  'Pow',
  'RealDiv',
  'SquaredDifference',
  'Sub',
] as const;

const elementwise = elementwiseKernels.map((kernel) =>
  kernelPatch({
    kernel,
    engines: ['webgpu'],
    patches: 'zeros beyond rank 4 where one input is broadcast',
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

const prelu = kernelPatch({
  kernel: 'Prelu',
  engines: ['webgpu'],
  patches: 'zeros beyond rank 4',
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

const select = kernelPatch({
  kernel: 'Select',
  engines: ['webgl', 'webgpu'],
  patches: 'threw beyond rank 4',
  run: (tf, { inputs, stock }) => {
    const [condition, t, e] = [required(inputs, 'condition'), required(inputs, 't'), required(inputs, 'e')];
    if (t.rank <= most) return stock();
    // The op broadcasts all three to one shape first.
    const [choice, yes, no] = [condition, t, e].map((tensor) => tf.reshape(tensor, [t.size]));
    if (!choice || !yes || !no) throw new Error('select has three inputs');
    return tf.reshape(stock({ inputs: { condition: choice, t: yes, e: no } }), t.shape);
  },
});

const pads = (['PadV2', 'MirrorPad'] as const).map((kernel) =>
  kernelPatch({
    kernel,
    engines: ['webgl', 'webgpu'],
    patches: 'beyond rank 4 zeros on webgpu; threw on webgl',
    run: (tf, { inputs, attrs, stock }: KernelCall<typeof kernel>) => {
      const x = required(inputs, 'x');
      if (x.rank <= most) return stock();
      // One axis after the other; the order does not change the values.
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

const tile = kernelPatch({
  kernel: 'Tile',
  engines: ['webgpu'],
  patches: 'beyond rank 4 it read the values back to the CPU, and threw outside of browsers',
  run: (tf, { inputs, attrs, stock }) => {
    const x = required(inputs, 'x');
    if (x.rank <= most) return stock();
    return attrs.reps.reduce((tiled: Tensor, times, axis) => {
      if (times === 1) return tiled;
      const shape = [...tiled.shape];
      const rows = [product(shape.slice(0, axis)), product(shape.slice(axis))];
      shape[axis] = sizeOf(tiled, axis) * times;
      return tf.reshape(
        stock({ inputs: { x: tf.reshape(tiled, rows) }, attrs: { reps: [1, times] } }),
        shape,
      );
    }, tf.clone(x));
  },
});

export const highRank: readonly KernelPatch[] = [...elementwise, prelu, select, ...pads, tile];

/**
 * Two shapes that broadcast, with neighbouring axes merged if both inputs run along them or the same one is repeated.
 *
 * @throws if more than rank 4 remains
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
  kernels: [...elementwiseKernels, 'Prelu'],
  reason: 'its shaders give zeros for shapes that broadcast along more than four separate axes',
  remedy: 'use --device wasm or --device cpu',
} as const;
