import type { Tensor as TfTensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../codegen/tfjs/tf.js';
import { erf } from '../../reference/erf.js';
import { forEachIndex } from '../../reference/tensor.js';
import { type OpCase, randomFrom, randomValues, type Values } from './op-case.js';

type Sizes = readonly number[];

interface Unary {
  readonly run: (tf: Tf, x: TfTensor) => TfTensor;
  readonly define: (value: number) => number;
  readonly range?: readonly [number, number];
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Elementwise functions of one input that layers, losses and metrics are made of. */
export const unaryFunctions: Readonly<Record<string, Unary>> = {
  relu: { run: (tf, x) => tf.relu(x), define: (x) => Math.max(x, 0) },
  relu6: { run: (tf, x) => tf.relu6(x), define: (x) => Math.min(Math.max(x, 0), 6), range: [-9, 9] },
  elu: { run: (tf, x) => tf.elu(x), define: (x) => (x > 0 ? x : Math.expm1(x)) },
  selu: {
    run: (tf, x) => tf.selu(x),
    define: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  },
  leakyRelu: { run: (tf, x) => tf.leakyRelu(x, 0.2), define: (x) => (x > 0 ? x : 0.2 * x) },
  sigmoid: { run: (tf, x) => tf.sigmoid(x), define: sigmoid },
  silu: { run: (tf, x) => tf.mul(x, tf.sigmoid(x)), define: (x) => x * sigmoid(x) },
  erf: { run: (tf, x) => tf.erf(x), define: erf },
  gelu: {
    run: (tf, x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
    define: (x) => (x * (1 + erf(x * Math.SQRT1_2))) / 2,
  },
  tanh: { run: (tf, x) => tf.tanh(x), define: Math.tanh },
  softplus: { run: (tf, x) => tf.softplus(x), define: (x) => Math.log1p(Math.exp(x)) },
  exp: { run: (tf, x) => tf.exp(x), define: Math.exp },
  log: { run: (tf, x) => tf.log(x), define: Math.log, range: [0.1, 4] },
  log1p: { run: (tf, x) => tf.log1p(x), define: Math.log1p, range: [0.1, 4] },
  sqrt: { run: (tf, x) => tf.sqrt(x), define: Math.sqrt, range: [0.1, 4] },
  rsqrt: { run: (tf, x) => tf.rsqrt(x), define: (x) => 1 / Math.sqrt(x), range: [0.1, 4] },
  square: { run: (tf, x) => tf.square(x), define: (x) => x * x },
  abs: { run: (tf, x) => tf.abs(x), define: Math.abs },
  neg: { run: (tf, x) => tf.neg(x), define: (x) => -x },
  reciprocal: { run: (tf, x) => tf.reciprocal(x), define: (x) => 1 / x, range: [0.2, 4] },
  'clip by value': {
    run: (tf, x) => tf.clipByValue(x, -0.7, 1.3),
    define: (x) => Math.min(Math.max(x, -0.7), 1.3),
  },
  'power 3': { run: (tf, x) => tf.pow(x, tf.scalar(3)), define: (x) => x ** 3, range: [0.1, 2] },
};

export function unaryCase(name: string, shape: Sizes, seed: number): OpCase {
  const { run, define, range = [-3, 3] } = unaryFunctions[name] ?? missing(name);
  return {
    name: `${name} of ${shape.join(' x ')}`,
    inputs: [randomValues(randomFrom(seed), shape, ...range)],
    run: (tf, [x]) => run(tf, x ?? missing(name)),
    define: ([x = missing(name)]) => ({ shape, data: x.data.map(define) }),
  };
}

interface Binary {
  readonly run: (tf: Tf, a: TfTensor, b: TfTensor) => TfTensor;
  readonly define: (a: number, b: number) => number;
}

/** Elementwise functions of two inputs that broadcast. */
export const binaryFunctions: Readonly<Record<string, Binary>> = {
  add: { run: (tf, a, b) => tf.add(a, b), define: (a, b) => a + b },
  sub: { run: (tf, a, b) => tf.sub(a, b), define: (a, b) => a - b },
  mul: { run: (tf, a, b) => tf.mul(a, b), define: (a, b) => a * b },
  div: { run: (tf, a, b) => tf.div(a, b), define: (a, b) => a / b },
  maximum: { run: (tf, a, b) => tf.maximum(a, b), define: Math.max },
  minimum: { run: (tf, a, b) => tf.minimum(a, b), define: Math.min },
  squaredDifference: { run: (tf, a, b) => tf.squaredDifference(a, b), define: (a, b) => (a - b) ** 2 },
  // The larger one, by a comparison that the gradient goes through.
  'where greater': { run: (tf, a, b) => tf.where(tf.greater(a, b), a, b), define: Math.max },
  'times less': { run: (tf, a, b) => tf.mul(a, tf.less(a, b).toFloat()), define: (a, b) => (a < b ? a : 0) },
  prelu: { run: (tf, a, b) => tf.prelu(a, b), define: (a, b) => (a > 0 ? a : a * b) },
};

export function binaryCase(name: string, left: Sizes, right: Sizes, seed: number): OpCase {
  const { run, define } = binaryFunctions[name] ?? missing(name);
  const random = randomFrom(seed);
  // Divisors away from zero.
  const range = name === 'div' ? ([0.5, 3] as const) : ([-2, 2] as const);
  return {
    name: `${name} of ${left.join(' x ')} and ${right.join(' x ')}`,
    inputs: [randomValues(random, left, -2, 2), randomValues(random, right, ...range)],
    run: (tf, [a = missing(name), b = missing(name)]) => run(tf, a, b),
    define: ([a = missing(name), b = missing(name)]) => broadcast(a, b, define),
  };
}

function broadcast(a: Values, b: Values, f: (a: number, b: number) => number): Values {
  const rank = Math.max(a.shape.length, b.shape.length);
  const sizes = ({ shape }: Values) => [...Array.from({ length: rank - shape.length }, () => 1), ...shape];
  const [left, right] = [sizes(a), sizes(b)];
  const shape = left.map((size, axis) => Math.max(size, right[axis] ?? 1));
  const element = (x: Values, own: Sizes, index: Sizes) =>
    x.data[own.reduce((sum, size, axis) => sum * size + (size === 1 ? 0 : (index[axis] ?? 0)), 0)] ??
    Number.NaN;
  const data: number[] = [];
  forEachIndex(shape, (index) => data.push(f(element(a, left, index), element(b, right, index))));
  return { shape, data: Float64Array.from(data) };
}

function missing(name: string): never {
  throw new Error(`${name} is missing`);
}
