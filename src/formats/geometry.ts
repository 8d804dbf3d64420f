export type LengthUnit = 'm' | 'cm' | 'mm' | 'um' | 'nm' | 'inch' | 'pixel';

/** Four rows of four numbers. */
export type WorldAffine = readonly (readonly number[])[];

/** What the header of a file says about the place of its voxels, in its own terms: what a writer needs to keep it. */
export type NativeGeometry =
  | {
      readonly form: 'nifti';
      /** The first bytes of the file as they are: the header of NIfTI-1 (348) or NIfTI-2 (540). */
      readonly header: Uint8Array;
      readonly qformCode: number;
      readonly sformCode: number;
      /** Each transform on its own, where the header has it. */
      readonly qform: WorldAffine | undefined;
      readonly sform: WorldAffine | undefined;
    }
  | { readonly form: 'mgh'; readonly header: Uint8Array; readonly rasGood: boolean }
  /** ITK's terms, in LPS: the origin, the spacing per index axis (x, y, z), the columns of `direction` its axes. */
  | {
      readonly form: 'itk';
      readonly origin: readonly number[];
      readonly spacing: readonly number[];
      readonly direction: readonly (readonly number[])[];
    }
  | {
      readonly form: 'nrrd';
      /** The value of the field `space`, or undefined. */
      readonly space: string | undefined;
      readonly fields: Readonly<Record<string, string>>;
    }
  | {
      readonly form: 'ome-zarr';
      readonly version: '0.4' | '0.5';
      /** As the file names them, slowest first, channels included. */
      readonly axes: readonly { readonly name: string; readonly type?: string; readonly unit?: string }[];
      /** Of the array, in their order. */
      readonly transformations: readonly ZarrTransformation[];
      /** Of the image as a whole, which follow those of the array. */
      readonly imageTransformations: readonly ZarrTransformation[];
    };

/** A scaling or a translation, with a number for each axis. */
export interface ZarrTransformation {
  readonly type: 'scale' | 'translation';
  readonly values: readonly number[];
}

export interface WorldGeometry {
  /** From the voxel (x, y, z) to mm in RAS+; undefined where the file does not place its voxels. */
  readonly affine: WorldAffine | undefined;
  /** The distance between voxels for each spatial axis of the header, in its order (slowest first). */
  readonly spacing: readonly number[];
  /** The unit that the file states for `spacing`. The affine is in mm whatever it is. */
  readonly unit: LengthUnit | undefined;
  /** Where each index axis (x, y, z) leads: "RAS", "LPI"; undefined without an affine. */
  readonly orientation: string | undefined;
  readonly native?: NativeGeometry;
}

/** How many mm a unit is. */
const MILLIMETRES: Readonly<Record<LengthUnit, number>> = {
  m: 1000,
  cm: 10,
  mm: 1,
  um: 1e-3,
  nm: 1e-6,
  inch: 25.4,
  pixel: 1,
};

export function millimetres(unit: LengthUnit | undefined): number {
  return MILLIMETRES[unit ?? 'mm'];
}

/** Whether a unit tells at most how large an image is on a screen or on paper, not how far its pixels are apart in the world. */
export function isScreenUnit(unit: LengthUnit | undefined): boolean {
  return unit === undefined || unit === 'inch' || unit === 'cm' || unit === 'pixel';
}

/** The affine of the three columns that a step along x, y and z leads by, and of voxel (0, 0, 0). */
export function affineOf(columns: readonly (readonly number[])[], origin: readonly number[]): WorldAffine {
  const row = (i: number) => [...[0, 1, 2].map((j) => columns[j]?.[i] ?? 0), origin[i] ?? 0];
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}

/** The affine of voxels whose axes x, y, z lead along the world's, from its origin on; `spacing` is that of z, y, x. */
export function uprightAffine(spacing: readonly number[], unit: LengthUnit): WorldAffine {
  const sizes = spacing.toReversed().map((size) => size * millimetres(unit));
  const columns = [0, 1, 2].map((j) => [0, 1, 2].map((i) => (i === j ? (sizes[j] ?? 1) : 0)));
  return affineOf(columns, [0, 0, 0]);
}

/** The other of RAS and LPS: x and y change their sign. */
export function flipXY(affine: WorldAffine): WorldAffine {
  return affine.map((row, i) => (i < 2 ? row.map((value) => (value === 0 ? 0 : -value)) : row));
}

/** All lengths of the affine by `factor`. */
export function scaledAffine(affine: WorldAffine, factor: number): WorldAffine {
  return affine.map((row, i) => (i < 3 ? row.map((value) => value * factor) : row));
}

/** The lengths of the columns: the distances between voxels along x, y, z. */
export function columnLengths(affine: WorldAffine): number[] {
  return [0, 1, 2].map((j) => Math.hypot(affine[0]?.[j] ?? 0, affine[1]?.[j] ?? 0, affine[2]?.[j] ?? 0));
}

const LETTERS = ['LR', 'PA', 'IS'] as const;

type Matrix = readonly (readonly number[])[];

const at = (matrix: Matrix, i: number, j: number) => matrix[i]?.[j] ?? 0;

/** The matrix of cofactors: the inverse's transpose, times the determinant. */
function cofactors(m: Matrix): number[][] {
  return [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => {
      const [i1, i2, j1, j2] = [(i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3];
      return at(m, i1, j1) * at(m, i2, j2) - at(m, i1, j2) * at(m, i2, j1);
    }),
  );
}

/** The rotation, perhaps with a reflection, nearest to a matrix (Higham's iteration); undefined where it is singular. */
function nearestRotation(matrix: Matrix): Matrix | undefined {
  let m = matrix;
  for (let step = 0; step < 100; step++) {
    const c = cofactors(m);
    const determinant = [0, 1, 2].reduce((sum, j) => sum + at(m, 0, j) * at(c, 0, j), 0);
    if (Math.abs(determinant) < 1e-12 || !Number.isFinite(determinant)) return undefined;
    const next = m.map((row, i) => row.map((value, j) => (value + at(c, i, j) / determinant) / 2));
    const change = Math.max(
      ...next.flatMap((row, i) => row.map((value, j) => Math.abs(value - at(m, i, j)))),
    );
    m = next;
    if (change < 1e-14) return m;
  }
  return m;
}

/**
 * The three letters of an affine, as nibabel finds them: shear is removed, and then each index axis is given to one
 * axis of the world, the axis with the largest cosine first. Undefined where the affine is singular.
 */
export function orientationOf(affine: WorldAffine): string | undefined {
  const lengths = columnLengths(affine);
  if (lengths.some((length) => !(length > 0 && Number.isFinite(length)))) return undefined;
  const rotation = nearestRotation(
    [0, 1, 2].map((i) => [0, 1, 2].map((j) => at(affine, i, j) / (lengths[j] ?? 1))),
  );
  if (rotation === undefined) return undefined;
  const strength = (j: number) => Math.max(...[0, 1, 2].map((i) => at(rotation, i, j) ** 2));
  const letters: string[] = ['', '', ''];
  const freeRows = new Set([0, 1, 2]);
  for (const j of [0, 1, 2].sort((a, b) => strength(b) - strength(a))) {
    const [i = 0] = [...freeRows].sort((a, b) => Math.abs(at(rotation, b, j)) - Math.abs(at(rotation, a, j)));
    freeRows.delete(i);
    letters[j] = LETTERS[i]?.[at(rotation, i, j) > 0 ? 1 : 0] ?? '';
  }
  return letters.join('');
}

/** The affine, where all of its numbers are finite. */
export function finiteAffine(affine: WorldAffine): WorldAffine | undefined {
  return affine.every((row) => row.every((value) => Number.isFinite(value))) ? affine : undefined;
}
