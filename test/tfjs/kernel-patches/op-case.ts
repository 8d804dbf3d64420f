import type { Tensor as TfTensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../codegen/tfjs/tf.js';

/** Row-major numbers in float64, in the engine's own order of axes: (N, ...spatial, C) for images. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** One op with fixed inputs, as tfjs runs it and as its definition has it. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly Values[];
  /** Runs it on the current engine. */
  readonly run: (tf: Tf, inputs: readonly TfTensor[]) => TfTensor;
  /** What it should give, by plain code in float64. */
  readonly define: (inputs: readonly Values[]) => Values;
}

/** How far an engine is from the definition: relative errors, or the message of what it threw. */
export interface CaseErrors {
  readonly forward: number | string;
  /** One an input. */
  readonly gradients: readonly number[] | string;
}

export type Random = () => number;

/** Uniform in [0, 1), the same sequence for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values in [low, high), exactly representable in float32 so that both sides compute from the same numbers. */
export function randomValues(random: Random, shape: readonly number[], low = -1, high = 1): Values {
  const data = new Float64Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < data.length; i++) data[i] = Math.fround(low + (high - low) * random());
  return { shape, data };
}

const directions = 4;
// Small enough that hardly any maximum changes its place within it.
const step = 1e-6;

/**
 * Measures a case on the current engine. The output is compared element by element, against its largest
 * element. The gradient of a randomly weighted sum of the output is compared with central differences of the
 * definition along random directions of signs, against its Euclidean norm: one wrong element among P shows
 * as about its size / sqrt(P).
 */
export function measure(tf: Tf, opCase: OpCase, seed = 1): CaseErrors {
  const random = randomFrom(seed);
  const expected = opCase.define(opCase.inputs);
  const upstream = randomValues(random, expected.shape);
  return {
    forward: forwardError(tf, opCase, expected),
    gradients: gradientErrors(tf, opCase, upstream, random),
  };
}

function forwardError(tf: Tf, opCase: OpCase, expected: Values): number | string {
  return attempt(() =>
    tf.tidy(() => {
      const found = opCase.run(tf, toTensors(tf, opCase.inputs));
      if (found.shape.join() !== expected.shape.join()) return `shape ${found.shape}, not ${expected.shape}`;
      const values = found.dataSync();
      let [worst, size] = [0, 0];
      for (const [i, value] of expected.data.entries()) {
        const error = Math.abs((values[i] ?? Number.NaN) - value);
        worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
        size = Math.max(size, Math.abs(value));
      }
      return worst / (size || 1);
    }),
  );
}

function gradientErrors(
  tf: Tf,
  opCase: OpCase,
  upstream: Values,
  random: Random,
): readonly number[] | string {
  return attempt(() =>
    tf.tidy(() => {
      const weights = toTensor(tf, upstream);
      const loss = (...inputs: TfTensor[]) => tf.sum(tf.mul(opCase.run(tf, inputs), weights)).asScalar();
      const gradients = tf.grads(loss)(toTensors(tf, opCase.inputs));
      const errors: number[] = [];
      for (const [index, gradient] of gradients.entries()) {
        const input = opCase.inputs[index];
        if (!input || gradient.shape.join() !== input.shape.join()) {
          return `gradient ${index} has shape ${gradient.shape}, not ${input?.shape}`;
        }
        errors.push(gradientError(gradient.dataSync(), opCase, index, upstream, random));
      }
      return errors;
    }),
  );
}

function gradientError(
  gradient: ArrayLike<number>,
  opCase: OpCase,
  index: number,
  upstream: Values,
  random: Random,
): number {
  let norm = 0;
  for (let i = 0; i < gradient.length; i++) norm += (gradient[i] ?? 0) ** 2;
  let worst = 0;
  for (let n = 0; n < directions; n++) {
    const direction = Float64Array.from(gradient, () => (random() < 0.5 ? -1 : 1));
    const expected =
      (lossAlong(opCase, index, direction, step, upstream) -
        lossAlong(opCase, index, direction, -step, upstream)) /
      (2 * step);
    const found = direction.reduce((sum, sign, i) => sum + sign * (gradient[i] ?? 0), 0);
    const error = Math.abs(found - expected);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
    norm = Math.max(norm, (expected / Math.sqrt(direction.length)) ** 2);
  }
  return worst / (Math.sqrt(norm) || 1);
}

function lossAlong(
  opCase: OpCase,
  index: number,
  direction: Float64Array,
  length: number,
  upstream: Values,
): number {
  const moved = opCase.inputs.map((input, i) =>
    i === index
      ? { shape: input.shape, data: input.data.map((value, j) => value + length * (direction[j] ?? 0)) }
      : input,
  );
  const { data } = opCase.define(moved);
  return data.reduce((sum, value, i) => sum + value * (upstream.data[i] ?? 0), 0);
}

function toTensors(tf: Tf, inputs: readonly Values[]): TfTensor[] {
  return inputs.map((input) => toTensor(tf, input));
}

function toTensor(tf: Tf, { data, shape }: Values): TfTensor {
  return tf.tensor(Float32Array.from(data), [...shape], 'float32');
}

function attempt<T>(f: () => T): T | string {
  try {
    return f();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What float32 may be off by, from the definition in float64 and between engines. */
export const tolerance = { forward: 2e-5, gradient: 5e-5 };

/** What is wrong, in words; undefined where nothing is. */
export function complaint({ forward, gradients }: CaseErrors): string | undefined {
  if (typeof forward === 'string') return `the forward: ${forward}`;
  if (!(forward <= tolerance.forward)) return `the forward is off by ${forward.toExponential(1)}`;
  if (typeof gradients === 'string') return `the gradient: ${gradients}`;
  const worst = Math.max(...gradients);
  return worst <= tolerance.gradient ? undefined : `the gradient is off by ${worst.toExponential(1)}`;
}
