import { Failure, failure } from '../../diagnostics/failure.js';
import { shapeText } from '../tensor.js';

/**
 * Plans how an image of any size runs on a network that accepts only some sizes. Everything is decided here, axis by
 * axis, before anything runs; tile.ts and predict.ts only follow the plan.
 */

/** The input sizes that a network accepts on one axis: one size, or offset + step * k from `minimum` on. */
export type InputRule =
  | { readonly axis: string; readonly fixed: number }
  | { readonly axis: string; readonly step: number; readonly offset: number; readonly minimum: number };

export interface FitOptions {
  /**
   * `tile`, the default: windows whose outputs cover the image (overlap-tile, Ronneberger et al. 2015,
   * figure 2). `resize`: the image is resized to the network's size, and its output back.
   */
  readonly strategy?: 'tile' | 'resize';
  /**
   * The largest window on an axis whose size is free. Default: 512 for two spatial axes, 96 for three, but large enough
   * for an output of half the margin, so that context is not nearly all of the work.
   */
  readonly tileSize?: number;
  /**
   * The least part of a window's output that overlaps the next one, from 0 to below 1. Default: 0 if the network has a
   * margin, because its outputs then have their full context. Otherwise 1/4, because the outer pixels of a window see
   * padding instead of their neighbours.
   */
  readonly overlap?: number;
}

/** One window on one axis, in positions of the image. */
export interface Placement {
  /** The start of the window's output; below 0 if it begins outside the image. */
  readonly start: number;
  /** The used part of the output, inside the image: from <= position < to. */
  readonly from: number;
  readonly to: number;
}

export interface AxisPlan {
  /** The image's size on the axis, after a resize if there is one. */
  readonly size: number;
  /** The window's size, which is the network's input. */
  readonly window: number;
  /** The network's output: `window` minus the margin. */
  readonly output: number;
  /** The part of the margin before the output. */
  readonly before: number;
  readonly placements: readonly Placement[];
}

export interface Plan {
  /** One per axis; the windows are their combinations. */
  readonly axes: readonly AxisPlan[];
  /** The image's size before a resize; undefined without one. */
  readonly resizedFrom: readonly number[] | undefined;
  /** The plan in words, for the user: "tiled: 4 windows of 572 x 572, borders mirrored by 92 pixels per side". */
  readonly summary: string;
}

/** The smallest size from `size` on that the rule accepts; undefined if a fixed size is smaller. */
export function admissibleFrom(rule: InputRule, size: number): number | undefined {
  if ('fixed' in rule) return rule.fixed >= size ? rule.fixed : undefined;
  const low = Math.max(size, rule.minimum);
  return low + ((((rule.offset - low) % rule.step) + rule.step) % rule.step);
}

function defaultBound(rule: InputRule, margin: number, rank: number): number {
  const usual = rank >= 3 ? 96 : 512;
  return Math.max(usual, admissibleFrom(rule, margin + Math.max(1, Math.ceil(margin / 2))) ?? 0);
}

/**
 * How far apart windows may begin: their output minus the overlap, rounded down to a multiple of the network's step. The
 * poolings then fall on the same pixels in every window, so the tiled output of a network with a margin equals the
 * untiled one.
 */
function largestStride(output: number, step: number, overlap: number): number {
  const stride = output - Math.min(Math.floor(output * overlap), output - 1);
  return stride < step ? stride : stride - (stride % step);
}

function windowCount(size: number, output: number, step: number, overlap: number): number {
  return size <= output ? 1 : Math.ceil((size - output) / largestStride(output, step, overlap)) + 1;
}

/**
 * The window: the only size, or the smallest that covers the image. If that exceeds the bound, the smallest size that needs
 * no more windows than the largest one.
 */
function chooseWindow(
  rule: InputRule,
  size: number,
  margin: number,
  bound: number,
  overlap: number,
): number | Failure {
  const least = admissibleFrom(rule, margin + 1);
  if (least === undefined) {
    return failure('output-empty', { axis: rule.axis, margin });
  }
  if ('fixed' in rule) return rule.fixed;
  if (least > bound) {
    return failure('tile-too-small', { tile: bound, least, axis: rule.axis });
  }
  const whole = admissibleFrom(rule, size + margin);
  if (whole !== undefined && whole <= bound) return whole;
  let window = least + Math.floor((bound - least) / rule.step) * rule.step;
  const countOf = (input: number) => windowCount(size, input - margin, rule.step, overlap);
  const count = countOf(window);
  while (window - rule.step >= least && countOf(window - rule.step) === count) window -= rule.step;
  return window;
}

/**
 * The starts of the fewest windows that cover the image, at equal distances. Their excess is split between both borders, as
 * far as the step allows.
 */
function placeWindows(size: number, output: number, step: number, overlap: number): number[] {
  const count = windowCount(size, output, step, overlap);
  const first = (covered: number) => -Math.floor((covered - size) / 2 / step) * step || 0;
  if (count === 1) return [first(output)];
  const even = (size - output) / (count - 1);
  const aligned = Math.ceil(even / step) * step;
  if (step > 1 && aligned <= largestStride(output, step, overlap)) {
    const start = first((count - 1) * aligned + output);
    return Array.from({ length: count }, (_, i) => start + i * aligned);
  }
  return Array.from({ length: count }, (_, i) => Math.round(i * even));
}

function planAxis(rule: InputRule, size: number, margin: number, window: number, overlap: number): AxisPlan {
  const output = window - margin;
  const step = 'fixed' in rule ? 1 : rule.step;
  const starts = placeWindows(size, output, step, overlap);
  const ends = starts.map((start) => start + output);
  const placements = starts.map((start, i) => {
    const [previousEnd, nextStart] = [ends[i - 1], starts[i + 1]];
    const end = start + output;
    if (overlap > 0) return { start, from: Math.max(0, start), to: Math.min(size, end) };
    // Edge to edge. If outputs happen to overlap, each provides the half for which it has more context.
    return {
      start,
      from: previousEnd === undefined ? 0 : Math.floor((start + previousEnd) / 2),
      to: nextStart === undefined ? size : Math.floor((nextStart + end) / 2),
    };
  });
  return { size, window, output, before: Math.floor(margin / 2), placements };
}

/** How far the windows reach outside the image. */
function mirroredText(axes: readonly AxisPlan[]): string {
  const sides = axes.flatMap(({ size, window, before, placements }) => {
    const [first, last] = [placements[0]?.start ?? 0, placements.at(-1)?.start ?? 0];
    return [before - first, last - before + window - size].map((side) => Math.max(0, side));
  });
  const most = Math.max(...sides);
  if (most === 0) return '';
  const unit = `${axes.length >= 3 ? 'voxel' : 'pixel'}${most === 1 ? '' : 's'}`;
  return `, borders mirrored by ${sides.every((side) => side === most) ? '' : 'up to '}${most} ${unit} per side`;
}

function summarize(axes: readonly AxisPlan[], resizedFrom: readonly number[] | undefined): string {
  const count = axes.reduce((product, axis) => product * axis.placements.length, 1);
  const window = shapeText(axes.map((axis) => axis.window));
  const averaged = axes.some(({ placements }) =>
    placements.some(({ from }, i) => from < (placements[i - 1]?.to ?? 0)),
  );
  const windows =
    (count === 1 ? `one window of ${window}` : `${count} windows of ${window}`) +
    (averaged ? ', overlaps averaged' : '') +
    mirroredText(axes);
  if (resizedFrom === undefined) return count === 1 ? windows : `tiled: ${windows}`;
  const resized = shapeText(axes.map((axis) => axis.size));
  return `resized from ${shapeText(resizedFrom)} to ${resized} and back: ${windows}`;
}

/** The size to resize to: the output within the bound that is nearest to the image. */
function resizeTarget(rule: InputRule, size: number, margin: number, bound: number): number | Failure {
  const least = chooseWindow(rule, 1, margin, bound, 0);
  if (least instanceof Failure) return least;
  if ('fixed' in rule) return rule.fixed - margin;
  const most = least + Math.floor((bound - least) / rule.step) * rule.step;
  const steps = Math.round((size + margin - least) / rule.step);
  return Math.min(most, least + Math.max(0, steps) * rule.step) - margin;
}

/**
 * Plans how an image of `sizes` runs on a network with these `rules` and this `margin` (input minus output; 0 for networks
 * that keep the size), one of each per spatial axis. Fails if the network has no output, or does not accept the windows
 * that `options` describe.
 */
export function planFit(
  rules: readonly InputRule[],
  margin: readonly number[],
  sizes: readonly number[],
  options: FitOptions = {},
): Plan | Failure {
  const rank = rules.length;
  if (margin.length !== rank || sizes.length !== rank) {
    throw new Error(`${rank} rules, ${margin.length} margins and ${sizes.length} sizes don't match`);
  }
  const { strategy = 'tile', tileSize, overlap } = options;
  if (overlap !== undefined && !(overlap >= 0 && overlap < 1)) {
    return failure('overlap-out-of-range', { overlap });
  }
  const axes: AxisPlan[] = [];
  for (const [i, rule] of rules.entries()) {
    const [lost = 0, original = 0] = [margin[i], sizes[i]];
    if (lost < 0) {
      return failure('output-larger', { axis: rule.axis });
    }
    const bound = tileSize ?? defaultBound(rule, lost, rank);
    const size = strategy === 'resize' ? resizeTarget(rule, original, lost, bound) : original;
    if (size instanceof Failure) return size;
    const share = overlap ?? (lost === 0 ? 0.25 : 0);
    const window = chooseWindow(rule, size, lost, bound, share);
    if (window instanceof Failure) return window;
    axes.push(planAxis(rule, size, lost, window, share));
  }
  const resized = axes.some((axis, i) => axis.size !== sizes[i]);
  const resizedFrom = resized ? sizes : undefined;
  return { axes, resizedFrom, summary: summarize(axes, resizedFrom) };
}
