import type { CustomLayerConfigs } from '../../tfjs/layers/config.js';
import type { LayerCall } from '../../tfjs/lower/layer-call.js';
import type { StockLayerConfigs } from '../../tfjs/lower/stock-layers.js';
import type { LiteralValue } from '../template/value.js';

/** How an argument of a layer is written. */
export interface ArgumentRule {
  /**
   * - `plain`: as it is
   * - `axes`: a list with one entry per spatial axis
   * - `ends`: a list with one pair [before, after] per spatial axis
   * - `constant`: an initializer with this number
   * - `each`: a list of separate numbers
   */
  readonly form: 'plain' | 'axes' | 'ends' | 'constant' | 'each';
  /** Whether the layer takes one number in place of a list of equal numbers and, for `ends`, of an equal pair. */
  readonly short: boolean;
  /** The value that the layer uses if the argument is omitted; for `axes`, the number for every axis. */
  readonly defaultValue?: LiteralValue;
  /** The argument whose value the layer uses if this one is omitted. */
  readonly follows?: string;
}

/** An argument of a layer with its full value. */
export interface LayerArgument {
  readonly key: string;
  readonly value: LiteralValue;
  readonly rule: ArgumentRule;
}

type Rules<Config> = { readonly [K in keyof Omit<Config, 'name'>]-?: ArgumentRule };

const plain: ArgumentRule = { form: 'plain', short: false };
const axes: ArgumentRule = { form: 'axes', short: true };
const listOfAxes: ArgumentRule = { form: 'axes', short: false };
const ends: ArgumentRule = { form: 'ends', short: true };
const listOfEnds: ArgumentRule = { form: 'ends', short: false };

const yes = { ...plain, defaultValue: true };
const valid = { ...plain, defaultValue: 'valid' };
const lastAxis = { ...plain, defaultValue: -1 };

const conv: Rules<StockLayerConfigs['conv2d']> = {
  filters: plain,
  kernelSize: axes,
  strides: { ...axes, defaultValue: 1 },
  padding: valid,
  useBias: yes,
  kernelInitializer: plain,
};
const pooling: Rules<StockLayerConfigs['maxPooling2d']> = {
  poolSize: axes,
  strides: { ...axes, follows: 'poolSize' },
  padding: valid,
};

/** The arguments of TensorFlow.js's own layers, in the order in which they are written. */
const stockRules: { readonly [K in keyof StockLayerConfigs]: Rules<StockLayerConfigs[K]> } = {
  activation: { activation: plain },
  add: {},
  averagePooling2d: pooling,
  averagePooling3d: pooling,
  batchNormalization: { momentum: plain, epsilon: plain, center: yes, scale: yes },
  concatenate: { axis: lastAxis },
  conv2d: conv,
  conv2dTranspose: conv,
  conv3d: conv,
  cropping2D: { cropping: ends },
  depthwiseConv2d: {
    kernelSize: axes,
    strides: { ...plain, defaultValue: 1 },
    padding: valid,
    depthMultiplier: { ...plain, defaultValue: 1 },
    useBias: yes,
    depthwiseInitializer: plain,
  },
  dropout: { rate: plain },
  elu: {},
  layerNormalization: { axis: lastAxis, epsilon: plain, center: yes, scale: yes },
  leakyReLU: { alpha: plain },
  maxPooling2d: pooling,
  maxPooling3d: pooling,
  multiply: {},
  prelu: { sharedAxes: plain, alphaInitializer: { form: 'constant', short: false } },
  reLU: {},
  softmax: { axis: plain },
  upSampling2d: { size: listOfAxes, interpolation: { ...plain, defaultValue: 'nearest' } },
  zeroPadding2d: { padding: ends },
};

/** The arguments of the layers that TensorFlow.js lacks. */
const customRules: { readonly [K in keyof CustomLayerConfigs]: Rules<CustomLayerConfigs[K]> } = {
  cropping: { cropping: listOfEnds },
  padding: { padding: listOfEnds, mode: plain },
  upSampling: { size: listOfAxes, interpolation: plain, alignCorners: { ...plain, defaultValue: false } },
  batchNormalization: { momentum: plain, epsilon: plain, center: plain, scale: plain },
  groupNormalization: { groups: plain, epsilon: plain, center: plain, scale: plain },
  layerNormalization: { epsilon: plain, center: plain, scale: plain },
  groupedConv: {
    filters: plain,
    kernelSize: listOfAxes,
    strides: listOfAxes,
    dilationRate: listOfAxes,
    groups: plain,
    useBias: plain,
    kernelInitializer: plain,
  },
  convTranspose: {
    filters: plain,
    kernelSize: listOfAxes,
    strides: listOfAxes,
    cropping: listOfEnds,
    useBias: plain,
    kernelInitializer: plain,
  },
  elu: { alpha: plain },
  attention: { heads: plain },
  positions: {},
  interpolation: { change: listOfAxes },
  globalAverage: {},
  sinusoid: { channels: plain, period: plain },
};

/** The arguments of a call in the order in which they are written; omitted arguments have their defaults. */
export function argumentsOf(call: LayerCall): readonly LayerArgument[] {
  const rules: Readonly<Record<string, ArgumentRule>> =
    call.source === 'tfjs' ? stockRules[call.layer] : customRules[call.layer];
  const config = new Map<string, unknown>(Object.entries<unknown>({ ...call.config }));
  for (const key of config.keys()) {
    if (!rules[key]) throw new Error(`${call.layer} has an argument ${key} that nobody writes`);
  }
  const rank = axesOf(call);
  return Object.entries(rules).flatMap(([key, rule]): LayerArgument[] => {
    const given = config.get(key);
    if (rule.follows !== undefined && same(given, config.get(rule.follows))) return [];
    const value = given === undefined ? inFull(rule, rank) : readValue(given, key);
    return value === undefined ? [] : [{ key, value, rule }];
  });
}

/** The number of entries of the call's lists. */
function axesOf(call: LayerCall): number {
  const lists = Object.values<unknown>({ ...call.config }).filter(Array.isArray);
  return Math.max(0, ...lists.map((list) => list.length));
}

function inFull({ form, defaultValue }: ArgumentRule, rank: number): LiteralValue | undefined {
  return form === 'axes' && defaultValue !== undefined
    ? Array.from({ length: rank }, () => defaultValue)
    : defaultValue;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function readValue(value: unknown, key: string): LiteralValue {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((entry) => readValue(entry, key));
  if (typeof value === 'object' && value !== null && 'config' in value) {
    // An initializer with its argument, in Keras's form.
    const { config } = value;
    if (typeof config === 'object' && config !== null && 'value' in config) {
      return readValue(config.value, key);
    }
  }
  throw new Error(`the argument ${key} is a ${typeof value}`);
}
