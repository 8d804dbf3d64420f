import { elementCount } from '../../runtime/tensor.js';
import { countsLength } from '../patches/class-positions.js';
import type { Sample } from '../samples/sample.js';
import type { ResolvedSettings } from './settings.js';

/** How much memory a sample takes when it is prepared. */
export function preparedBytes(
  spatial: readonly number[],
  channels: number,
  { border, classWeights }: ResolvedSettings,
): number {
  const positions = elementCount(spatial);
  const floats = positions * (channels + (border === undefined ? 0 : 1));
  return 4 * floats + 2 * positions + 4 * countsLength(positions, classWeights.length);
}

/**
 * Which samples stay in memory once they are decoded: in their order, all that fit into `bound` bytes, and a sample that is
 * the only one. They are never dropped for others. Every round needs every sample once, so for a set larger than the bound
 * the least recently used sample is the one that is needed soonest.
 */
export function keptSamples(
  samples: readonly Sample[],
  channels: number,
  settings: ResolvedSettings,
  bound: number,
): ReadonlySet<number> {
  const kept = new Set<number>();
  let used = 0;
  for (const [index, { spatial }] of samples.entries()) {
    const bytes = preparedBytes(spatial, channels, settings);
    if (used + bytes > bound && samples.length > 1) continue;
    used += bytes;
    kept.add(index);
  }
  return kept;
}
