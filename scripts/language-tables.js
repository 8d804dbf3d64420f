// The tables of docs/language.md, from the compiler's own tables. This file holds the sentences about layers. A layer
// without a sentence is an error.

export const code = (text) => `\`${text}\``;

export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The words of a choice, with `(...)` after each word that takes options. */
function valuesOf(schema) {
  if (!schema.optionsOf) return schema.expected;
  const blocks = schema.takesBlocks ? ', or a block' : '';
  const words = Object.entries(schema.optionsOf).map(([word, options]) =>
    code(Object.keys(options).length > 0 ? `${word}(...)` : word),
  );
  const lists = schema.takesChannels ? ', or a list with one for each channel' : '';
  return words.join(', ') + blocks + lists;
}

function fallbackOf({ fallback }) {
  if (fallback === undefined) return '';
  return code(typeof fallback === 'object' ? fallback.kind : decimal(fallback));
}

/** 0.00001, not 1e-5. */
function decimal(value) {
  return typeof value === 'number' && value < 1e-4 && value > 0
    ? value.toFixed(10).replace(/0+$/, '')
    : String(value);
}

/** A row for each option of each word of a choice. */
function optionRows(name, { optionsOf = {} }) {
  return Object.entries(optionsOf).flatMap(([word, options]) =>
    Object.entries(options).map(([option, { schema, fallback }]) => [
      code(`${name}${word}`),
      code(option),
      valuesOf(schema),
      fallbackOf({ fallback }),
    ]),
  );
}

const scopes = {
  network: 'network',
  'levels-and-bottleneck': 'levels, bottleneck',
  levels: 'levels',
};

const optionHead = ['setting', 'option', 'values', 'default'];

export function attributes({ attributeTable }) {
  const rows = Object.entries(attributeTable).map(([name, definition]) => [
    code(name),
    definition.summary,
    valuesOf(definition.schema),
    defaultOf(definition),
    scopes[definition.scope],
  ]);
  return table(['attribute', 'what it is', 'values', 'default', 'scope'], rows);
}

/** What holds for an attribute that is not set. */
function defaultOf({ required, fallback, like, replaces }) {
  const other = like ?? replaces;
  if (required) return 'required';
  if (other) return `as ${code(other)}`;
  return fallback === undefined ? '' : code(fallback);
}

export function attributeOptions({ attributeTable }) {
  const rows = Object.entries(attributeTable).flatMap(([name, { schema }]) =>
    optionRows(`${name} = `, schema),
  );
  return table(optionHead, rows);
}

export function stages({ layerSchema }) {
  const rows = Object.entries(layerSchema.optionsOf).map(([word, options]) => [
    code(signature(word, options)),
    layerTexts[word] ?? missing(word),
  ]);
  return table(['layer', 'what it does'], rows);
}

function missing(word) {
  throw new Error(`scripts/language-tables.js has no sentence about the layer ${word}`);
}

const layerTexts = {
  conv: "a convolution; `channels` is required, the rest defaults to the network's settings at this level",
  depthwise: 'a separate convolution for each channel',
  global_avg: 'the mean of each channel over all positions: a map with one position',
  sinusoid:
    'sines and cosines of a map with one channel, at `channels` / 2 frequencies from 1 down to 1 / `period`',
  transpose:
    'a transposed convolution; defaults: kernel 2 on every axis, stride equal to the kernel, channels unchanged',
  norm: "the network's `norm` at this level",
  batch: 'batch norm',
  instance: 'instance norm',
  group: 'group norm',
  layer: 'layer norm, over the channels at each position',
  activation: "the network's `activation` at this level",
  relu: 'max(x, 0)',
  leaky_relu: 'x, or `slope` times x below 0',
  prelu: 'as `leaky_relu`, with a learned slope for each channel, or one for all with `shared`',
  elu: 'x, or `alpha` (exp(x) - 1) below 0',
  gelu: 'x Φ(x), with the exact Φ',
  silu: 'x sigmoid(x)',
  sigmoid: '1 / (1 + exp(-x))',
  softmax: 'softmax over the channels at each position',
  dropout: "dropout; the rate defaults to the network's `dropout` at this level",
  max: 'max pooling; defaults: window 2 on every axis, stride equal to the window',
  avg: 'mean pooling; defaults: window 2 on every axis, stride equal to the window',
  bilinear: 'linear interpolation to `factor` times the size; default: 2 on every axis',
  trilinear: 'as `bilinear`, over three axes',
  positions: 'adds a learned number at each position and channel, which pins the size of the input',
  nearest: 'repeats each position `factor` times; default: 2 on every axis',
};

export function recipe({ recipeTable }) {
  const rows = Object.entries(recipeTable).map(([name, { optionsOf, expected }]) => {
    const words = Object.entries(optionsOf ?? {}).map(([word, options]) => code(signature(word, options)));
    return [code(name), optionsOf ? words.join(', ') : expected];
  });
  return table(['attribute', 'values'], rows);
}

/** A word with its options and their defaults: `batch(affine: true, momentum: 0.1)`. */
export function signature(word, options) {
  const list = Object.entries(options).map(([name, option]) => {
    const fallback = fallbackOf(option).replaceAll('`', '');
    return fallback === '' ? name : `${name}: ${fallback}`;
  });
  return list.length === 0 ? word : `${word}(${list.join(', ')})`;
}
