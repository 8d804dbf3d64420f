import type { OpKind } from '../ir/op-attributes.js';
import type { Rule } from './rule.js';
import { attention, positions } from './rules/attention.js';
import { conv, convTranspose } from './rules/convolution.js';
import {
  add,
  concat,
  dropout,
  elu,
  gelu,
  leakyRelu,
  mul,
  prelu,
  relu,
  sigmoid,
  silu,
  sinusoid,
  softmax,
} from './rules/elementwise.js';
import { maxPool } from './rules/max-pool.js';
import { batchNorm, groupNorm, instanceNorm, layerNorm } from './rules/norm.js';
import { avgPool, crop, globalAverage, interpolate, pad, resize } from './rules/resampling.js';

/** The inputs of a network have no inputs themselves, so no gradient goes further back. */
const input = { backward: () => ({ inputs: [] }) };

/** How each op kind is differentiated. */
export const rules: { readonly [K in OpKind]: Rule<K> } = {
  input,
  time: input,
  conv,
  convTranspose,
  maxPool,
  avgPool,
  resize,
  interpolate,
  pad,
  crop,
  concat,
  add,
  mul,
  globalAverage,
  sinusoid,
  batchNorm,
  instanceNorm,
  groupNorm,
  layerNorm,
  relu,
  leakyRelu,
  prelu,
  elu,
  gelu,
  silu,
  sigmoid,
  softmax,
  attention,
  positions,
  dropout,
};
