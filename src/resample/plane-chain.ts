import { axisStream } from './axis-stream.js';
import { axisTaps, type Order, type PositionRange } from './axis-taps.js';
import type { PlaneSink } from './plane-sink.js';
import { ClippedToItself, ClipStep, InPlaneStep, type PlaneAxis } from './plane-steps.js';
import type { ValueRange } from './value-range.js';

/** How a grid of positions becomes another one over the same extent. */
export interface Resampling {
  /** (...spatial) of the input; any number of axes. */
  readonly from: readonly number[];
  /** (...spatial) of the result. */
  readonly to: readonly number[];
  readonly order: Order;
  /** The axis that is interpolated on its own, after the others, with `separateOrder`; see separateAxis. */
  readonly separate?: number | undefined;
  /** 0 when left out. */
  readonly separateOrder?: Order;
  /** Which positions of the result's first axis come out; all when left out. */
  readonly rows?: PositionRange;
}

/** The steps from the planes of one channel to those of the result. */
export interface PlaneChain {
  readonly sink: PlaneSink;
  /** Which planes of the input it takes, in their order. */
  readonly inputs: PositionRange;
}

/** How many ranges of values the clipping of a channel has: one, or one for each position of the separate axis. */
export function rangeCount({ from, separate = 0 }: Resampling): number {
  return separate === 0 ? 1 : (from[separate] ?? 1);
}

/** Whether the result is clipped to ranges that the whole input gives. Where a plane gives its own, it needs no other. */
export function needsRanges({ from, to, order, separate }: Resampling): boolean {
  return order === 3 && separate !== 0 && from.some((size, axis) => axis !== separate && size !== to[axis]);
}

const product = (sizes: readonly number[]) => sizes.reduce((result, size) => result * size, 1);

/**
 * @param ranges what cubic interpolation is clipped to, `rangeCount` of them; not clipped when left out
 * @param last takes the planes of the result
 */
export function planeChain(
  resampling: Resampling,
  ranges: readonly ValueRange[] | undefined,
  last: PlaneSink,
): PlaneChain {
  const { from, to, order, separate, separateOrder = 0 } = resampling;
  const [depth = 1, ...sizes] = from;
  const [newDepth = 1] = to;
  const { rows = { first: 0, end: newDepth } } = resampling;
  const same = depth === newDepth;
  // An axis that stays as it is has nothing to interpolate.
  const acrossOrder = same ? 0 : separate === 0 ? separateOrder : order;
  const acrossTaps = axisTaps(depth, newDepth, acrossOrder, rows);
  const across = same && acrossTaps.count === depth ? undefined : acrossTaps;
  const inputs = { first: acrossTaps.start, end: acrossTaps.end };
  const axis = (index: number, axisOrder: Order): PlaneAxis => ({
    axis: index,
    taps: axisTaps(sizes[index] ?? 1, to[index + 1] ?? 1, axisOrder),
  });
  const changed = sizes.flatMap((size, i) => (size !== to[i + 1] && i + 1 !== separate ? [i] : []));
  const inPlane = changed.map((index) => axis(index, order));
  const between = sizes.map((size, i) => (changed.includes(i) ? (to[i + 1] ?? 1) : size));
  const inPlaneStep = (next: PlaneSink) =>
    inPlane.length > 0 ? new InPlaneStep(sizes, inPlane, next) : next;
  const acrossStep = (planeSizes: readonly number[], next: PlaneSink) =>
    across ? axisStream(across, product(planeSizes), next) : next;

  // Each plane is an image of its own; those that no new plane is near are left out.
  if (separate === 0) {
    const clipped = order === 3 && inPlane.length > 0;
    const own = (next: PlaneSink) => (clipped ? new ClippedToItself(inPlaneStep, next) : inPlaneStep(next));
    const isSelection = acrossOrder === 0 && acrossTaps.count < depth;
    return { sink: isSelection ? acrossStep(sizes, own(last)) : own(acrossStep(between, last)), inputs };
  }
  // From the last step to the first: the separate axis, the clipping before it, and the other axes.
  let next = last;
  if (separate !== undefined && from[separate] !== to[separate]) {
    next = new InPlaneStep(between, [axis(separate - 1, separateOrder)], next);
  }
  if (ranges && needsRanges(resampling)) {
    const inner = separate === undefined ? product(between) : product(between.slice(separate));
    next = new ClipStep(ranges, inner, next);
  }
  // The cheaper of the two ways: planes that few steps read later are made smaller first, and made larger last.
  const [small, large] = [product(sizes), product(between)];
  const planes = inputs.end - inputs.first;
  const acrossLast = planes * (small + large) + (planes + acrossTaps.count) * large;
  const acrossFirst = (planes + acrossTaps.count) * small + acrossTaps.count * (small + large);
  const sink =
    acrossLast <= acrossFirst ? inPlaneStep(acrossStep(between, next)) : acrossStep(sizes, inPlaneStep(next));
  return { sink, inputs };
}
