/**
 * The attributes of every op kind. All per-axis lists have one entry per spatial axis, in the order of the input (H, W
 * or D, H, W).
 */
export interface OpAttributes {
  /** The network's input, (N, channels, ...spatial). */
  input: { readonly channels: number };
  /** The network's second input, the time step: one number per sample, (N, 1, ...ones). */
  time: Record<never, never>;
  /** Convolution (cross-correlation, as in all frameworks). */
  conv: ConvAttributes;
  /** Transposed convolution; output size (n - 1) stride + kernel - before - after. */
  convTranspose: {
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly channels: number;
    readonly bias: boolean;
    readonly init: InitName;
  };
  maxPool: PoolAttributes;
  /** Mean over each window; windows lie inside the input. */
  avgPool: PoolAttributes;
  /**
   * Enlarges by whole factors. `nearest` repeats; `linear` interpolates, with `alignCorners` either
   * on corner positions or on pixel centres (half-pixel).
   */
  resize: {
    readonly mode: 'nearest' | 'linear';
    readonly factor: readonly number[];
    readonly alignCorners: boolean;
  };
  /**
   * Changes the size of each axis by `change` positions, which may be negative: linear, on pixel centres (half-pixel).
   * Output i of m, from n inputs, lies at (i + 0.5) n / m - 0.5, clamped to the input.
   */
  interpolate: { readonly change: readonly number[] };
  /** Adds positions at both ends of each axis: zeros, mirrored without the border, or the border repeated. */
  pad: {
    readonly mode: 'zero' | 'reflect' | 'replicate';
    readonly before: readonly number[];
    readonly after: readonly number[];
  };
  /** Removes positions at both ends of each axis. */
  crop: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** Joins along the channels, in the order of the inputs. */
  concat: Record<never, never>;
  /** Sums. The second input may have a single position, which is added at every position of the first. */
  add: Record<never, never>;
  /** Products. The second input may have a single position or a single channel, which multiplies all of the first. */
  mul: Record<never, never>;
  /** The mean of each channel over all positions: (N, C, ...ones). */
  globalAverage: Record<never, never>;
  /**
   * The sinusoidal embedding of one number t per sample (Vaswani et al. 2017, section 3.5, as in the code of Ho et al.
   * 2020, arXiv:2006.11239): with h = channels / 2 and f_i = period^(-i / (h - 1)), channel i is sin(t f_i) and channel
   * h + i is cos(t f_i).
   */
  sinusoid: { readonly channels: number; readonly period: number };
  /**
   * Normalises each channel by running statistics (inference) or by the statistics of the batch (training). momentum is
   * the weight of the new batch: running = (1 - momentum) running + momentum batch.
   */
  batchNorm: { readonly affine: boolean; readonly momentum: number; readonly eps: number };
  /** Normalises each channel of each sample over its positions. */
  instanceNorm: { readonly affine: boolean; readonly eps: number };
  /** Normalises groups of channels of each sample over channels and positions. */
  groupNorm: { readonly groups: number; readonly affine: boolean; readonly eps: number };
  /** Normalises over the channels at each position. */
  layerNorm: { readonly affine: boolean; readonly eps: number };
  relu: Record<never, never>;
  leakyRelu: { readonly slope: number };
  /** A learned slope for negative inputs: one per channel, or one for all channels. */
  prelu: { readonly shared: boolean };
  /** x for x > 0, else alpha (exp(x) - 1). */
  elu: { readonly alpha: number };
  /** x Phi(x), with the exact Gaussian distribution function (erf), not the tanh approximation. */
  gelu: Record<never, never>;
  /** x sigmoid(x). */
  silu: Record<never, never>;
  sigmoid: Record<never, never>;
  /** Softmax over the channels at each position. */
  softmax: Record<never, never>;
  /**
   * Scaled dot-product attention of query, key and value, its three inputs (N, C, ...spatial), over all positions
   * (Vaswani et al. 2017, arXiv:1706.03762, section 3.2). The channels form `heads` groups of d = C / heads
   * neighbours; for each, with the positions as rows: softmax(query key^T / sqrt(d)) value.
   */
  attention: { readonly heads: number };
  /** Adds a learned table of shape (C, ...size): the input must have exactly these sizes. */
  positions: { readonly size: readonly number[] };
  /** Zeroes each element with probability `rate` in training and scales the rest; the identity in inference. */
  dropout: { readonly rate: number };
}

export type OpKind = keyof OpAttributes;

export interface ConvAttributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Zeros added at the start and the end of each axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The remainder that the input size must leave modulo the stride. */
  readonly residue: readonly number[];
  readonly channels: number;
  readonly groups: number;
  readonly bias: boolean;
  readonly init: InitName;
}

export interface PoolAttributes {
  readonly window: readonly number[];
  readonly stride: readonly number[];
}

export type InitName = 'he_normal' | 'he_uniform' | 'glorot_uniform' | 'zeros';
