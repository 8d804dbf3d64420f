import type { Tensor } from '@tensorflow/tfjs';
import { computeOnHost } from './host-values.js';
import { type KernelCall, type KernelPatch, kernelPatch, required } from './kernel-patch.js';

/**
 * Sums and means on wasm. The stock kernels keep a running sum in float32, so **the variance of a million elements is off
 * by 4e-4, and of ten million by a percent**: batch normalisation in training gave other numbers than on the other
 * engines. In float64 the sums are exact to float32, and take the same time.
 */
export const sums: readonly KernelPatch[] = (['Sum', 'Mean'] as const).map((kernel) =>
  kernelPatch({
    kernel,
    engines: ['wasm'],
    patches: 'summed one after the other in float32: the variance of a million elements was off by 4e-4',
    run: (tf, { inputs, attrs, backend, stock }: KernelCall<typeof kernel>) => {
      const x: Tensor = required(inputs, 'x');
      if (x.dtype !== 'float32') return stock();
      const axes = tf.util.parseAxisParam(attrs.axis, x.shape);
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const shape = attrs.keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
      const outputs = kept.reduce((product, size) => product * size, 1);
      const divisor = kernel === 'Mean' ? x.size / outputs : 1;
      return computeOnHost(backend, [x], shape, (out, [values]) => {
        const totals = new Float64Array(outputs);
        if (values) addUp(values, totals, runs(x.shape, axes));
        for (let i = 0; i < outputs; i++) out[i] = (totals[i] ?? 0) / divisor;
      });
    },
  }),
);

/** Neighbouring axes that are all summed, or all kept. */
interface Run {
  readonly size: number;
  readonly isSummed: boolean;
}

function runs(shape: readonly number[], summed: readonly number[]): Run[] {
  const found: Run[] = [];
  for (const [axis, size] of shape.entries()) {
    const isSummed = summed.includes(axis);
    const last = found.at(-1);
    if (last && (last.isSummed === isSummed || size === 1))
      found[found.length - 1] = { ...last, size: last.size * size };
    else if (size !== 1) found.push({ size, isSummed });
  }
  return found;
}

/** totals[kept indexes] += the values. */
function addUp(values: Float32Array, totals: Float64Array, all: readonly Run[]): void {
  const [inner = { size: 1, isSummed: false }, rows = { size: 1, isSummed: false }, ...outer] = [
    ...all,
  ].reverse();
  const block = inner.size * rows.size;
  const blockOut = (inner.isSummed ? 1 : inner.size) * (rows.isSummed ? 1 : rows.size);
  const visit = (level: number, from: number, to: number): void => {
    const run = outer[level];
    if (!run) {
      addBlock(values, totals, from, to, rows, inner);
      return;
    }
    const below = outer.slice(0, level);
    const step = below.reduce((product, { size }) => product * size, block);
    const stepOut = below.reduce((product, { size, isSummed }) => product * (isSummed ? 1 : size), blockOut);
    for (let i = 0; i < run.size; i++)
      visit(level - 1, from + i * step, run.isSummed ? to : to + i * stepOut);
  };
  visit(outer.length - 1, 0, 0);
}

// `as number`: every index is inside its array by construction, and checking each would take most of the time.

function addBlock(
  values: Float32Array,
  totals: Float64Array,
  first: number,
  firstTotal: number,
  rows: Run,
  inner: Run,
): void {
  const [height, width] = [rows.size, inner.size];
  let row = 0;
  if (rows.isSummed) {
    // Four rows at a time need a fourth of the accesses to the totals.
    for (; row + 4 <= height; row += 4) addFourRows(values, totals, first + row * width, firstTotal, width);
  }
  for (; row < height; row++) {
    const from = first + row * width;
    if (inner.isSummed) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += values[from + i] as number;
      totals[firstTotal + row] = (totals[firstTotal + row] as number) + sum;
    } else {
      const to = rows.isSummed ? firstTotal : firstTotal + row * width;
      for (let i = 0; i < width; i++)
        totals[to + i] = (totals[to + i] as number) + (values[from + i] as number);
    }
  }
}

function addFourRows(
  values: Float32Array,
  totals: Float64Array,
  first: number,
  to: number,
  width: number,
): void {
  const [second, third, fourth] = [first + width, first + 2 * width, first + 3 * width];
  for (let i = 0; i < width; i++) {
    const sum =
      (values[first + i] as number) +
      (values[second + i] as number) +
      (values[third + i] as number) +
      (values[fourth + i] as number);
    totals[to + i] = (totals[to + i] as number) + sum;
  }
}
