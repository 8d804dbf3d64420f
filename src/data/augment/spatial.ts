import { RandomStream } from '../../weights/random-stream.js';
import type { PatchSize } from '../patches/patch-size.js';
import { Rng } from '../rng.js';
import { PROBABILITY, type ResolvedAugmentation } from './augmentation.js';
import { displacementField } from './displacement.js';
import { type Geometry, identity, multiply, plainGeometry } from './geometry.js';

/** nnU-Net does not rotate volumes in planes whose axes differ more than this in resolution. */
const MOST_ANISOTROPY = 3;

type Matrix = number[][];

/** Pairs of axes: the planes of a rotation. */
function planes(rank: number): [number, number][] {
  return Array.from({ length: rank }, (_, i) => i).flatMap((i) =>
    Array.from({ length: rank - i - 1 }, (_, j): [number, number] => [i, i + j + 1]),
  );
}

/** The rotation in the plane of axes i and j by the angle with this cosine and sine. */
function rotation(rank: number, [i, j]: readonly [number, number], cosine: number, sine: number): Matrix {
  const entry = (row: number, column: number): number => {
    if (row === i && column === i) return cosine;
    if (row === j && column === j) return cosine;
    if (row === i && column === j) return -sine;
    if (row === j && column === i) return sine;
    return row === column ? 1 : 0;
  };
  return identity(rank).map((row, r) => row.map((_, c) => entry(r, c)));
}

function flips(rank: number, rng: Rng): Matrix {
  return identity(rank).map((row) => {
    const sign = rng.uniform(0, 1) < PROBABILITY.flip ? -1 : 1;
    return row.map((value) => (value === 0 ? 0 : sign * value));
  });
}

const QUARTERS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** Quarter turns in the planes whose axes have equal sizes and spacings: in others, the patch would not fit. */
function quarterTurns({ input, output }: PatchSize, spacing: readonly number[], rng: Rng): Matrix {
  let matrix = identity(input.length);
  for (const plane of planes(input.length)) {
    const [i, j] = plane;
    const [cosine, sine] = QUARTERS[rng.index(QUARTERS.length)] ?? QUARTERS[0];
    const equal = input[i] === input[j] && output[i] === output[j];
    const ratio = (spacing[i] ?? 1) / (spacing[j] ?? 1);
    if (!equal || Math.abs(ratio - 1) > 0.01) continue;
    matrix = multiply(matrix, rotation(input.length, plane, cosine, sine));
  }
  return matrix;
}

/** A rotation in each plane by up to `degrees` in either direction. Space is rotated, not positions: axes may differ in spacing. */
function rotations(degrees: number, spacing: readonly number[], rng: Rng): Matrix {
  const rank = spacing.length;
  let matrix = identity(rank);
  for (const plane of planes(rank)) {
    const radians = (rng.uniform(-degrees, degrees) * Math.PI) / 180;
    const ratio = (spacing[plane[0]] ?? 1) / (spacing[plane[1]] ?? 1);
    if (Math.max(ratio, 1 / ratio) > MOST_ANISOTROPY) continue;
    matrix = multiply(matrix, rotation(rank, plane, Math.cos(radians), Math.sin(radians)));
  }
  return matrix.map((row, i) => row.map((value, j) => (value * (spacing[j] ?? 1)) / (spacing[i] ?? 1)));
}

/**
 * A factor from 1 / (1 + range) to 1 + range, as likely to be above 1 as below. A range of 0.4 is about the 0.7 to 1.4 of
 * nnU-Net.
 */
export function drawFactor(range: number, rng: Rng): number {
  return Math.exp(rng.uniform(-1, 1) * Math.log1p(range));
}

function sum(a: readonly Float32Array[] | undefined, b: readonly Float32Array[]): readonly Float32Array[] {
  return a === undefined ? b : a.map((field, axis) => field.map((value, i) => value + (b[axis]?.[i] ?? 0)));
}

/**
 * Draws where a patch is read from. The patch begins at `start` in the image, and is then rotated, scaled and deformed around
 * its centre. Augmentation k draws from the stream `name/k`, so that no augmentation changes another.
 */
export function drawGeometry(
  augmentations: readonly ResolvedAugmentation[],
  patch: PatchSize,
  start: readonly number[],
  spacing: readonly number[],
  seed: number,
  name: string,
): Geometry {
  const plain = plainGeometry(patch.input, start);
  let { matrix, displacement } = plain;
  for (const [k, augmentation] of augmentations.entries()) {
    const stream = `${name}/${k}`;
    const rng = new Rng(seed, stream);
    // A flip is drawn separately for each axis.
    const { kind } = augmentation;
    if (kind !== 'flip' && rng.uniform(0, 1) > PROBABILITY[kind]) continue;
    switch (augmentation.kind) {
      case 'flip':
        matrix = multiply(matrix, flips(patch.input.length, rng));
        break;
      case 'rotate90':
        matrix = multiply(matrix, quarterTurns(patch, spacing, rng));
        break;
      case 'rotate':
        matrix = multiply(matrix, rotations(augmentation.degrees, spacing, rng));
        break;
      case 'scale': {
        // To enlarge the picture, neighbours in the patch are closer to each other in the image.
        const distance = 1 / drawFactor(augmentation.range, rng);
        matrix = matrix.map((row) => row.map((value) => value * distance));
        break;
      }
      case 'elastic':
        displacement = sum(
          displacement,
          augmentation.std.map((std, axis) =>
            displacementField(
              patch.input,
              augmentation.grid,
              std,
              new RandomStream(seed, `${stream}/axis ${axis}`),
            ),
          ),
        );
        break;
      case 'noise':
      case 'blur':
      case 'brightness':
      case 'contrast':
      case 'gamma':
        break;
      default:
        augmentation satisfies never;
    }
  }
  return { ...plain, matrix, displacement };
}
