import { affineOf, finiteAffine, flipXY, orientationOf, type WorldGeometry } from '../geometry.js';

/** ITK's terms: millimetres, towards left, posterior and superior. All are x first. */
export interface ItkPlacement {
  readonly sizes: readonly number[];
  readonly spacing: readonly number[];
  readonly origin: readonly number[];
  /** The direction of each axis. */
  readonly direction: readonly (readonly number[])[];
}

/** The geometry of an image of two or three spatial axes; one of two lies in the plane z = 0. */
export function itkGeometry({ sizes, spacing, origin, direction }: ItkPlacement): WorldGeometry {
  const rank = Math.min(3, sizes.length);
  const columns = [0, 1, 2].map((axis) =>
    [0, 1, 2].map((i) =>
      axis < rank && i < rank ? (direction[axis]?.[i] ?? 0) * (spacing[axis] ?? 1) : axis === i ? 1 : 0,
    ),
  );
  const lps = affineOf(
    columns,
    [0, 1, 2].map((i) => (i < rank ? (origin[i] ?? 0) : 0)),
  );
  const affine = finiteAffine(flipXY(lps));
  return {
    affine,
    spacing: spacing
      .slice(0, rank)
      .map((value) => Math.abs(value) || 1)
      .reverse(),
    unit: 'mm',
    orientation: affine && orientationOf(affine),
    native: { form: 'itk', origin, spacing, direction },
  };
}
