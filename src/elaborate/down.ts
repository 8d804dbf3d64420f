import type { Origin, ValueId } from '../ir/graph.js';
import type { PoolSetting } from '../semantics/attributes.js';
import type { Maybe } from './context.js';
import type { Layers } from './layers.js';

/** The stride of a pooling, an entry an axis: 2 on every axis where nothing is written. */
export function poolStride(pool: PoolSetting, rank: number): readonly number[] {
  const twos = Array.from({ length: rank }, () => 2);
  return pool.kind === 'conv' ? (pool.stride ?? twos) : (pool.stride ?? pool.window ?? twos);
}

/** The way down from a level. A strided conv keeps the channels, and its kernel is its stride unless written. */
export function goDown(layers: Layers, pool: PoolSetting, input: ValueId, origin: Origin): Maybe {
  const { elaboration, path } = layers;
  const stride = poolStride(pool, elaboration.builder.rank);
  switch (pool.kind) {
    case 'max':
    case 'avg': {
      const attributes = { window: pool.window ?? stride, stride };
      return elaboration.add(pool.kind === 'max' ? 'maxPool' : 'avgPool', [input], attributes, path, origin);
    }
    case 'conv':
      return layers.conv(
        input,
        { kernel: pool.kernel ?? stride, stride, channels: elaboration.channels(input) },
        origin,
      );
    default:
      return pool satisfies never;
  }
}
