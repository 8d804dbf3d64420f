import type { AxisMap } from '../ir/axis-map.js';
import type { Graph, ValueId } from '../ir/graph.js';
import { axisMapOf, sourceOf } from '../ir/node-record.js';

/** A range of positions, both ends included; empty where first > last. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/**
 * The receptive field of a value, one entry per axis: the number of input positions, from the first to the last, that
 * one of its positions depends on, padding included and borders ignored. After an up-conv the positions differ, because
 * each phase sees a different part; the number is the largest over one period of positions. It is exact: every position
 * of a period is followed back through every path. It is an upper bound if the kernel of a transposed conv is smaller
 * than its stride, so that some positions see nothing, or if a skip is resized. The statistics of instance and group
 * norms, which see the whole map, are left out.
 *
 * After an attention or a global average, which see every position, the field is infinite; callers that know the input
 * size replace it.
 */
export function receptiveField(graph: Graph, value: ValueId): readonly number[] {
  return Array.from({ length: graph.rank }, (_, axis) => {
    if (seesAll(graph, value, axis)) return Number.POSITIVE_INFINITY;
    let largest = 0;
    const period = periodOf(graph, value, axis);
    const order = ancestors(graph, value);
    for (let position = 0; position < period; position += 1) {
      const seen = traceBack(graph, order, value, axis, position);
      if (seen) largest = Math.max(largest, seen.last - seen.first + 1);
    }
    return largest;
  });
}

/** Whether an op that a value depends on sees every position of its input. */
function seesAll(graph: Graph, value: ValueId, axis: number): boolean {
  return ancestors(graph, value).some((id) => {
    const node = graph.nodes[id];
    if (!node || sourceOf(node)) return false;
    const { kind } = axisMapOf(node, axis);
    return kind === 'whole' || kind === 'point';
  });
}

/** The values that a value depends on, itself included, users before what they use. */
function ancestors(graph: Graph, value: ValueId): readonly ValueId[] {
  const needed = new Set([value]);
  for (let id = value; id >= 0; id -= 1) {
    if (needed.has(id)) for (const input of graph.nodes[id]?.inputs ?? []) needed.add(input);
  }
  return [...needed].sort((a, b) => b - a);
}

/** The number of positions after which the pattern of dependence repeats. */
function periodOf(graph: Graph, value: ValueId, axis: number): number {
  // The positions of a value of size (p n + q) / d are d / p input positions apart. The pattern repeats after the least
  // common multiple of these distances over all values before it.
  const own = graph.nodes[value]?.spatial[axis];
  if (!own) return 1;
  let common = own.d;
  for (const id of ancestors(graph, value)) {
    const size = graph.nodes[id]?.spatial[axis];
    if (size) common = lcm(common, size.d);
  }
  return Math.max(1, Math.round((common * own.p) / own.d));
}

function lcm(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

function traceBack(
  graph: Graph,
  order: readonly ValueId[],
  value: ValueId,
  axis: number,
  position: number,
): Interval | undefined {
  const reached = new Map<ValueId, Interval>([[value, { first: position, last: position }]]);
  for (const id of order) {
    const interval = reached.get(id);
    const node = graph.nodes[id];
    if (!interval || !node) continue;
    if (sourceOf(node) === 'image') return interval;
    const before = inputInterval(axisMapOf(node, axis), interval);
    if (before.first > before.last) continue;
    for (const input of node.inputs) {
      const known = reached.get(input);
      reached.set(input, {
        first: Math.min(before.first, known?.first ?? before.first),
        last: Math.max(before.last, known?.last ?? before.last),
      });
    }
  }
  return undefined;
}

/** The input positions that a range of output positions reads. */
function inputInterval(map: AxisMap, { first, last }: Interval): Interval {
  if (map.kind === 'interpolated') {
    // At one end of the map, output i has its centre at i; at the other end, at i - change.
    return { first: first + Math.min(0, -map.change), last: last + Math.max(0, -map.change) };
  }
  if (map.kind === 'whole' || map.kind === 'point')
    return { first: Number.NEGATIVE_INFINITY, last: Number.POSITIVE_INFINITY };
  if (map.kind === 'window') {
    return { first: first * map.stride - map.before, last: last * map.stride - map.before + map.extent - 1 };
  }
  if (map.linear) {
    // The centre of output o lies at (o + 1/2) / stride - 1/2 (half-pixel; with aligned corners it depends on the size
    // of the map, and this is used as well).
    const centre = (output: number) => (output + 0.5) / map.stride - 0.5;
    return { first: Math.floor(centre(first)), last: Math.ceil(centre(last)) };
  }
  // Input j reaches the outputs j stride - before ... j stride - before + extent - 1.
  return {
    first: Math.ceil((first + map.before - map.extent + 1) / map.stride),
    last: Math.floor((last + map.before) / map.stride),
  };
}
