/**
 * The arguments of the layers that tfjs lacks. Values are channels last, (N, ...spatial, C), with two or three spatial
 * axes; lists have one entry per spatial axis, in the order of the input. Sizes may be free (null).
 */
interface LayerConfig {
  readonly name?: string;
}

/** Positions at the start and at the end of an axis. */
export type Ends = readonly [before: number, after: number];

/** Removes positions at both ends of each axis. */
export interface CroppingConfig extends LayerConfig {
  readonly cropping: readonly Ends[];
}

/** Adds positions at both ends of each axis: zeros, mirrored without the border, or the border repeated. */
export interface PaddingConfig extends LayerConfig {
  readonly padding: readonly Ends[];
  readonly mode: 'zero' | 'reflect' | 'replicate';
}

/**
 * Enlarges by whole factors. `nearest` repeats; `linear` interpolates on pixel centres (half-pixel), or on corner
 * positions with `alignCorners`.
 */
export interface UpSamplingConfig extends LayerConfig {
  readonly size: readonly number[];
  readonly interpolation: 'nearest' | 'linear';
  readonly alignCorners?: boolean;
}

/**
 * Batch normalisation of any rank. As in tfjs: running = momentum running + (1 - momentum) batch. Weights: gamma
 * (`scale`), beta (`center`), moving_mean, moving_variance, each (C).
 */
export interface BatchNormalizationConfig extends LayerConfig {
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/**
 * Normalises groups of neighbouring channels of each sample over channels and positions. `groups` equal to the
 * number of channels is instance normalisation. Weights: gamma, beta, each (C).
 */
export interface GroupNormalizationConfig extends LayerConfig {
  readonly groups: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/** Normalises over the channels at each position, at any rank. Weights: gamma, beta, each (C). */
export interface LayerNormalizationConfig extends LayerConfig {
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

/**
 * A convolution without padding whose channels form groups (or one group), with dilations that train. Weights: kernel
 * (...kernelSize, C / groups, filters), bias (filters).
 */
export interface GroupedConvConfig extends LayerConfig {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate: readonly number[];
  readonly groups: number;
  readonly useBias: boolean;
  readonly kernelInitializer?: KernelInitializer;
}

/**
 * A transposed convolution of output size (n - 1) stride + kernel - before - after. Negative croppings enlarge the
 * output by positions that contain only the bias. Weights: kernel (...kernelSize, filters, C), bias (filters).
 */
export interface ConvTransposeConfig extends LayerConfig {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly cropping: readonly Ends[];
  readonly useBias: boolean;
  readonly kernelInitializer?: KernelInitializer;
}

/** x for x > 0, else alpha (exp(x) - 1). tfjs has it only for alpha 1. */
export interface EluConfig extends LayerConfig {
  readonly alpha: number;
}

/**
 * Scaled dot-product attention over all positions: query, key and value, three inputs of one shape, give a map of that
 * shape. The channels form `heads` groups of neighbours. No weights.
 */
export interface AttentionConfig extends LayerConfig {
  readonly heads: number;
}

/**
 * Adds a learned table to each sample, so that only one input size fits. Weights: table (...size, C), from a normal
 * distribution of standard deviation 0.02.
 */
export interface PositionsConfig extends LayerConfig {}

/**
 * Changes the size of each axis by `change` positions, which may be negative: linear interpolation on pixel centres
 * (half-pixel).
 */
export interface InterpolationConfig extends LayerConfig {
  readonly change: readonly number[];
}

/** The mean of each channel over all positions: (N, ...spatial, C) to (N, ...ones, C). */
export interface GlobalAverageConfig extends LayerConfig {}

/**
 * The sinusoidal embedding of the numbers of one channel: with h = channels / 2 and f_i = period^(-i / (h - 1)),
 * channel i is sin(t f_i) and channel h + i is cos(t f_i).
 */
export interface SinusoidConfig extends LayerConfig {
  readonly channels: number;
  readonly period: number;
}

/** The initializers of tfjs that the language has. */
export type KernelInitializer = 'heNormal' | 'heUniform' | 'glorotUniform' | 'zeros';

/** The layers by the names of their factories. */
export interface CustomLayerConfigs {
  readonly cropping: CroppingConfig;
  readonly padding: PaddingConfig;
  readonly upSampling: UpSamplingConfig;
  readonly batchNormalization: BatchNormalizationConfig;
  readonly groupNormalization: GroupNormalizationConfig;
  readonly layerNormalization: LayerNormalizationConfig;
  readonly groupedConv: GroupedConvConfig;
  readonly convTranspose: ConvTransposeConfig;
  readonly elu: EluConfig;
  readonly attention: AttentionConfig;
  readonly positions: PositionsConfig;
  readonly interpolation: InterpolationConfig;
  readonly globalAverage: GlobalAverageConfig;
  readonly sinusoid: SinusoidConfig;
}

export type CustomLayerName = keyof CustomLayerConfigs;

/** The class names of the layers in a model file. */
export const customClassNames: { readonly [K in CustomLayerName]: string } = {
  cropping: 'UnetCropping',
  padding: 'UnetPadding',
  upSampling: 'UnetUpSampling',
  batchNormalization: 'UnetBatchNormalization',
  groupNormalization: 'UnetGroupNormalization',
  layerNormalization: 'UnetLayerNormalization',
  groupedConv: 'UnetGroupedConv',
  convTranspose: 'UnetConvTranspose',
  elu: 'UnetElu',
  attention: 'UnetAttention',
  positions: 'UnetPositions',
  interpolation: 'UnetInterpolation',
  globalAverage: 'UnetGlobalAverage',
  sinusoid: 'UnetSinusoid',
};
