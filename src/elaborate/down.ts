import type { Origin, ValueId } from '../ir/graph.js';
import type { PooledLevelSpec } from '../language/resolve/network-spec.js';
import type { Maybe } from './context.js';
import { type BlockEnvironment, expandBlock } from './expand-block.js';
import type { Layers } from './layers.js';

/** What a level is reduced by, an entry an axis: what is written in `pool`, or else the level's `stride`. */
export function poolStride({ pool, stride }: PooledLevelSpec): readonly number[] {
  switch (pool.value.kind) {
    case 'max':
    case 'avg':
      return pool.value.stride ?? pool.value.window ?? stride.value;
    case 'conv':
      return pool.value.stride ?? stride.value;
    case 'block':
      return stride.value;
    default:
      return pool.value satisfies never;
  }
}

/**
 * The way down from a level. A strided conv keeps the channels, and its kernel is its stride unless written; a block
 * is given the channels of the level below.
 */
export function goDown(
  layers: Layers,
  level: PooledLevelSpec,
  channelsBelow: number,
  environment: BlockEnvironment,
  input: ValueId,
  origin: Origin,
): Maybe {
  const { elaboration, path } = layers;
  const pool = level.pool.value;
  const stride = poolStride(level);
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
    case 'block':
      return expandBlock(pool, input, channelsBelow, layers, environment);
    default:
      return pool satisfies never;
  }
}
