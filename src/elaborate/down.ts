import type { Origin, ValueId } from '../ir/graph.js';
import type { PooledLevelSpec } from '../language/resolve/network-spec.js';
import type { BlockEnvironment } from './block/environment.js';
import { expandBlock } from './block/expand-block.js';
import type { Maybe } from './context.js';
import type { Layers } from './layers.js';
import { poolStride } from './pool-stride.js';

/**
 * Adds the pooling of a level. A strided conv keeps the channels, and its default kernel is its stride. A block
 * receives the channels of the level below.
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
