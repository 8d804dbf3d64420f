import type { OptimizerSetting } from '../../autodiff/step/optimizer-setting.js';
import { STANDARD_RATE, stepSettings } from '../../autodiff/step/step-settings.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { LoaderSettings } from '../../data/loader/settings.js';
import type { LossTerm, RecipeSpec, RecipeValues } from '../../language/recipes/recipe-spec.js';
import { inferSizes } from '../../shape/infer.js';
import { type MetricName, requestedMetrics } from '../metrics/requested-metrics.js';
import type { LearningRateSchedule } from './schedule.js';

/** A recipe with nothing left open. */
export interface TrainingSettings {
  readonly loss: readonly LossTerm[];
  readonly optimizer: OptimizerSetting;
  /** The learning rate that the schedule starts from. */
  readonly rate: number;
  readonly schedule: LearningRateSchedule;
  readonly epochs: number;
  readonly clip: number | undefined;
  /** Training ends after so many epochs without a better value. */
  readonly patience: number | undefined;
  /** What validation measures besides Dice and IoU. */
  readonly metrics: readonly MetricName[];
  readonly seed: number;
  readonly loader: LoaderSettings;
}

/** Settings that replace those of the recipe. */
export interface SettingOverrides {
  readonly epochs?: number | undefined;
  readonly patience?: number | undefined;
  readonly seed?: number | undefined;
}

/** The settings that a recipe leaves out, besides those of stepSettings. */
const standard = { epochs: 40, seed: 0 } as const;

/** The settings of a recipe for a network; without a recipe, the standard ones. */
export function trainingSettings(
  network: CompiledNetwork,
  recipe: RecipeSpec | undefined,
  overrides: SettingOverrides = {},
): TrainingSettings {
  const values: RecipeValues = recipe?.values ?? {};
  const { graph, spec } = network;
  const { loss, optimizer, batch, patch: input, clip } = stepSettings(network, { recipe });
  const { sizes } = inferSizes(graph, input);
  const output = sizes[network.facts.output] ?? input;
  const seed = overrides.seed ?? values.seed ?? standard.seed;
  return {
    loss,
    optimizer,
    rate: values.optimizer?.lr ?? STANDARD_RATE,
    schedule: values.schedule ?? { kind: 'cosine', warmup: 0 },
    epochs: overrides.epochs ?? values.epochs ?? standard.epochs,
    clip,
    patience: overrides.patience ?? values.patience,
    metrics: requestedMetrics(values.metrics ?? []),
    seed,
    loader: {
      patch: { input, output },
      batch,
      seed,
      ...(values.foreground === undefined ? {} : { foreground: values.foreground }),
      ...(values.augment === undefined ? {} : { augment: values.augment }),
      ...(values.weight_map === undefined ? {} : { weightMap: values.weight_map }),
      ...(values.class_weights === undefined ? {} : { classWeights: labelWeights(values.class_weights) }),
      ...(spec.spacing === undefined ? {} : { spacing: micrometres(spec.spacing.value) }),
    },
  };
}

/** One weight for each label. A single weight belongs to the only class; the background has the weight 1. */
function labelWeights(classWeights: readonly number[]): readonly number[] {
  return classWeights.length === 1 ? [1, ...classWeights] : classWeights;
}

function micrometres(
  spacing: readonly { readonly value: number; readonly unit: string }[],
): readonly number[] {
  return spacing.map(({ value, unit }) => (unit === 'mm' ? value * 1000 : value));
}
