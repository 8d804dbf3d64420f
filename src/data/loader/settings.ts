import { Failure } from '../../diagnostics/failure.js';
import {
  type Augmentation,
  type ResolvedAugmentation,
  resolveAugmentations,
} from '../augment/augmentation.js';
import type { DataSet } from '../data-set.js';
import { type PatchSize, patchProblem } from '../patches/patch-size.js';
import { type BorderMap, resolveWeightMap, type WeightMap } from '../weight-map/border.js';

/** What a training step is fed with: the words of a recipe, and what the network says. */
export interface LoaderSettings {
  readonly patch: PatchSize;
  /** Patches a step. */
  readonly batch: number;
  /** A whole number from 0: everything random is drawn from streams of it. */
  readonly seed: number;
  /** The part of each batch that shows a foreground position in its middle, 0 to 1; 0 when left out. */
  readonly foreground?: number;
  readonly augment?: readonly Augmentation[];
  readonly weightMap?: WeightMap;
  /** A factor for each class; when left out, 1, or with a border map the balance of the classes: see classBalance. */
  readonly classWeights?: readonly number[];
  /** How far apart positions are, in micrometres an axis, as the network says; else what files say holds. */
  readonly spacing?: readonly number[];
}

/** The settings with nothing left open: plain data, as a worker gets them. */
export interface ResolvedSettings {
  readonly patch: PatchSize;
  readonly batch: number;
  readonly seed: number;
  readonly foreground: number;
  readonly augment: readonly ResolvedAugmentation[];
  readonly border: BorderMap | undefined;
  readonly classWeights: readonly number[];
  readonly spacing: readonly number[] | undefined;
}

/** What is wrong with the numbers, if anything is. */
function mismatch(settings: LoaderSettings, { rank, labels }: DataSet): Failure | undefined {
  const { patch, batch, seed, foreground = 0, classWeights, spacing } = settings;
  const wrong = patchProblem(patch, rank);
  if (wrong !== undefined) return wrong;
  if (!Number.isInteger(batch) || batch < 1) {
    return new Failure(`a batch is a whole number of patches from 1, not ${batch}`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    return new Failure(`the seed is a whole number from 0, not ${seed}`);
  }
  if (!(foreground >= 0 && foreground <= 1)) {
    return new Failure(`foreground is a part of each batch, from 0 to 1, not ${foreground}`);
  }
  if (classWeights !== undefined && classWeights.length !== labels.classes) {
    return new Failure(
      `class_weights has ${classWeights.length} weights, but the data set has ${labels.classes} classes`,
    );
  }
  if (classWeights?.some((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY))) {
    return new Failure(`class_weights are numbers from 0, not ${classWeights.join(', ')}`);
  }
  if (spacing !== undefined && (spacing.length !== rank || spacing.some((step) => !(step > 0)))) {
    return new Failure(`the spacing is ${rank} numbers above 0, not ${spacing.join(' x ')}`);
  }
  return undefined;
}

/** Checks the settings against a data set and fills in what they leave open. The class weights are 1 where none are given. */
export function resolveSettings(settings: LoaderSettings, dataSet: DataSet): ResolvedSettings | Failure {
  const wrong = mismatch(settings, dataSet);
  if (wrong !== undefined) return wrong;
  const {
    patch,
    batch,
    seed,
    spacing,
    foreground = 0,
    augment = [],
    weightMap = { kind: 'none' },
  } = settings;
  const augmentations = resolveAugmentations(augment, patch, spacing);
  if (augmentations instanceof Failure) return augmentations;
  const border = resolveWeightMap(weightMap, dataSet.rank, spacing);
  if (border instanceof Failure) return border;
  const classWeights = settings.classWeights ?? Array.from({ length: dataSet.labels.classes }, () => 1);
  return { patch, batch, seed, foreground, augment: augmentations, border, classWeights, spacing };
}
