import { columnLengths, type WorldAffine } from '../geometry.js';

/** A rotation as NIfTI's method 2 has it. */
export interface Quaternion {
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** -1 where the third axis is mirrored. */
  readonly qfac: 1 | -1;
}

/** Rounding of float32 headers, and no more. */
const TOLERANCE = 1e-4;

/** The rotation of an affine; undefined where its axes are not at right angles, which a quaternion cannot say. */
export function quaternionOf(affine: WorldAffine): Quaternion | undefined {
  const lengths = columnLengths(affine);
  const r = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (affine[i]?.[j] ?? 0) / (lengths[j] ?? 1)));
  const at = (i: number, j: number) => r[i]?.[j] ?? 0;
  const dot = (a: number, b: number) => [0, 1, 2].reduce((sum, i) => sum + at(i, a) * at(i, b), 0);
  if (lengths.some((length) => !(length > 0))) return undefined;
  if ([dot(0, 1), dot(0, 2), dot(1, 2)].some((cosine) => Math.abs(cosine) > TOLERANCE)) return undefined;
  const determinant =
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0));
  const qfac = determinant < 0 ? -1 : 1;
  for (const row of r) row[2] = (row[2] ?? 0) * qfac;
  const [w, x, y, z] = unitQuaternion(at);
  const sign = w < 0 ? -1 : 1;
  return { b: x * sign, c: y * sign, d: z * sign, qfac };
}

/** The quaternion (w, x, y, z) of a rotation, by its largest part. */
function unitQuaternion(at: (i: number, j: number) => number): [number, number, number, number] {
  const [xx, yy, zz] = [at(0, 0), at(1, 1), at(2, 2)];
  const squares = [1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz];
  const largest = squares.indexOf(Math.max(...squares));
  const part = Math.sqrt(squares[largest] ?? 1) / 2;
  const other = (value: number) => value / (4 * part);
  switch (largest) {
    case 0:
      return [part, other(at(2, 1) - at(1, 2)), other(at(0, 2) - at(2, 0)), other(at(1, 0) - at(0, 1))];
    case 1:
      return [other(at(2, 1) - at(1, 2)), part, other(at(0, 1) + at(1, 0)), other(at(0, 2) + at(2, 0))];
    case 2:
      return [other(at(0, 2) - at(2, 0)), other(at(0, 1) + at(1, 0)), part, other(at(1, 2) + at(2, 1))];
    default:
      return [other(at(1, 0) - at(0, 1)), other(at(0, 2) + at(2, 0)), other(at(1, 2) + at(2, 1)), part];
  }
}
