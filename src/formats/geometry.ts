export type LengthUnit = 'm' | 'cm' | 'mm' | 'um' | 'nm' | 'inch' | 'pixel';

/** Four rows of four numbers. */
export type Affine = readonly (readonly number[])[];

/** What the header of a file says about the place of its voxels, in its own terms: what a writer needs to keep it. */
export type NativeGeometry =
  | {
      readonly form: 'nifti';
      /** The first bytes of the file as they are: the header of NIfTI-1 (348) or NIfTI-2 (540). */
      readonly header: Uint8Array;
      readonly qformCode: number;
      readonly sformCode: number;
      /** Each transform on its own, where the header has it. */
      readonly qform: Affine | undefined;
      readonly sform: Affine | undefined;
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
    };

export interface Geometry {
  /** From the voxel (x, y, z) to mm in RAS+; undefined where the file does not place its voxels. */
  readonly affine: Affine | undefined;
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

/** The affine of the three columns that a step along x, y and z leads by, and of voxel (0, 0, 0). */
export function affineOf(columns: readonly (readonly number[])[], origin: readonly number[]): Affine {
  const row = (i: number) => [...[0, 1, 2].map((j) => columns[j]?.[i] ?? 0), origin[i] ?? 0];
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}

/** The other of RAS and LPS: x and y change their sign. */
export function flipXY(affine: Affine): Affine {
  return affine.map((row, i) => (i < 2 ? row.map((value) => (value === 0 ? 0 : -value)) : row));
}

/** All lengths of the affine by `factor`. */
export function scaledAffine(affine: Affine, factor: number): Affine {
  return affine.map((row, i) => (i < 3 ? row.map((value) => value * factor) : row));
}

/** The lengths of the columns: the distances between voxels along x, y, z. */
export function columnLengths(affine: Affine): number[] {
  return [0, 1, 2].map((j) => Math.hypot(affine[0]?.[j] ?? 0, affine[1]?.[j] ?? 0, affine[2]?.[j] ?? 0));
}

const LETTERS = ['LR', 'PA', 'IS'] as const;

/**
 * The three letters of an affine: each axis of the world is given to one index axis, the largest cosine first, as
 * nibabel does. Undefined where the affine is singular.
 */
export function orientationOf(affine: Affine): string | undefined {
  const lengths = columnLengths(affine);
  if (lengths.some((length) => !(length > 0 && Number.isFinite(length)))) return undefined;
  const cosine = (i: number, j: number) => (affine[i]?.[j] ?? 0) / (lengths[j] ?? 1);
  const letters: string[] = ['', '', ''];
  const freeRows = new Set([0, 1, 2]);
  for (const j of [0, 1, 2].sort((a, b) => largest(cosine, b) - largest(cosine, a))) {
    const i = [...freeRows].sort((a, b) => Math.abs(cosine(b, j)) - Math.abs(cosine(a, j)))[0] ?? 0;
    if (cosine(i, j) === 0) return undefined;
    freeRows.delete(i);
    letters[j] = LETTERS[i]?.[cosine(i, j) > 0 ? 1 : 0] ?? '';
  }
  return letters.join('');
}

function largest(cosine: (i: number, j: number) => number, j: number): number {
  return Math.max(...[0, 1, 2].map((i) => Math.abs(cosine(i, j))));
}

/** The affine, where all of its numbers are finite. */
export function finiteAffine(affine: Affine): Affine | undefined {
  return affine.every((row) => row.every((value) => Number.isFinite(value))) ? affine : undefined;
}
