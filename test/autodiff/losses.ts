import { InferenceSession, Tensor } from 'onnxruntime-node';
import { distanceMap } from '../../src/autodiff/losses/distance-map.js';
import { lossOf } from '../../src/autodiff/losses/loss-of.js';
import type { LossHead } from '../../src/autodiff/losses/prediction.js';
import { StepBuilder } from '../../src/autodiff/step/step-builder.js';
import { stepModel } from '../../src/autodiff/step/step-model.js';
import type { StepValue } from '../../src/autodiff/step/step-value.js';
import { elementCount } from '../../src/ir/parameter.js';
import type { LossTerm } from '../../src/language/recipes/recipe-spec.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import { ReferenceLoss } from '../reference/losses.js';

/** A batch as a step is given it, (N, K, ...size) and (N, 1, ...size). */
export interface Batch {
  readonly samples: number;
  readonly classes: number;
  readonly size: readonly number[];
  readonly logits: Float32Array;
  readonly labels: Float32Array;
  readonly weights: Float32Array;
  readonly distances: Float32Array;
}

export interface BatchOptions {
  readonly samples: number;
  readonly classes: number;
  readonly size: readonly number[];
  /** A third of the logits is 80 or -80. */
  readonly saturated?: boolean;
}

/** A batch of seeded random numbers: a third of the weights 0; the last class absent from the first sample, not from all. */
export function batchOf({ samples, classes, size, saturated = false }: BatchOptions): Batch {
  const name = `${samples} ${classes} ${size}`;
  const positions = elementCount(size);
  const random = (what: string, length: number) => {
    const values = new Float32Array(length);
    new RandomStream(7, `${what} ${name}`).fillNormal(values, 1);
    return values;
  };
  const choose = random('saturated', samples * classes * positions);
  const logits = random('logits', samples * classes * positions).map((z, i) =>
    saturated && Math.abs(choose[i] ?? 0) > 1 ? 80 * Math.sign(z) : 2 * z,
  );
  const numbers = Math.max(classes, 2);
  const labels = random('labels', samples * positions).map((z, i) => {
    const present = i < positions && samples * numbers > 2 ? numbers - 1 : numbers;
    return Math.floor(Math.abs(z) * 1000) % present;
  });
  const weights = random('weights', samples * positions).map((z) => (Math.abs(z) < 0.43 ? 0 : Math.abs(z)));
  return {
    samples,
    classes,
    size,
    logits,
    labels,
    weights,
    distances: distancesOf(labels, weights, classes, size),
  };
}

/** The distance maps of a batch. */
export function distancesOf(
  labels: Float32Array,
  weights: Float32Array,
  classes: number,
  size: readonly number[],
): Float32Array {
  const positions = elementCount(size);
  const samples = labels.length / positions;
  const maps = new Float32Array(samples * classes * positions);
  for (let n = 0; n < samples; n++) {
    const part = <T extends Float32Array>(all: T) => all.subarray(n * positions, (n + 1) * positions);
    maps.set(distanceMap(part(labels), classes, size, part(weights)), n * classes * positions);
  }
  return maps;
}

export interface Outcome {
  readonly value: number;
  readonly gradient: Float32Array;
}

/** A loss on onnxruntime, ready for many batches of one shape. */
export class LossRun {
  private constructor(
    private readonly session: InferenceSession,
    private readonly inputs: readonly StepValue[],
  ) {}

  static async of(
    terms: readonly LossTerm[],
    head: LossHead,
    { samples, classes, size }: Pick<Batch, 'samples' | 'classes' | 'size'>,
  ): Promise<LossRun> {
    const builder = new StepBuilder();
    const all: StepValue = { name: 'logits', shape: [samples, classes, ...size] };
    const one = (name: string): StepValue => ({ name, shape: [samples, 1, ...size] });
    const inputs = { logits: all, labels: one('labels'), weights: one('weights') };
    const distances: StepValue = { name: 'distances', shape: all.shape };
    const { value, gradient } = lossOf(builder, terms, head, { ...inputs, distances });
    const values = [...Object.values(inputs), distances];
    const bytes = stepModel('loss', builder, values, [
      { name: 'value', value },
      { name: 'gradient', value: gradient },
    ]);
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    return new LossRun(session, values);
  }

  async run(batch: Batch): Promise<Outcome> {
    const data: Readonly<Record<string, Float32Array>> = {
      logits: batch.logits,
      labels: batch.labels,
      weights: batch.weights,
      distances: batch.distances,
    };
    const feeds = Object.fromEntries(
      this.inputs.map(({ name, shape }) => [name, new Tensor('float32', data[name] ?? [], [...shape])]),
    );
    const results = await this.session.run(feeds);
    // Both outputs of the model are float32.
    const [value, gradient] = [results.value, results.gradient].map((one) => one?.data as Float32Array);
    if (!value || !gradient || value.length !== 1) throw new Error('the step has other outputs');
    return { value: value[0] ?? Number.NaN, gradient };
  }
}

/** The value in float64, and its central differences by every logit. */
export function expectedOutcome(
  terms: readonly LossTerm[],
  head: LossHead,
  batch: Batch,
): { readonly value: number; readonly gradient: Float64Array } {
  const logits = Float64Array.from(batch.logits);
  const { samples, classes, labels, weights, distances } = batch;
  const positions = elementCount(batch.size);
  const example = { samples, classes, positions, logits, labels, weights, distances };
  const reference = new ReferenceLoss(head, example);
  const step = 1e-5;
  const gradient = logits.map((start, i) => {
    const above = reference.valueWith(terms, i, start + step);
    return (above - reference.valueWith(terms, i, start - step)) / (2 * step);
  });
  return { value: reference.value(terms), gradient };
}

/** How far a gradient is from another, relative to the length of that. */
export function relativeDistance(found: Float32Array, expected: Float64Array): number {
  const difference = Math.hypot(...expected.map((value, i) => (found[i] ?? 0) - value));
  return difference / Math.hypot(...expected);
}
