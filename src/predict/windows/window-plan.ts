import { Failure, failure } from '../../diagnostics/failure.js';
import { roundHalfToEven } from '../../resample/grid.js';
import { admissibleFrom, type FitOptions, type InputRule, planFit } from '../../runtime/inference/fit.js';
import { elementCount, shapeText } from '../../runtime/tensor.js';

/** The windows along one axis, in positions of the image. */
export interface PlannedAxis {
  readonly size: number;
  /** The size of a window, which is the network's input. */
  readonly window: number;
  /** The size of its output: `window` minus the margin. */
  readonly output: number;
  /** The part of the margin before the output. */
  readonly before: number;
  /** Where the output of each window begins; below 0 if the window is larger than the image. */
  readonly starts: readonly number[];
  /** The part of each output that is used: from <= position < to, within the image. */
  readonly used: readonly { readonly from: number; readonly to: number }[];
}

export interface WindowPlan {
  readonly axes: readonly PlannedAxis[];
  /**
   * The weight of each position of an output, (...output); undefined if each position of the image is taken from one
   * window.
   */
  readonly weights: Float32Array | undefined;
  /** In words: "8 windows of 64 x 64, half overlapping". */
  readonly summary: string;
}

export interface WindowOptions {
  /** The largest window on an axis whose size is free. */
  readonly tile?: number;
  /** How far windows are apart, as a part of their size: 0.5 when left out. Only for networks without a margin. */
  readonly step?: number;
  /** The standard deviation of their weights, as a part of their size: 1/8 when left out. 0: all positions count alike. */
  readonly sigma?: number;
  /**
   * `even`: the fewest windows, at equal distances (nnU-Net). `shifted`: each a step after the last one, and the last one
   * moved back to end with the image (MONAI).
   */
  readonly placement?: 'even' | 'shifted';
}

/** nnU-Net's starts (compute_steps_for_sliding_window): 110 with windows of 64 and half steps: 0, 23, 46. */
function evenStarts(size: number, window: number, step: number): number[] {
  const count = Math.ceil((size - window) / (window * step)) + 1;
  if (count <= 1) return [0];
  const distance = (size - window) / (count - 1);
  return Array.from({ length: count }, (_, i) => roundHalfToEven(distance * i));
}

/** MONAI's starts (dense_patch_slices). */
function shiftedStarts(size: number, window: number, step: number): number[] {
  const distance = Math.max(1, Math.floor(window * step + 1e-9));
  const count = Math.max(1, Math.ceil((size - window) / distance) + 1);
  return Array.from({ length: count }, (_, i) => Math.min(i * distance, size - window));
}

/**
 * The weights of a window, (...output): a Gaussian around its centre. nnU-Net's centre is floor(n / 2); MONAI's is
 * (n - 1) / 2, and its weights are at least 0.001 (compute_gaussian, compute_importance_map).
 */
function gaussian(output: readonly number[], sigma: number, placement: 'even' | 'shifted'): Float32Array {
  const axes = output.map((size) => {
    const centre = placement === 'even' ? Math.floor(size / 2) : (size - 1) / 2;
    const deviation = sigma * size;
    return Float64Array.from({ length: size }, (_, i) =>
      Math.exp(-((i - centre) ** 2) / (2 * deviation ** 2)),
    );
  });
  let weights = Float64Array.of(1);
  for (const axis of axes) {
    const next = new Float64Array(weights.length * axis.length);
    for (const [i, weight] of weights.entries()) {
      for (const [j, own] of axis.entries()) next[i * axis.length + j] = weight * own;
    }
    weights = next;
  }
  if (placement === 'even') return Float32Array.from(weights);
  const least = Math.max(
    weights.reduce((low, one) => Math.min(low, one), 1),
    1e-3,
  );
  return Float32Array.from(weights, (weight) => Math.max(weight, least));
}

/** The window of an axis without a margin: the whole image, or the largest size that the network accepts up to `bound`. */
function windowFor(rule: InputRule, size: number, bound: number): number | Failure {
  if ('fixed' in rule) return rule.fixed;
  const least = admissibleFrom(rule, 1) ?? rule.minimum;
  if (least > bound) return failure('tile-too-small', { tile: bound, least, axis: rule.axis });
  const whole = admissibleFrom(rule, size);
  if (whole !== undefined && whole <= bound) return whole;
  return least + Math.floor((bound - least) / rule.step) * rule.step;
}

/**
 * Plans the windows of an image of `sizes` for a network with these `rules` and this `margin`. With a margin, the outputs
 * lie edge to edge (overlap-tile, Ronneberger et al. 2015). Without one, they overlap and are averaged by weights (nnU-Net,
 * Isensee et al. 2021, doi:10.1038/s41592-020-01008-z). `declared` is the size that the network was written for.
 */
export function planWindows(
  rules: readonly InputRule[],
  margin: readonly number[],
  sizes: readonly number[],
  { tile, step = 0.5, sigma = 1 / 8, placement = 'even' }: WindowOptions = {},
  declared?: readonly number[],
): WindowPlan | Failure {
  if (margin.some((lost) => lost > 0)) return planEdgeToEdge(rules, margin, sizes, tile);
  const axes: PlannedAxis[] = [];
  for (const [i, rule] of rules.entries()) {
    const size = sizes[i] ?? 0;
    const window = windowFor(rule, size, tile ?? declared?.[i] ?? (rules.length > 2 ? 96 : 512));
    if (window instanceof Failure) return window;
    // An image that is smaller than the window lies in its middle.
    const starts =
      size <= window
        ? [0 - Math.floor((window - size) / 2)]
        : (placement === 'even' ? evenStarts : shiftedStarts)(size, window, step);
    const used = starts.map((start) => ({ from: Math.max(0, start), to: Math.min(size, start + window) }));
    axes.push({ size, window, output: window, before: 0, starts, used });
  }
  const isOne = axes.every(({ starts }) => starts.length === 1);
  const output = axes.map((axis) => axis.output);
  const weights = isOne
    ? undefined
    : sigma === 0
      ? new Float32Array(elementCount(output)).fill(1)
      : gaussian(output, sigma, placement);
  return { axes, weights, summary: summaryOf(axes, isOne ? '' : ', overlapping') };
}

function planEdgeToEdge(
  rules: readonly InputRule[],
  margin: readonly number[],
  sizes: readonly number[],
  tile: number | undefined,
): WindowPlan | Failure {
  const options: FitOptions = { overlap: 0, ...(tile === undefined ? {} : { tileSize: tile }) };
  const plan = planFit(rules, margin, sizes, options);
  if (plan instanceof Failure) return plan;
  const axes = plan.axes.map(({ size, window, output, before, placements }) => ({
    ...{ size, window, output, before },
    starts: placements.map(({ start }) => start),
    used: placements.map(({ from, to }) => ({ from, to })),
  }));
  return { axes, weights: undefined, summary: plan.summary };
}

/** How many windows a plan has. */
export function windowCount({ axes }: Pick<WindowPlan, 'axes'>): number {
  return axes.reduce((product, { starts }) => product * starts.length, 1);
}

function summaryOf(axes: readonly PlannedAxis[], overlap: string): string {
  const count = windowCount({ axes });
  const window = shapeText(axes.map((axis) => axis.window));
  return count === 1 ? `one window of ${window}` : `${count} windows of ${window}${overlap}`;
}
