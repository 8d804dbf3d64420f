import { axisName } from '../ir/graph.js';
import type { NetworkSpec } from '../language/resolve/network-spec.js';

/**
 * How a network keeps an axis of size 1, for the help of a diagnostic: with a kernel and a stride of 1 along it. Undefined
 * if all axes have size 1, or if the network has such a kernel and stride already.
 *
 * @param axis the axis of size 1
 */
export function thinAxisHelp(
  { levels, bottleneck, rank }: NetworkSpec,
  input: readonly number[],
  axis: number,
): string | undefined {
  if (input[axis] !== 1 || input.every((size) => size === 1)) return undefined;
  const along = (values: readonly number[], at: number) => values[at] ?? 1;
  const kernel = (levels[0] ?? bottleneck).kernel.value;
  const stride = levels[0]?.stride.value ?? [];
  const wanted = (values: readonly number[]) =>
    input.map((size, at) => (size === 1 ? 1 : along(values, at))).join('x');
  const isThin =
    [...levels, bottleneck].every((level) => along(level.kernel.value, axis) === 1) &&
    levels.every((level) => along(level.stride.value, axis) === 1);
  if (isThin) return undefined;
  return `to keep ${axisName(axis, rank)} = 1, set \`kernel = ${wanted(kernel)}\` and \`stride = ${wanted(stride)}\``;
}
