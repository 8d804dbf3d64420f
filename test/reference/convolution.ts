import type { OpAttributes } from '../../src/ir/op-attributes.js';
import { count, forEachIndex, strides, type Tensor, zeros } from './tensor.js';

/**
 * out[n, o, y] = sum over i and k of w[o, i, k] x[n, g(o) I + i, y stride - before + k dilation] + bias[o].
 * The last axis is the inner loop; `y` runs over those outputs only whose input lies inside.
 */
export function convolution(
  x: Tensor,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  attributes: OpAttributes['conv'],
  outSpatial: readonly number[],
): Tensor {
  const { kernel, stride, dilation, before, groups, channels } = attributes;
  const [batch = 0, channelsIn = 0, ...inSpatial] = x.shape;
  const out = zeros([batch, channels, ...outSpatial]);
  const [inSize, outSize, kernelSize] = [count(inSpatial), count(outSpatial), count(kernel)];
  const perGroup = channelsIn / groups;
  const taps = tapsOf(kernel, (k, axis) => {
    const offset = k * at(dilation, axis) - at(before, axis);
    return { offset, step: at(stride, axis), from: inSpatial[axis] ?? 0, to: outSpatial[axis] ?? 0 };
  });
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < channels; o++) {
      const base = (n * channels + o) * outSize;
      if (bias) out.data.fill(bias[o] ?? 0, base, base + outSize);
      const firstChannel = Math.floor(o / (channels / groups)) * perGroup;
      for (let i = 0; i < perGroup; i++) {
        const from = (n * channelsIn + firstChannel + i) * inSize;
        for (const [k, runs] of taps.entries()) {
          const w = weight[(o * perGroup + i) * kernelSize + k] ?? 0;
          gather(runs, w, x.data, from, out.data, base);
        }
      }
    }
  }
  return out;
}

/** out[n, o, j stride - before + k] += w[i, o, k] x[n, i, j], bias everywhere. */
export function transposedConvolution(
  x: Tensor,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  attributes: OpAttributes['convTranspose'],
  outSpatial: readonly number[],
): Tensor {
  const { kernel, stride, before, channels } = attributes;
  const [batch = 0, channelsIn = 0, ...inSpatial] = x.shape;
  const out = zeros([batch, channels, ...outSpatial]);
  const [inSize, outSize, kernelSize] = [count(inSpatial), count(outSpatial), count(kernel)];
  // Seen from the input, the roles are exchanged: position j of the input meets j stride + offset of the
  // output.
  const taps = tapsOf(kernel, (k, axis) => ({
    offset: k - at(before, axis),
    step: at(stride, axis),
    from: outSpatial[axis] ?? 0,
    to: inSpatial[axis] ?? 0,
  }));
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < channels; o++) {
      const base = (n * channels + o) * outSize;
      if (bias) out.data.fill(bias[o] ?? 0, base, base + outSize);
      for (let i = 0; i < channelsIn; i++) {
        const from = (n * channelsIn + i) * inSize;
        for (const [k, runs] of taps.entries()) {
          const w = weight[(i * channels + o) * kernelSize + k] ?? 0;
          scatter(runs, w, x.data, from, out.data, base);
        }
      }
    }
  }
  return out;
}

/** For one kernel position: rows of `dense` elements (step 1) that meet rows of strided elements. */
interface Runs {
  readonly denseStarts: readonly number[];
  readonly stridedStarts: readonly number[];
  readonly length: number;
  readonly step: number;
}

interface TapAxis {
  readonly offset: number;
  readonly step: number;
  /** Sizes of the strided side and of the dense side. */
  readonly from: number;
  readonly to: number;
}

/**
 * The runs of each kernel position: dense index y meets strided index y step + offset where that lies
 * inside.
 */
function tapsOf(kernel: readonly number[], axisOf: (k: number, axis: number) => TapAxis): readonly Runs[] {
  const taps: Runs[] = [];
  forEachIndex(kernel, (position) => {
    const axes = position.map(axisOf);
    const low = axes.map(({ offset, step }) => Math.max(0, Math.ceil(-offset / step)));
    const high = axes.map(({ offset, step, from, to }) =>
      Math.min(to, Math.floor((from - 1 - offset) / step) + 1),
    );
    const sizes = low.map((start, axis) => Math.max(0, at(high, axis) - start));
    const denseStrides = strides(axes.map(({ to }) => to));
    const stridedStrides = strides(axes.map(({ from }) => from));
    const denseStarts: number[] = [];
    const stridedStarts: number[] = [];
    forEachIndex([...sizes.slice(0, -1), 1], (index) => {
      let dense = 0;
      let strided = 0;
      for (const [axis, { offset, step }] of axes.entries()) {
        const y = at(index, axis) + at(low, axis);
        dense += y * at(denseStrides, axis);
        strided += (y * step + offset) * at(stridedStrides, axis);
      }
      denseStarts.push(dense);
      stridedStarts.push(strided);
    });
    taps.push({
      denseStarts,
      stridedStarts,
      length: at(sizes, sizes.length - 1),
      step: axes.at(-1)?.step ?? 1,
    });
  });
  return taps;
}

function gather(
  runs: Runs,
  w: number,
  x: Float64Array,
  xBase: number,
  out: Float64Array,
  outBase: number,
): void {
  const { denseStarts, stridedStarts, length, step } = runs;
  for (let row = 0; row < denseStarts.length; row++) {
    const to = outBase + at(denseStarts, row);
    const from = xBase + at(stridedStarts, row);
    // Indexes lie inside by construction; `as` because a check of each would take most of the time.
    if (step === 1) {
      for (let i = 0; i < length; i++) out[to + i] = (out[to + i] as number) + w * (x[from + i] as number);
    } else {
      for (let i = 0; i < length; i++)
        out[to + i] = (out[to + i] as number) + w * (x[from + i * step] as number);
    }
  }
}

function scatter(
  runs: Runs,
  w: number,
  x: Float64Array,
  xBase: number,
  out: Float64Array,
  outBase: number,
): void {
  const { denseStarts, stridedStarts, length, step } = runs;
  for (let row = 0; row < denseStarts.length; row++) {
    const from = xBase + at(denseStarts, row);
    const to = outBase + at(stridedStarts, row);
    for (let i = 0; i < length; i++) {
      out[to + i * step] = (out[to + i * step] as number) + w * (x[from + i] as number);
    }
  }
}

function at(list: readonly number[], index: number): number {
  const value = list[index];
  if (value === undefined) throw new Error(`no entry ${index}`);
  return value;
}
