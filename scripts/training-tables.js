// The tables of docs/training.md. The words come from the compiler; this file holds the sentences about them. A word
// without a sentence is an error.

/** What each attribute of a recipe is. */
const attributeTexts = {
  loss: 'what training minimizes: a sum of [losses](#losses)',
  optimizer: 'how gradients change the parameters: [optimizers](#optimizers)',
  schedule: 'how the learning rate changes over time: [schedules](#schedules)',
  epochs: 'rounds of training; each covers about as many positions as the images have',
  batch: 'patches per step',
  patch: 'the size of the patches; it must [fit](language.md#how-sizes-work) the network',
  augment: 'random changes to the patches: [augmentation](#augmentation)',
  weight_map: 'gives more weight to positions between cells: [weight maps](#weights-of-positions)',
  foreground: 'the fraction of each batch whose patches are centred on a foreground position',
  clip: 'the largest allowed norm of all gradients together (Pascanu et al. 2012)',
  patience: 'training ends after this many epochs without a better Dice',
  seed: 'the seed of everything random',
  metrics: 'what validation measures besides Dice and IoU: [metrics](#metrics)',
  class_weights: 'a factor for each class: [weights](#weights-of-positions)',
};

/** The defaults that no table of the compiler holds. */
const leftOut = {
  patch: "the network's input",
  augment: 'none',
  weight_map: '`none`',
  foreground: '`0`',
  clip: 'no limit',
  patience: 'all epochs',
  metrics: 'only Dice and IoU',
  class_weights: '1 for each class, or [balanced](#weights-of-positions)',
};

const lossTexts = {
  cross_entropy: [
    'the mean of -log p of the true class; for `head = softmax`',
    'Ronneberger et al. 2015, section 3; divided by the sum of weights, as in PyTorch',
  ],
  bce: ['the mean over classes of the binary cross-entropy; for `head = sigmoid`', 'its definition'],
  dice: [
    '1 - (2 TP + s) / (sum p + sum g + s), or with `squared` 1 - (2 TP + s) / (sum p² + sum g² + s)',
    'nnU-Net and MONAI; `squared`: Milletari et al. 2016, section 3',
  ],
  tversky: [
    '1 - (TP + s) / (TP + `fp_weight` FP + `fn_weight` FN + s)',
    'Salehi et al. 2017; their alpha is `fp_weight`, their beta `fn_weight`',
  ],
  focal_tversky: [
    'the sum over classes of (1 - Tversky index) ^ `exponent`',
    'Abraham & Khan 2019; their 1 / gamma is `exponent`',
  ],
  focal: [
    'the mean of -a (1 - p) ^ `gamma` log p; a is `alpha` for foreground and 1 - `alpha` for background, or 1',
    'Lin et al. 2017, section 3; with softmax, it is the number of classes times the mean of MONAI 1.6.1',
  ],
  generalized_dice: [
    'Dice over all classes together, each class weighted by 1 / (its size)²',
    'Sudre et al. 2017; absent classes as in MONAI',
  ],
  boundary: [
    '`weight` times the mean of p times the signed distance to the true boundary',
    'Kervadec et al. 2019',
  ],
};

const optimizerTexts = {
  sgd: [
    'b = `momentum` b + g; p -= lr b, or p -= lr (g + `momentum` b) with `nesterov`; the decay is added to g',
    'as in PyTorch; Sutskever et al. 2013',
  ],
  adam: [
    'moments with 0.9 and 0.999, epsilon 1e-8; the decay is added to g',
    'Kingma & Ba 2014, algorithm 1',
  ],
  adamw: [
    'as `adam`, but the decay acts on p, apart from the moments',
    'Loshchilov & Hutter 2017, algorithm 2',
  ],
};

const scheduleTexts = {
  constant: ['stays the same', ''],
  step: ['multiplied by `factor` after every `every` epochs', ''],
  cosine: [
    'half a cosine from the start to 0, with one value per step, over the steps after the warm-up',
    'Loshchilov & Hutter 2016, section 3, without restarts',
  ],
  poly: ['(1 - epoch / epochs) ^ `power`', 'nnU-Net: Isensee et al. 2021'],
};

/** What each augmentation does, then its options without a default value. */
const augmentationTexts = {
  flip: 'mirrors an axis, with a separate draw for each axis',
  rotate90: 'turns by quarter turns, in planes whose axes have equal size and spacing',
  rotate:
    'turns by up to `degrees` in either direction; skips planes whose spacings differ by more than a factor of 3',
  scale: 'scales by a factor from 1 / (1 + `range`) to 1 + `range`',
  elastic: [
    'displaces positions smoothly: normal displacements with deviation `std` at the points of a coarse `grid`, cubic ' +
      'between them (Ronneberger et al. 2015, section 3.1). Defaults: a grid of 3 points per axis; a `std` of 10 px, ' +
      'less in small patches',
    'grid',
    'std',
  ],
  noise: 'adds normal noise with a deviation of up to `std`',
  blur: ['blurs with a Gaussian; its deviation is from half of `std` to `std` (default: 1 px)', 'std'],
  brightness: 'multiplies by a factor from 1 - `range` to 1 + `range`',
  contrast: 'stretches around the mean by such a factor, within the original range of values',
  gamma: 'raises values to a power from 1 / (1 + `range`) to 1 + `range`; keeps mean and deviation',
};

const metricTexts = {
  precision: ['TP / (TP + FP), for each class', ''],
  recall: ['TP / (TP + FN), for each class', ''],
  accuracy: [
    'correct positions / labelled positions, one number for all classes',
    'the pixel accuracy of Long et al. 2015, section 5',
  ],
  hd95: [
    'the larger of two 95th percentiles: of the distances from truth to prediction, and from prediction to truth',
    'MONAI 1.6.1; Maier-Hein, Reinke et al. 2024. MedPy takes one percentile over both directions together',
  ],
  hd: ['the largest of these distances (Hausdorff distance)', 'its definition'],
  assd: [
    'the average symmetric surface distance: the sum of all distances divided by the number of positions on both borders',
    'Heimann et al. 2009; MONAI 1.6.1; MedPy from 0.5 on. MedPy 0.4 averages the means of the two directions',
  ],
};

function textOf(texts, word, what) {
  if (!Object.hasOwn(texts, word))
    throw new Error(`scripts/training-tables.js has no sentence about the ${what} ${word}`);
  return texts[word];
}

/** An augmentation in the form that the compiler read: `rotate(degrees: 30)`. */
function optionText({ kind, ...settings }, open) {
  const list = Object.entries(settings).map(([name, value]) =>
    value === undefined ? name : `${name}: ${value}`,
  );
  const names = [...new Set([...list, ...open])];
  return names.length === 0 ? kind : `${kind}(${names.join(', ')})`;
}

/**
 * The generated parts of the page. It takes `code`, `table` and `signature` from scripts/docs.js, the settings that the
 * compiler uses for networks without a recipe, and a function that reads the word of an augmentation.
 */
export function trainingTables({
  recipeTable,
  lossText,
  PROBABILITY,
  METRIC_NAMES,
  standard,
  code,
  table,
  signature,
  augmentation,
}) {
  const words = (attribute) => Object.entries(recipeTable[attribute].optionsOf ?? {});
  const fallbacks = {
    loss: `${code(lossText(standard.softmax.loss))}; ${code(lossText(standard.sigmoid.loss))} for a sigmoid`,
    optimizer: code(signature('adam', recipeTable.optimizer.optionsOf.adam)),
    schedule: code(standard.softmax.schedule.kind),
    epochs: code(standard.softmax.epochs),
    batch: code(standard.softmax.loader.batch),
    seed: code(standard.softmax.seed),
  };
  if (standard.softmax.optimizer.kind !== 'adam') throw new Error('the default optimizer is no longer adam');
  const rows = (attribute, texts) =>
    words(attribute).map(([word, options]) => [
      code(signature(word, options)),
      ...textOf(texts, word, attribute),
    ]);
  return {
    'recipe attributes': () =>
      table(
        ['attribute', 'what it is', 'default'],
        Object.keys(recipeTable).map((name) => [
          code(name),
          textOf(attributeTexts, name, 'attribute'),
          fallbacks[name] ?? textOf(leftOut, name, 'attribute'),
        ]),
      ),
    losses: () => table(['loss', 'what it is', 'source'], rows('loss', lossTexts)),
    optimizers: () => table(['optimizer', 'one step', 'source'], rows('optimizer', optimizerTexts)),
    schedules: () => table(['schedule', 'learning rate', 'source'], rows('schedule', scheduleTexts)),
    metrics: () =>
      table(
        ['metric', 'what it is', 'source'],
        METRIC_NAMES.map((name) => [code(name), ...textOf(metricTexts, name, 'metric')]),
      ),
    augmentations: () =>
      table(
        ['augmentation', 'what it does', 'probability'],
        Object.entries(PROBABILITY).map(([word, probability]) => {
          const [text, ...open] = [textOf(augmentationTexts, word, 'augmentation')].flat();
          return [code(optionText(augmentation(word), open)), text, String(probability)];
        }),
      ),
  };
}
