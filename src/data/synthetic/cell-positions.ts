import { RandomStream } from '../../weights/random-stream.js';
import { Rng } from '../rng.js';
import { smoothField } from './smooth-field.js';

/** A cell before it is deformed: an ellipse, or an ellipsoid. */
export interface SyntheticCell {
  /** In the units of `extent`: see placeCells. */
  readonly centre: readonly number[];
  /** Row k: the direction of semi-axis k divided by its length. Inside, |matrix (x - centre)| < 1. */
  readonly matrix: readonly (readonly number[])[];
  /** Half the size of the box around it on each axis. */
  readonly halfSize: readonly number[];
  /** How bright it is compared with the others, about -1 to 1. */
  readonly brightness: number;
}

/** The distance of neighbouring points of the lattice, in mean radii: below 2, so that most neighbours overlap. */
const PITCH = 1.5;
/** How far a cell may lie from its point of the lattice, in pitches. */
const JITTER = 0.27;
/** Semi-axes in mean radii. */
const SEMI_AXES = [0.8, 1.25] as const;
/** There is no cell where the density, with mean 0 and standard deviation 1, is below this. */
const LEAST_DENSITY = -0.6;

/** How many points of the lattice an image of `extent` has: at least the number of cells. */
export function latticePoints(extent: readonly number[], radius: number): number {
  return latticeOf(extent, radius).reduce((product, count) => product * count, 1);
}

/** Points on each axis, with one outside on either side, whose cells may extend into the image. */
function latticeOf(extent: readonly number[], radius: number): number[] {
  return extent.map((size) => Math.ceil(size / (PITCH * radius)) + 3);
}

/** Orthonormal rows: normal vectors, made orthogonal one after the other (Gram-Schmidt), so no direction is preferred. */
function randomRotation(rank: number, rng: Rng): number[][] {
  const rows: number[][] = [];
  while (rows.length < rank) {
    const row = Array.from({ length: rank }, () => rng.normal());
    for (const before of rows) {
      const along = before.reduce((sum, value, k) => sum + value * (row[k] ?? 0), 0);
      for (const [k, value] of before.entries()) row[k] = (row[k] ?? 0) - along * value;
    }
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 1e-3) rows.push(row.map((value) => value / length));
  }
  return rows;
}

function cellAt(centre: readonly number[], radius: number, rng: Rng): SyntheticCell {
  const rotation = randomRotation(centre.length, rng);
  const lengths = rotation.map(() => radius * rng.uniform(...SEMI_AXES));
  const matrix = rotation.map((row, k) => row.map((value) => value / (lengths[k] ?? 1)));
  const halfSize = centre.map((_, axis) =>
    Math.sqrt(
      rotation.reduce((sum, row, k) => {
        const along = (row[axis] ?? 0) * (lengths[k] ?? 0);
        return sum + along * along;
      }, 0),
    ),
  );
  return { centre, matrix, halfSize, brightness: rng.uniform(-1, 1) };
}

/**
 * Ellipses (ellipsoids with three axes) of about `radius` over an area of `extent`, in clusters: most overlap with their
 * neighbours, and there are gaps between clusters. They lie near the points of a lattice, in which every other row is
 * shifted by half a pitch.
 */
export function placeCells(
  extent: readonly number[],
  radius: number,
  seed: number,
  name: string,
): SyntheticCell[] {
  const lattice = latticeOf(extent, radius);
  const density = smoothField(
    lattice,
    lattice.map(() => 2.2),
    new RandomStream(seed, `${name}/density`),
  );
  const rng = new Rng(seed, `${name}/cells`);
  const pitch = PITCH * radius;
  const cells: SyntheticCell[] = [];
  for (const [index, value] of density.entries()) {
    let rest = index;
    const point = lattice.map(() => 0);
    for (let axis = lattice.length - 1; axis >= 0; axis--) {
      const count = lattice[axis] ?? 1;
      point[axis] = rest % count;
      rest = Math.floor(rest / count);
    }
    const centre = point.map((position, axis) => {
      const before = point.slice(0, axis).reduce((sum, other) => sum + other, 0);
      const shift = axis > 0 && before % 2 === 1 ? 0.5 : 0;
      return (position - 1.25 + shift + rng.uniform(-JITTER, JITTER)) * pitch;
    });
    // Drawn for every point, so that one point without a cell changes no other cell.
    const cell = cellAt(centre, radius, rng);
    if (value >= LEAST_DENSITY) cells.push(cell);
  }
  return cells;
}
