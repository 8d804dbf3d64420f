import { Failure } from '../../diagnostics/failure.js';
import { allocate, elementCount, type Tensor } from '../../runtime/tensor.js';
import type { PatchRequest, WeightedPatch } from './patch.js';
import type { PatchProducer } from './patch-producer.js';
import type { PatchSchedule } from './schedule.js';
import type { ResolvedSettings } from './settings.js';
import type { LoadedBatch } from './training-batch.js';

/**
 * Batches in the order of their steps. A Failure, with the name of the file, is the last element. It can be iterated once;
 * leaving a `for await` closes it.
 */
export interface Loader extends AsyncIterableIterator<LoadedBatch | Failure> {
  /** What the weights of positions are made with: a caller that keeps them need not compute them again. */
  readonly classWeights: readonly number[];
  /** How many steps there are from 0; Infinity if there is no end. */
  readonly steps: number;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** What a queue makes its batches from. */
export interface BatchSource {
  readonly settings: ResolvedSettings;
  readonly schedule: PatchSchedule;
  readonly producer: PatchProducer;
  /** Of the images. */
  readonly channels: number;
  /** Of the samples. */
  readonly names: readonly string[];
}

export interface BatchRange {
  /** The first step. */
  readonly from: number;
  /** The step after the last one. */
  readonly steps: number;
  /** Batches that are made before a caller reads them. */
  readonly ahead: number;
}

/** Joins parts of equal shape to (N, ...shape). */
function stack(parts: readonly Float32Array[], shape: readonly number[]): Tensor | Failure {
  const length = elementCount(shape);
  const whole = [parts.length, ...shape];
  const data = allocate(parts.length * length, { what: 'a batch', shape: whole });
  if (data instanceof Failure) return data;
  for (const [n, part] of parts.entries()) data.set(part, n * length);
  return { shape: whole, data };
}

export class BatchQueue implements Loader {
  private readonly waiting: Promise<LoadedBatch | Failure>[] = [];
  private nextStep: number;
  private ended = false;
  private closed: Promise<void> | undefined;

  constructor(
    private readonly source: BatchSource,
    private readonly range: BatchRange,
  ) {
    this.nextStep = range.from;
    this.fill(range.ahead);
  }

  get classWeights(): readonly number[] {
    return this.source.settings.classWeights;
  }

  get steps(): number {
    return this.range.steps;
  }

  /** Begins batches until `count` of them wait. */
  private fill(count: number): void {
    while (this.waiting.length < count && this.nextStep < this.steps) {
      const step = this.nextStep++;
      const requests = this.source.schedule(step);
      if (requests === undefined) return;
      const batch = this.batchOf(step, requests);
      // The caller that reads the batch receives the error; until then it must not count as unhandled.
      batch.catch(() => undefined);
      this.waiting.push(batch);
    }
  }

  private async batchOf(step: number, requests: readonly PatchRequest[]): Promise<LoadedBatch | Failure> {
    const { producer, settings, channels, names } = this.source;
    const made = await Promise.all(requests.map((request) => producer.produce(request)));
    const failed = made.find((patch) => patch instanceof Failure);
    if (failed instanceof Failure) return failed;
    const patches = made.filter((patch): patch is WeightedPatch => !(patch instanceof Failure));
    const { input, output } = settings.patch;
    const images = stack(
      patches.map(({ image }) => image),
      [channels, ...input],
    );
    if (images instanceof Failure) return images;
    const labels = stack(
      patches.map((patch) => patch.labels),
      [1, ...output],
    );
    if (labels instanceof Failure) return labels;
    const weights = stack(
      patches.map((patch) => patch.weights),
      [1, ...output],
    );
    if (weights instanceof Failure) return weights;
    return { step, images, labels, weights, samples: requests.map(({ sample }) => names[sample] ?? '') };
  }

  async next(): Promise<IteratorResult<LoadedBatch | Failure>> {
    if (!this.ended) this.fill(1);
    const batch = this.ended ? undefined : this.waiting.shift();
    if (batch === undefined) {
      await this.close();
      return { done: true, value: undefined };
    }
    this.fill(this.range.ahead);
    try {
      const value = await batch;
      if (!(value instanceof Failure)) return { done: false, value };
      if (this.ended) return { done: true, value: undefined };
      await this.close();
      return { done: false, value };
    } catch (error) {
      // A bug of ours: the threads must not keep the process alive.
      await this.close();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<LoadedBatch | Failure>> {
    await this.close();
    return { done: true, value: undefined };
  }

  close(): Promise<void> {
    this.ended = true;
    this.closed ??= this.source.producer.close();
    return this.closed;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
