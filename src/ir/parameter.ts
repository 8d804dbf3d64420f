import type { InitName } from './op-attributes.js';

export type ParameterRole =
  | 'weight'
  | 'bias'
  | 'scale'
  | 'shift'
  | 'slope'
  | 'mean'
  | 'variance'
  | 'position';

/**
 * The initial values of a parameter. Fans count the connections of one neuron, as in the formulas of the initializers.
 */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: Exclude<InitName, 'zeros'>; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'normal'; readonly standardDeviation: number };

/**
 * A tensor that a network stores. Its shape is layout-neutral: conv weights are (out, in / groups, ...kernel),
 * transposed conv weights (in, out, ...kernel), tables of positions (channels, ...size), everything else (channels).
 */
export interface Parameter {
  /** The stage path and the role: `encoder[2].conv[1].weight`. */
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** False for running statistics: they are saved, but not trained. */
  readonly trainable: boolean;
}

/** The product of the sizes; 1 for no axes. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Row-major strides in elements: [H * W, W, 1] for (C, H, W). */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}
