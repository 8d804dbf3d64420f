import { choice, option } from './choice-schema.js';
import { integer, perAxis, quantity, real } from './number-schemas.js';
import { boolean, listOf, type SchemaValue, type ValueSchema } from './value-schema.js';

/** For numbers that must not be 0, since 0 would train nothing or be a divisor. */
const above = { open: 'minimum' } as const;
const rate = real(0, 1e3, above);

const smooth = option(real(0, 1e9), 1e-5);
/** Whether class 0 counts like the others, if there are several classes. */
const background = option(boolean, true);

/** The losses. The names of weights say what they weigh (false positives, false negatives), not alpha and beta. */
export const lossSchema = choice({
  cross_entropy: {},
  bce: {},
  dice: { smooth, squared: option(boolean, false), batch: option(boolean, false), background },
  tversky: { fp_weight: option(real(0, 1e3), 0.3), fn_weight: option(real(0, 1e3), 0.7), smooth, background },
  focal_tversky: {
    fp_weight: option(real(0, 1e3), 0.3),
    fn_weight: option(real(0, 1e3), 0.7),
    exponent: option(real(0, 100, above), 0.75),
    smooth: option(real(0, 1e9), 1),
    background,
  },
  focal: { gamma: option(real(0, 100), 2), alpha: option(real(0, 1, above)) },
  generalized_dice: { smooth },
  boundary: { weight: option(real(0, 1e6), 0.01) },
});

/** A loss with its settings. */
export type Loss = SchemaValue<typeof lossSchema>;

const pixels = quantity(['px', 'um', 'mm']);
/** The number of steps over which the learning rate rises. */
const warmup = option(integer(0, 1e9), 0);

/** The attributes of `training` with the schemas of their values. A loss is read term by term (see recipes.ts). */
export const recipeTable = {
  loss: lossSchema,
  optimizer: choice({
    sgd: {
      lr: option(rate, 0.01),
      momentum: option(real(0, 1, { open: 'maximum' }), 0.9),
      nesterov: option(boolean, false),
      weight_decay: option(real(0, 1e3), 0),
    },
    adam: { lr: option(rate, 1e-3), weight_decay: option(real(0, 1e3), 0) },
    adamw: { lr: option(rate, 1e-3), weight_decay: option(real(0, 1e3), 0.01) },
  }),
  schedule: choice({
    constant: { warmup },
    step: { every: option(integer(1, 1e9), 10), factor: option(real(0, 1, above), 0.1), warmup },
    cosine: { warmup },
    poly: { power: option(real(0, 100), 0.9), warmup },
  }),
  epochs: integer(1, 1_000_000),
  batch: integer(1, 65_536),
  patch: perAxis(1, 1_000_000),
  augment: listOf(
    choice({
      flip: {},
      rotate90: {},
      rotate: { degrees: option(real(0, 360), 30) },
      scale: { range: option(real(0, 10), 0.2) },
      elastic: { grid: option(perAxis(1, 100)), std: option(pixels) },
      noise: { std: option(real(0, 1e3), 0.1) },
      blur: { std: option(pixels) },
      brightness: { range: option(real(0, 1), 0.2) },
      contrast: { range: option(real(0, 1), 0.2) },
      gamma: { range: option(real(0, 10), 0.3) },
    }),
  ),
  weight_map: choice({ none: {}, border: { w0: option(real(0, 1e6), 10), sigma: option(pixels) } }),
  foreground: real(0, 1),
  clip: real(0, 1e9, { ...above, help: 'without `clip` the gradients have no limit' }),
  patience: integer(1, 1_000_000),
  seed: integer(0, 0xffff_ffff),
  metrics: listOf(
    choice({ dice: {}, iou: {}, precision: {}, recall: {}, accuracy: {}, hd95: {}, hd: {}, assd: {} }),
  ),
  class_weights: listOf(real(0, 1e9)),
} as const satisfies Readonly<Record<string, ValueSchema<unknown>>>;

/** The number of patches in a step if a recipe does not set `batch`. */
export const STANDARD_BATCH = 4;

export type RecipeAttribute = keyof typeof recipeTable;
