import type { PooledLevelSpec } from '../language/resolve/network-spec.js';

/** The factors that reduce a level, one for each axis: the stride written in `pool`, or else the level's `stride`. */
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
