import { type Affine, ONE_POSITION, scaleThenShift, shift, shiftThenDivide } from './affine.js';

/**
 * What an op does to one spatial axis. Shapes, admissible sizes and receptive fields are all derived from these forms,
 * so that they cannot disagree.
 *
 * - `window`: a window of `extent` input positions moves by `stride` over the input with `before` and `after` positions
 *   added (removed if negative). Output i sees the inputs i * stride - before ... i * stride - before + extent - 1. The
 *   input size must leave the remainder `residue` modulo `stride`. Padding and cropping are windows of extent 1.
 * - `stretch`: each input position j is spread over the outputs j * stride - before ... j * stride - before + extent -
 *   1; the output size is (n - 1) * stride + extent - before - after. With `linear`, an output reads the two inputs
 *   around its centre instead.
 * - `interpolated`: every size changes by `change` positions; an output reads the two inputs around its centre.
 * - `whole`: the size stays, and each output sees every input position.
 * - `point`: one position remains, which sees every input position.
 */
export type AxisMap =
  | {
      readonly kind: 'window';
      readonly extent: number;
      readonly stride: number;
      readonly before: number;
      readonly after: number;
      readonly residue: number;
    }
  | {
      readonly kind: 'stretch';
      readonly extent: number;
      readonly stride: number;
      readonly before: number;
      readonly after: number;
      readonly linear: boolean;
    }
  | { readonly kind: 'interpolated'; readonly change: number }
  | { readonly kind: 'whole' }
  | { readonly kind: 'point' };

export const IDENTITY_MAP: AxisMap = {
  kind: 'window',
  extent: 1,
  stride: 1,
  before: 0,
  after: 0,
  residue: 0,
};

/** The number of inputs after the last window, the same for every admissible size. */
function slack(map: AxisMap & { kind: 'window' }): number {
  const { residue, before, after, extent, stride } = map;
  return (((residue + before + after - extent) % stride) + stride) % stride;
}

/**
 * The output size as a function of the network's input size; undefined if a coefficient is too large for an exact
 * integer.
 */
export function mapAffine(map: AxisMap, size: Affine): Affine | undefined {
  if (map.kind === 'whole') return size;
  if (map.kind === 'point') return ONE_POSITION;
  if (map.kind === 'interpolated') return shift(size, map.change);
  if (map.kind === 'stretch') {
    return scaleThenShift(size, map.stride, map.extent - map.stride - map.before - map.after);
  }
  const total = map.before + map.after - map.extent - slack(map) + map.stride;
  return shiftThenDivide(size, total, map.stride);
}

/** The output size for an input size of this op; `fits` tells whether the stride divides it as required. */
export function mapSize(map: AxisMap, size: number): { readonly size: number; readonly fits: boolean } {
  if (map.kind === 'whole') return { size, fits: true };
  if (map.kind === 'point') return { size: 1, fits: true };
  if (map.kind === 'interpolated') return { size: size + map.change, fits: true };
  if (map.kind === 'stretch') {
    return { size: (size - 1) * map.stride + map.extent - map.before - map.after, fits: true };
  }
  const covered = size + map.before + map.after - map.extent;
  return {
    size: Math.floor(covered / map.stride) + 1,
    fits: (((size - map.residue) % map.stride) + map.stride) % map.stride === 0,
  };
}
