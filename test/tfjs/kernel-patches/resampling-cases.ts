import type { Tensor4D } from '@tensorflow/tfjs';
import { separable } from '../../reference/tensor.js';
import { channelsFirst, channelsLast } from './image-layout.js';
import { type OpCase, type Random, randomFrom, randomValues, type Values } from './op-case.js';

type Pair = readonly [number, number];

export interface ResizeSpec {
  readonly mode: 'nearest' | 'bilinear';
  readonly batch: number;
  readonly from: Pair;
  readonly to: Pair;
  readonly channels: number;
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** tf.image.resizeBilinear or tf.image.resizeNearestNeighbor. */
export function resizeCase(spec: ResizeSpec, seed: number): OpCase {
  const { mode, batch, from, to, channels, alignCorners, halfPixelCenters } = spec;
  const positions = alignCorners ? 'align corners' : halfPixelCenters ? 'half-pixel' : 'plain';
  return {
    name: `${mode} ${batch} x ${from.join(' x ')} x ${channels} to ${to.join(' x ')}, ${positions}`,
    inputs: [randomValues(randomFrom(seed), [batch, ...from, channels])],
    run: (tf, [x]) => {
      const resize = mode === 'nearest' ? tf.image.resizeNearestNeighbor : tf.image.resizeBilinear;
      // The rank is known from the case.
      return resize(x as Tensor4D, [...to], alignCorners, halfPixelCenters);
    },
    define: ([x]) => resized(x as Values, spec),
  };
}

export function randomResize(random: Random): ResizeSpec {
  const pick = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const positions = pick(0, 2);
  return {
    mode: random() < 0.5 ? 'nearest' : 'bilinear',
    batch: pick(1, 3),
    from: [pick(1, 6), pick(1, 6)],
    to: [pick(1, 13), pick(1, 13)],
    channels: pick(1, 4),
    alignCorners: positions === 1,
    halfPixelCenters: positions === 2,
  };
}

/** As tf.image.resize of TensorFlow 2 (half-pixel) and of TensorFlow 1 (the others) defines the positions. */
function resized(image: Values, { mode, to, alignCorners, halfPixelCenters }: ResizeSpec): Values {
  const x = channelsFirst(image);
  const out = separable(x, [0, 0, ...to], (index, axis) => {
    const [size, target] = [x.shape[axis + 2] ?? 0, to[axis] ?? 0];
    const scale = alignCorners && target > 1 ? (size - 1) / (target - 1) : size / target;
    if (mode === 'nearest') {
      const position = (index + (halfPixelCenters ? 0.5 : 0)) * scale;
      // Half of a rounding step keeps exact positions on their own side.
      const nearest = alignCorners ? Math.round(position) : Math.floor(position + 1e-9);
      return [[Math.min(nearest, size - 1), 1]];
    }
    const position = halfPixelCenters ? (index + 0.5) * scale - 0.5 : index * scale;
    const inside = Math.min(Math.max(position, 0), size - 1);
    const left = Math.floor(inside);
    const right = Math.min(left + 1, size - 1);
    return [
      [left, 1 - (inside - left)],
      [right, inside - left],
    ];
  });
  return channelsLast(out);
}
