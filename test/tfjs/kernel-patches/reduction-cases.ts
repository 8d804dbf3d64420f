import type { Tensor as TfTensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../codegen/tfjs/tf.js';
import { forEachIndex } from '../../reference/tensor.js';
import { type OpCase, randomFrom, randomValues, type Values } from './op-case.js';

type Sizes = readonly number[];

interface Reduction {
  readonly run: (tf: Tf, x: TfTensor, axes: number[], keep: boolean) => TfTensor;
  readonly define: (values: readonly number[]) => number;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

export const reductions: Readonly<Record<string, Reduction>> = {
  sum: {
    run: (tf, x, axes, keep) => tf.sum(x, axes, keep),
    define: (values) => mean(values) * values.length,
  },
  mean: { run: (tf, x, axes, keep) => tf.mean(x, axes, keep), define: mean },
  max: {
    run: (tf, x, axes, keep) => tf.max(x, axes, keep),
    define: (values) => values.reduce((a, b) => Math.max(a, b)),
  },
  min: {
    run: (tf, x, axes, keep) => tf.min(x, axes, keep),
    define: (values) => values.reduce((a, b) => Math.min(a, b)),
  },
  variance: {
    run: (tf, x, axes, keep) => tf.moments(x, axes, keep).variance,
    define: (values) => {
      const centre = mean(values);
      return mean(values.map((value) => (value - centre) ** 2));
    },
  },
  logSumExp: {
    run: (tf, x, axes, keep) => tf.logSumExp(x, axes, keep),
    define: (values) => Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0)),
  },
};

export function reductionCase(name: string, shape: Sizes, axes: Sizes, keep: boolean, seed: number): OpCase {
  const { run, define } = reductions[name] ?? missing(name);
  return {
    name: `${name} of ${shape.join(' x ')} over ${axes.join()}${keep ? ', keeping them' : ''}`,
    inputs: [randomValues(randomFrom(seed), shape, -2, 2)],
    run: (tf, [x = missing(name)]) => run(tf, x, [...axes], keep),
    define: ([x = missing(name)]) => {
      const outShape = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const groups = Array.from({ length: outShape.reduce((a, b) => a * b, 1) }, (): number[] => []);
      let flat = 0;
      forEachIndex(shape, (index) => {
        const group = outShape.reduce(
          (sum, size, axis) => sum * size + (size === 1 ? 0 : (index[axis] ?? 0)),
          0,
        );
        groups[group]?.push(x.data[flat++] ?? Number.NaN);
      });
      const data = Float64Array.from(groups, define);
      return { shape: keep ? outShape : shape.filter((_, axis) => !axes.includes(axis)), data };
    },
  };
}

/** Softmax over the last axis, or its logarithm. */
export function softmaxCase(shape: Sizes, log: boolean, seed: number): OpCase {
  return {
    name: `${log ? 'log softmax' : 'softmax'} of ${shape.join(' x ')}`,
    inputs: [randomValues(randomFrom(seed), shape, -4, 4)],
    run: (tf, [x = missing('x')]) => (log ? tf.logSoftmax(x) : tf.softmax(x)),
    define: ([x = missing('x')]) =>
      overRows(x, (row) => {
        const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
        return row.map((value) => (log ? value - Math.log(total) : Math.exp(value) / total));
      }),
  };
}

/** tf.batchNorm with given mean, variance, offset and scale of shape (C). */
export function batchNormCase(shape: Sizes, seed: number): OpCase {
  const random = randomFrom(seed);
  const channels = shape.at(-1) ?? 0;
  const epsilon = 1e-3;
  return {
    name: `batch norm of ${shape.join(' x ')}`,
    inputs: [
      randomValues(random, shape, -2, 2),
      randomValues(random, [channels]),
      randomValues(random, [channels], 0.3, 2),
      randomValues(random, [channels]),
      randomValues(random, [channels]),
    ],
    run: (tf, [x, m, v, offset, scale]) =>
      tf.batchNorm(x ?? missing('x'), vector(m), vector(v), vector(offset), vector(scale), epsilon),
    define: ([x = missing('x'), m, v, offset, scale]) =>
      overRows(x, (row) =>
        row.map((value, c) => {
          const normal = (value - (m?.data[c] ?? 0)) / Math.sqrt((v?.data[c] ?? 0) + epsilon);
          return normal * (scale?.data[c] ?? 0) + (offset?.data[c] ?? 0);
        }),
      ),
  };
}

export function matMulCase(
  left: Sizes,
  right: Sizes,
  transposeLeft: boolean,
  transposeRight: boolean,
  seed: number,
): OpCase {
  const random = randomFrom(seed);
  return {
    name: `matMul of ${left.join(' x ')}${transposeLeft ? "'" : ''} and ${right.join(' x ')}${transposeRight ? "'" : ''}`,
    inputs: [randomValues(random, left), randomValues(random, right)],
    run: (tf, [a = missing('a'), b = missing('b')]) => tf.matMul(a, b, transposeLeft, transposeRight),
    define: ([a = missing('a'), b = missing('b')]) => {
      const batchOf = ({ shape }: Values) => shape.slice(0, -2).reduce((p, n) => p * n, 1);
      const batchShape = (batchOf(a) >= batchOf(b) ? a : b).shape.slice(0, -2);
      const [rows, inner] = sizesOf(a, transposeLeft);
      const [, columns] = sizesOf(b, transposeRight);
      const batch = Math.max(batchOf(a), batchOf(b));
      const data = new Float64Array(batch * rows * columns);
      for (let n = 0; n < batch; n++) {
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) {
            let sum = 0;
            for (let k = 0; k < inner; k++) {
              const i = (n % batchOf(a)) * rows * inner + (transposeLeft ? k * rows + r : r * inner + k);
              const j =
                (n % batchOf(b)) * inner * columns + (transposeRight ? c * inner + k : k * columns + c);
              sum += (a.data[i] ?? 0) * (b.data[j] ?? 0);
            }
            data[(n * rows + r) * columns + c] = sum;
          }
        }
      }
      return { shape: [...batchShape, rows, columns], data };
    },
  };
}

function sizesOf({ shape }: Values, transposed: boolean): [number, number] {
  const [rows = 0, columns = 0] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

function overRows({ shape, data }: Values, f: (row: number[]) => number[]): Values {
  const length = shape.at(-1) ?? 0;
  const out = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += length) {
    out.set(f([...data.subarray(start, start + length)]), start);
  }
  return { shape, data: out };
}

function vector(x: TfTensor | undefined) {
  return (x ?? missing('a vector')).as1D();
}

function missing(name: string): never {
  throw new Error(`${name} is missing`);
}
