import { Failure, failure } from '../../diagnostics/failure.js';
import type { recipeTable } from '../../language/schema/recipe-attributes.js';
import type { SchemaValue } from '../../language/schema/value-schema.js';
import type { PatchSize } from '../patches/patch-size.js';
import { type Length, lengthInPositions } from './length.js';

/** An item of a recipe's `augment`, as it was read. */
export type Augmentation = SchemaValue<typeof recipeTable.augment>[number];
export type AugmentationKind = Augmentation['kind'];

/** The same with nothing left open. Lengths are in positions of each axis. */
export type ResolvedAugmentation =
  | { readonly kind: 'flip' | 'rotate90' }
  | { readonly kind: 'rotate'; readonly degrees: number }
  | { readonly kind: 'scale' | 'brightness' | 'contrast' | 'gamma'; readonly range: number }
  | { readonly kind: 'elastic'; readonly grid: readonly number[]; readonly std: readonly number[] }
  | { readonly kind: 'noise'; readonly std: number }
  | { readonly kind: 'blur'; readonly std: readonly number[] };

/**
 * How often each augmentation is applied to a patch. The probabilities of nnU-Net (Isensee et al. 2021, supplement), except
 * that patches are always deformed, as in U-Net, and quarter turns are always drawn. A flip is drawn for each axis, a change
 * of values for all channels at once.
 */
export const PROBABILITY: { readonly [K in AugmentationKind]: number } = {
  flip: 0.5,
  rotate90: 1,
  rotate: 0.2,
  scale: 0.2,
  elastic: 1,
  noise: 0.1,
  blur: 0.2,
  brightness: 0.15,
  contrast: 0.15,
  gamma: 0.3,
};

/** The coarse grid of U-Net 2015 has 3 x 3 points, and displacements of a standard deviation of 10 pixels. */
const ELASTIC_GRID = 3;
const ELASTIC_STD = 10;
/** Two points are at least so many standard deviations apart: 3D U-Net has 32 voxels and a deviation of 4. */
const ELASTIC_PITCH = 8;
/** The standard deviation of the widest blur, in positions. */
const BLUR_STD = 1;

/** One number per axis. In a recipe without a `patch`, a single number stands for two axes. */
function gridOf(grid: readonly number[] | undefined, rank: number): readonly number[] | Failure {
  if (grid === undefined) return Array.from({ length: rank }, () => ELASTIC_GRID);
  const [first = ELASTIC_GRID] = grid;
  if (grid.length === rank) return grid;
  if (grid.every((points) => points === first)) return Array.from({ length: rank }, () => first);
  return failure('grid-axes', { grid, rank });
}

/** The deviation when a recipe gives none: the one of the paper, but less if the points are close to each other. */
function elasticStd(size: readonly number[], grid: readonly number[]): number[] {
  const pitches = size.map((length, axis) => (length - 1) / Math.max(1, (grid[axis] ?? 1) - 1));
  return pitches.map(() => Math.min(ELASTIC_STD, Math.min(...pitches) / ELASTIC_PITCH));
}

function resolve(
  augmentation: Augmentation,
  { input }: PatchSize,
  spacing: readonly number[] | undefined,
): ResolvedAugmentation | Failure {
  const inPositions = (quantity: Length) =>
    lengthInPositions(quantity, input.length, spacing, {
      attribute: 'augment',
      setting: 'std',
      of: augmentation.kind,
    });
  switch (augmentation.kind) {
    case 'elastic': {
      const grid = gridOf(augmentation.grid, input.length);
      if (grid instanceof Failure) return grid;
      const std = augmentation.std ? inPositions(augmentation.std) : elasticStd(input, grid);
      return std instanceof Failure ? std : { kind: 'elastic', grid, std };
    }
    case 'blur': {
      const std = augmentation.std ? inPositions(augmentation.std) : input.map(() => BLUR_STD);
      return std instanceof Failure ? std : { kind: 'blur', std };
    }
    default:
      return augmentation;
  }
}

/**
 * Fills in what a recipe left open. `spacing`, in micrometres on each axis, is needed only for lengths in um and mm. Fails
 * if it is missing, and for a grid with another number of axes.
 */
export function resolveAugmentations(
  augmentations: readonly Augmentation[],
  patch: PatchSize,
  spacing: readonly number[] | undefined,
): readonly ResolvedAugmentation[] | Failure {
  const resolved: ResolvedAugmentation[] = [];
  for (const augmentation of augmentations) {
    const one = resolve(augmentation, patch, spacing);
    if (one instanceof Failure) return one;
    resolved.push(one);
  }
  return resolved;
}
