import type { Tensor4D, Tensor5D } from '@tensorflow/tfjs';
import { forEachIndex } from '../../reference/tensor.js';
import { channelsFirst, channelsLast } from './image-layout.js';
import { type OpCase, type Random, randomFrom, randomValues, type Values } from './op-case.js';

type Sizes = readonly number[];

export interface PoolingSpec {
  readonly kind: 'max' | 'avg';
  readonly batch: number;
  readonly spatial: Sizes;
  readonly channels: number;
  readonly window: Sizes;
  readonly stride: Sizes;
  readonly padding: 'valid' | 'same';
  /** Added to values in [-1, 1): -3 makes every maximum negative. */
  readonly shift: number;
}

/** tf.maxPool, tf.avgPool, tf.maxPool3d or tf.avgPool3d. */
export function poolingCase(spec: PoolingSpec, seed: number): OpCase {
  const { kind, batch, spatial, channels, window, stride, padding, shift } = spec;
  return {
    name:
      `${kind} pool ${batch} x ${spatial.join(' x ')} x ${channels}, window ${window.join('x')}, ` +
      `stride ${stride.join('x')}, ${padding}, shift ${shift}`,
    inputs: [randomValues(randomFrom(seed), [batch, ...spatial, channels], shift - 1, shift + 1)],
    run: (tf, [x]) => {
      // tfjs's types have a tensor type and a tuple type for each rank; the rank here is known from the case.
      if (spatial.length === 2) {
        const [size, step] = [window as [number, number], stride as [number, number]];
        const pool = kind === 'max' ? tf.maxPool<Tensor4D> : tf.avgPool<Tensor4D>;
        return pool(x as Tensor4D, size, step, padding);
      }
      const [size, step] = [window as [number, number, number], stride as [number, number, number]];
      const pool = kind === 'max' ? tf.maxPool3d<Tensor5D> : tf.avgPool3d<Tensor5D>;
      return pool(x as Tensor5D, size, step, padding);
    },
    define: ([x]) => pooled(x as Values, spec),
  };
}

export function randomPooling(random: Random, rank: number): PoolingSpec {
  const pick = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const axes = Array.from({ length: rank });
  const window = axes.map(() => pick(1, 3));
  return {
    kind: random() < 0.5 ? 'max' : 'avg',
    batch: pick(1, 3),
    spatial: window.map((size) => size + pick(0, rank === 2 ? 7 : 4)),
    channels: pick(1, 5),
    window,
    stride: axes.map(() => pick(1, 3)),
    padding: random() < 0.5 ? 'valid' : 'same',
    shift: pick(0, 1) * -3,
  };
}

/** The maximum or the mean of what of each window lies inside the input. */
function pooled(image: Values, { kind, window, stride, padding }: PoolingSpec): Values {
  const x = channelsFirst(image);
  const [batch = 0, channels = 0, ...inSpatial] = x.shape;
  const axes = inSpatial.map((size, axis) => {
    const [reach, step] = [window[axis] ?? 0, stride[axis] ?? 0];
    const out = Math.ceil((padding === 'same' ? size : size - reach + 1) / step);
    const total = padding === 'same' ? Math.max((out - 1) * step + reach - size, 0) : 0;
    return { size, reach, step, out, before: Math.floor(total / 2) };
  });
  const results: number[] = [];
  forEachIndex([batch * channels, ...axes.map(({ out }) => out)], ([plane = 0, ...position]) => {
    let [best, sum, count] = [Number.NEGATIVE_INFINITY, 0, 0];
    forEachIndex(window, (offset) => {
      let from = plane;
      for (const [axis, { size, step, before }] of axes.entries()) {
        const index = (position[axis] ?? 0) * step - before + (offset[axis] ?? 0);
        from = index >= 0 && index < size ? from * size + index : Number.NaN;
      }
      if (Number.isNaN(from)) return;
      const value = x.data[from] ?? Number.NaN;
      [best, sum, count] = [Math.max(best, value), sum + value, count + 1];
    });
    results.push(kind === 'max' ? best : sum / count);
  });
  return channelsLast({
    shape: [batch, channels, ...axes.map(({ out }) => out)],
    data: Float64Array.from(results),
  });
}
