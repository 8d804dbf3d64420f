import type { PairDifference } from '../../diagnostics/codes/data-sets/files.js';
import { isScreenUnit, millimetres, type WorldAffine } from '../../formats/geometry.js';
import type { ArrayHeader } from '../../formats/stored-array.js';
import { transformDistance } from '../../formats/volume/transform-distance.js';

/** Relative differences of spacings, and differences of unit vectors, that writers round away. */
const SPACING_ROUNDING = 1e-3;
const DIRECTION_ROUNDING = 1e-2;
/** The part of a voxel that an origin may be off, and what rounding elsewhere may add to it at the other corners. */
const ORIGIN_ROUNDING = 0.1;
const CORNER_ROUNDING = 0.5;

type PlaceDifference = Extract<PairDifference, { case: 'spacing' | 'directions' | 'origin' }>;

/** Unit vectors of the index axes x, y and z in the world. */
function directions(affine: WorldAffine, spacing: readonly number[]): number[][] {
  return [0, 1, 2].map((j) => [0, 1, 2].map((i) => (affine[i]?.[j] ?? 0) / (spacing[j] ?? 1)));
}

function lengths(affine: WorldAffine): number[] {
  return [0, 1, 2].map((j) => Math.hypot(...[0, 1, 2].map((i) => affine[i]?.[j] ?? 0)));
}

function differs(a: readonly number[], b: readonly number[], most: number): boolean {
  return a.some((value, i) => Math.abs(value - (b[i] ?? value)) > most * Math.max(1e-3, Math.abs(value)));
}

/** In what the places of two files in the world differ; undefined where either states none. */
export function placeDifference(image: ArrayHeader, mask: ArrayHeader): PlaceDifference | undefined {
  const [own, other] = [image.geometry, mask.geometry];
  if (own === undefined || other === undefined) return undefined;
  if (own.affine === undefined || other.affine === undefined) {
    const inMillimetres = ({ spacing, unit }: typeof own) => spacing.map((one) => one * millimetres(unit));
    // Without a unit in one of them, or with the pixels of a screen, nothing is comparable.
    const known = !isScreenUnit(own.unit) && !isScreenUnit(other.unit) && image.format === mask.format;
    return known && differs(inMillimetres(own), inMillimetres(other), SPACING_ROUNDING)
      ? { case: 'spacing', image: own.spacing, mask: other.spacing }
      : undefined;
  }
  const [a, b] = [lengths(own.affine), lengths(other.affine)];
  if (differs(a, b, SPACING_ROUNDING)) {
    return { case: 'spacing', image: a.toReversed(), mask: b.toReversed() };
  }
  const [turned, others] = [directions(own.affine, a), directions(other.affine, b)];
  if (
    turned.some((axis, j) =>
      axis.some((value, i) => Math.abs(value - (others[j]?.[i] ?? 0)) > DIRECTION_ROUNDING),
    )
  ) {
    return { case: 'directions' };
  }
  const origin = (affine: WorldAffine) => [0, 1, 2].map((i) => affine[i]?.[3] ?? 0);
  const [from, to] = [origin(own.affine), origin(other.affine)];
  const distance = Math.hypot(...from.map((value, i) => value - (to[i] ?? 0)));
  const smallest = Math.min(...a);
  if (distance > ORIGIN_ROUNDING * smallest) return { case: 'origin', distance };
  return transformDistance(own.affine, other.affine, image.axes) > CORNER_ROUNDING * smallest
    ? { case: 'directions' }
    : undefined;
}
