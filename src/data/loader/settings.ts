import type { LoaderSettingProblem } from '../../diagnostics/codes/data-sets/loading.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import {
  type Augmentation,
  type ResolvedAugmentation,
  resolveAugmentations,
} from '../augment/augmentation.js';
import type { DataSet } from '../data-set.js';
import { type PatchSize, patchProblem } from '../patches/patch-size.js';
import { type BorderMap, resolveWeightMap, type WeightMap } from '../weight-map/border.js';

/** How batches are made: what a recipe says, and what the network says. */
export interface LoaderSettings {
  readonly patch: PatchSize;
  /** Patches per step. */
  readonly batch: number;
  /** A whole number from 0: everything random is drawn from streams of it. */
  readonly seed: number;
  /** The fraction of each batch whose patches have a foreground position in their middle; 0 when left out. */
  readonly foreground?: number;
  readonly augment?: readonly Augmentation[];
  readonly weightMap?: WeightMap;
  /** A factor for each class; when left out, 1, or with a border map the balance of the classes: see classBalance. */
  readonly classWeights?: readonly number[];
  /** The distance between positions on each axis, in micrometres, as the network says it; otherwise the files decide. */
  readonly spacing?: readonly number[];
}

/** The settings with nothing left open: plain data, which workers receive. */
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

/** Fails if a number is out of range, or does not fit the data set. */
function invalidSetting(settings: LoaderSettings, { rank, labels }: DataSet): Failure | undefined {
  const { patch, batch, seed, foreground = 0, classWeights, spacing } = settings;
  const invalid = (problem: LoaderSettingProblem) => failure('loader-setting', { problem });
  const wrong = patchProblem(patch, rank);
  if (wrong !== undefined) return wrong;
  if (!Number.isInteger(batch) || batch < 1) return invalid({ setting: 'batch', value: batch });
  if (!Number.isSafeInteger(seed) || seed < 0) return invalid({ setting: 'seed', value: seed });
  if (!(foreground >= 0 && foreground <= 1)) return invalid({ setting: 'foreground', value: foreground });
  if (classWeights !== undefined && classWeights.length !== labels.classes) {
    return failure('class-weight-count', { weights: classWeights.length, classes: labels.classes });
  }
  if (classWeights?.some((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY))) {
    return invalid({ setting: 'class_weights', values: classWeights });
  }
  if (spacing !== undefined && (spacing.length !== rank || spacing.some((distance) => !(distance > 0)))) {
    return invalid({ setting: 'spacing', values: spacing, rank });
  }
  return undefined;
}

/** Checks the settings against a data set, and fills in what they leave open. Class weights that are left out become 1. */
export function resolveSettings(settings: LoaderSettings, dataSet: DataSet): ResolvedSettings | Failure {
  const invalid = invalidSetting(settings, dataSet);
  if (invalid !== undefined) return invalid;
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
