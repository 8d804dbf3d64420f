// The tables of docs/training.md: the words come from the compiler, the sentences about them stand here. A word
// without a sentence is an error.

/** What each attribute of a recipe is. */
const attributeTexts = {
  loss: 'what becomes small: a sum of [losses](#losses)',
  optimizer: 'how parameters follow their gradients: [optimizers](#optimizers)',
  schedule: 'how the learning rate goes on: [schedules](#schedules)',
  epochs: 'passes over about as many positions as the images have',
  batch: 'patches a step',
  patch: 'the size of the patches, a size that [fits](language.md#how-sizes-work)',
  augment: 'what patches go through: [augmentation](#augmentation)',
  weight_map: 'more weight between cells: [weight maps](#weights-of-positions)',
  foreground: 'the part of each batch that has a position of the foreground in its middle',
  clip: 'the largest norm of all gradients together (Pascanu et al. 2012)',
  patience: 'epochs without a better Dice after which training ends',
  seed: 'what everything random is drawn from',
  metrics: 'what is measured beside Dice and IoU: [metrics](#metrics)',
  class_weights: 'a factor for each class: [weights](#weights-of-positions)',
};

/** What is done where an attribute is left out and no value stands for that. */
const leftOut = {
  patch: "the network's input",
  augment: 'none',
  weight_map: '`none`',
  foreground: '`0`',
  clip: 'no limit',
  patience: 'all epochs',
  metrics: 'Dice and IoU',
  class_weights: '1 each, or [balanced](#weights-of-positions)',
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
    'Lin et al. 2017, section 3',
  ],
  generalized_dice: [
    'Dice over all classes together, each weighed by 1 / (its size)²',
    'Sudre et al. 2017; absent classes as in MONAI',
  ],
  boundary: [
    '`weight` times the mean of p times the signed distance to the true boundary',
    'Kervadec et al. 2019',
  ],
};

const optimizerTexts = {
  sgd: [
    'b = `momentum` b + g; p -= lr b, or with `nesterov` p -= lr (g + `momentum` b); decay is added to g',
    'as PyTorch has it; Sutskever et al. 2013',
  ],
  adam: ['moments with 0.9 and 0.999, epsilon 1e-8; decay is added to g', 'Kingma & Ba 2014, algorithm 1'],
  adamw: ['the same; decay acts on p, apart from the moments', 'Loshchilov & Hutter 2017, algorithm 2'],
};

const scheduleTexts = {
  constant: ['stays', ''],
  step: ['times `factor` after every `every` epochs', ''],
  cosine: [
    'half a cosine from the start to 0, a value a step, over the steps behind the warm-up',
    'Loshchilov & Hutter 2016, section 3, without restarts',
  ],
  poly: ['(1 - epoch / epochs) ^ `power`', 'nnU-Net: Isensee et al. 2021'],
};

/** What each does, and its options that have no value where they are left out. */
const augmentationTexts = {
  flip: 'mirrors an axis; drawn for each axis',
  rotate90: 'quarter turns, in planes whose axes are equal in size and spacing',
  rotate: 'turns by up to `degrees` either way; not in planes whose spacings differ more than three times',
  scale: 'a factor from 1 / (1 + `range`) to 1 + `range`',
  elastic: [
    'smooth displacements, normal with `std` at the points of a coarse `grid` (left out: 3 an axis), cubic between ' +
      'them (Ronneberger et al. 2015, section 3.1); `std` left out: 10 px, less in small patches',
    'grid',
    'std',
  ],
  noise: 'normal noise, its deviation up to `std`',
  blur: ['Gaussian, its deviation from half of `std` to `std` (left out: 1 px)', 'std'],
  brightness: 'times a factor from 1 - `range` to 1 + `range`',
  contrast: 'stretched around the mean by such a factor, within the values that were there',
  gamma: 'values to a power from 1 / (1 + `range`) to 1 + `range`; mean and deviation stay',
};

const metricTexts = {
  precision: ['TP / (TP + FP), by class', ''],
  recall: ['TP / (TP + FN), by class', ''],
  accuracy: [
    'correct positions / labelled positions, one number for all classes',
    'pixel accuracy: Long et al. 2015, section 5',
  ],
  hd95: [
    'the larger of the two 95th percentiles of distances, truth to prediction and prediction to truth',
    'MONAI; Maier-Hein, Reinke et al. 2024. MedPy takes the percentile of both directions together',
  ],
  hd: ['the largest distance (Hausdorff distance)', 'its definition'],
  assd: [
    'the average symmetric surface distance: the sum of all distances by the positions of both borders',
    'Heimann et al. 2009. MedPy takes the mean of the two means',
  ],
};

function textOf(texts, word, what) {
  if (!Object.hasOwn(texts, word))
    throw new Error(`scripts/training-tables.js says nothing of the ${what} ${word}`);
  return texts[word];
}

/** An augmentation as the compiler read it: `rotate(degrees: 30)`. */
function optionText({ kind, ...settings }, open) {
  const list = Object.entries(settings).map(([name, value]) =>
    value === undefined ? name : `${name}: ${value}`,
  );
  const names = [...new Set([...list, ...open])];
  return names.length === 0 ? kind : `${kind}(${names.join(', ')})`;
}

/**
 * The parts of the page, given `code`, `table` and `signature` of scripts/docs.js, the
 * settings that the compiler takes for networks without a recipe, and how it reads the word of an augmentation.
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
  const words = (attribute) => Object.entries(recipeTable[attribute].schema ?? {});
  const fallbacks = {
    loss: `${code(lossText(standard.softmax.loss))}; ${code(lossText(standard.sigmoid.loss))} for a sigmoid`,
    optimizer: code(signature('adam', recipeTable.optimizer.schema.adam)),
    schedule: code(standard.softmax.schedule.kind),
    epochs: code(standard.softmax.epochs),
    batch: code(standard.softmax.loader.batch),
    seed: code(standard.softmax.seed),
  };
  if (standard.softmax.optimizer.kind !== 'adam') throw new Error('the standard optimizer is another one');
  const rows = (attribute, texts) =>
    words(attribute).map(([word, options]) => [
      code(signature(word, options)),
      ...textOf(texts, word, attribute),
    ]);
  return {
    'recipe attributes': () =>
      table(
        ['attribute', 'what it is', 'left out'],
        Object.keys(recipeTable).map((name) => [
          code(name),
          textOf(attributeTexts, name, 'attribute'),
          fallbacks[name] ?? textOf(leftOut, name, 'attribute'),
        ]),
      ),
    losses: () => table(['loss', 'what it is', 'source'], rows('loss', lossTexts)),
    optimizers: () => table(['optimizer', 'a step', 'source'], rows('optimizer', optimizerTexts)),
    schedules: () => table(['schedule', 'the rate', 'source'], rows('schedule', scheduleTexts)),
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
