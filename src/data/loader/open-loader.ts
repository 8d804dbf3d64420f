import { availableParallelism } from 'node:os';
import { Failure } from '../../diagnostics/failure.js';
import { allocate, elementCount, shapeText, type Tensor } from '../../runtime/tensor.js';
import type { DataSet, Sample } from '../data-set.js';
import { classBalance } from '../weight-map/class-balance.js';
import { keptSamples } from './kept-samples.js';
import type { MadeItem, PatchRequest } from './patch.js';
import { LocalMaker, type PatchProducer } from './patch-producer.js';
import { SampleStore } from './sample-store.js';
import { type PatchSchedule, trainingSchedule, validationSchedule } from './schedule.js';
import { type LoaderSettings, type ResolvedSettings, resolveSettings } from './settings.js';
import { storedSample } from './stored-sample.js';
import { WorkerPool } from './worker-pool.js';
import { workerScript } from './worker-script.js';

/** What a training step takes. */
export interface TrainingBatch {
  /** From 0. */
  readonly step: number;
  /** (N, C, ...input). */
  readonly images: Tensor;
  /** (N, 1, ...output): class numbers; 0 where the weight is 0 because nobody labelled. */
  readonly labels: Tensor;
  /** (N, 1, ...output). */
  readonly weights: Tensor;
  /** The names of the N samples. */
  readonly samples: readonly string[];
}

export interface LoaderOptions {
  /**
   * Threads that read and augment; 0: none beside the caller's, which then reads with Sample.read. One less than there are
   * processors, at most 4, when left out. Batches don't depend on it.
   */
  readonly workers?: number;
  /** Batches that are made before they are asked for; enough for every thread to have two items when left out. */
  readonly ahead?: number;
  /** The first step; 0 when left out. Batches don't depend on it. */
  readonly from?: number;
  /** The step behind the last one; without an end when left out. */
  readonly to?: number;
  /** Of decoded samples that are kept: 1 GiB when left out. Each thread has the one that it works on besides. */
  readonly cacheBytes?: number;
  /** Called while all labels are read to balance the classes: see LoaderSettings.classWeights. */
  readonly onProgress?: (done: number, total: number) => void;
  /** The bundled worker.ts, where this module is not bundled itself. */
  readonly workerScript?: URL;
}

/**
 * Batches in the order of their steps. A Failure, with the file's name, is the last thing that comes. It is read once;
 * leaving a `for await` closes it.
 */
export interface Loader extends AsyncIterableIterator<TrainingBatch | Failure> {
  /** What the weights of positions are made with: kept, they need not be found again. */
  readonly classWeights: readonly number[];
  /** How many steps there are from 0; Infinity where there is no end. */
  readonly steps: number;
  /** Ends the threads. */
  close(): Promise<void>;
}

const CACHE_BYTES = 2 ** 30;
const MOST_WORKERS = 4;

/** Puts items side by side: (N, ...shape). */
function stack(parts: readonly Float32Array[], shape: readonly number[], what: string): Tensor | Failure {
  const length = elementCount(shape);
  const whole = [parts.length, ...shape];
  const data = allocate(parts.length * length, `${what} of ${shapeText(whole)}`);
  if (data instanceof Failure) return data;
  for (const [n, part] of parts.entries()) data.set(part, n * length);
  return { shape: whole, data };
}

class BatchQueue implements Loader {
  readonly classWeights: readonly number[];
  readonly steps: number;
  private readonly names: readonly string[];
  private readonly channels: number;
  private readonly settings: ResolvedSettings;
  private readonly schedule: PatchSchedule;
  private readonly maker: PatchProducer;
  private readonly ahead: number;
  private readonly queue: Promise<TrainingBatch | Failure>[] = [];
  private nextStep: number;
  private ended = false;
  private closed: Promise<void> | undefined;

  constructor(
    dataSet: DataSet,
    samples: readonly Sample[],
    settings: ResolvedSettings,
    schedule: PatchSchedule,
    maker: PatchProducer,
    bounds: { readonly from: number; readonly steps: number; readonly ahead: number },
  ) {
    this.names = samples.map(({ name }) => name);
    this.channels = dataSet.channels;
    this.settings = settings;
    this.classWeights = settings.classWeights;
    this.schedule = schedule;
    this.maker = maker;
    this.nextStep = bounds.from;
    this.steps = bounds.steps;
    this.ahead = bounds.ahead;
    this.fill(this.ahead);
  }

  /** Begins batches until `count` of them wait. */
  private fill(count: number): void {
    while (this.queue.length < count && this.nextStep < this.steps) {
      const step = this.nextStep++;
      const items = this.schedule(step);
      if (items === undefined) return;
      const batch = this.batchOf(step, items);
      // Who asks for the batch gets the error; until then it is no unhandled one.
      batch.catch(() => undefined);
      this.queue.push(batch);
    }
  }

  private async batchOf(step: number, items: readonly PatchRequest[]): Promise<TrainingBatch | Failure> {
    const made = await Promise.all(items.map((item) => this.maker.make(item)));
    const failure = made.find((item) => item instanceof Failure);
    if (failure instanceof Failure) return failure;
    const whole = made.filter((item): item is MadeItem => !(item instanceof Failure));
    const { input, output } = this.settings.patch;
    const of = (part: keyof MadeItem) => whole.map((item) => item[part]);
    const images = stack(of('image'), [this.channels, ...input], 'a batch');
    const labels = stack(of('labels'), [1, ...output], 'a batch');
    const weights = stack(of('weights'), [1, ...output], 'a batch');
    for (const tensor of [images, labels, weights]) if (tensor instanceof Failure) return tensor;
    // The loop has returned every failure.
    const tensors = { images, labels, weights } as Pick<TrainingBatch, 'images' | 'labels' | 'weights'>;
    return { step, ...tensors, samples: items.map(({ sample }) => this.names[sample] ?? '') };
  }

  async next(): Promise<IteratorResult<TrainingBatch | Failure>> {
    if (!this.ended) this.fill(1);
    const batch = this.ended ? undefined : this.queue.shift();
    if (batch === undefined) {
      await this.close();
      return { done: true, value: undefined };
    }
    this.fill(this.ahead);
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

  async return(): Promise<IteratorResult<TrainingBatch | Failure>> {
    await this.close();
    return { done: true, value: undefined };
  }

  close(): Promise<void> {
    this.ended = true;
    this.closed ??= this.maker.close();
    return this.closed;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** What is wrong with the options, if anything is. */
function optionsProblem({ workers = 0, ahead = 0, from = 0, to = from }: LoaderOptions): Failure | undefined {
  const numbers: [string, number][] = [
    ['the number of workers', workers],
    ['the number of batches ahead', ahead],
    ['the first step', from],
    ['the last step', to === Number.POSITIVE_INFINITY ? from : to],
  ];
  const wrong = numbers.find(([, value]) => !Number.isSafeInteger(value) || value < 0);
  return wrong && new Failure(`${wrong[0]} is a whole number from 0, not ${wrong[1]}`);
}

function openQueue(
  dataSet: DataSet,
  samples: readonly Sample[],
  settings: ResolvedSettings,
  { schedule, steps }: { readonly schedule: PatchSchedule; readonly steps: number },
  options: LoaderOptions,
): Loader | Failure {
  const { from = 0, cacheBytes = CACHE_BYTES } = options;
  const workers = options.workers ?? Math.min(MOST_WORKERS, Math.max(1, availableParallelism() - 1));
  const stored = samples.map(storedSample);
  const { channels, labels } = dataSet;
  const read = (index: number) => {
    const sample = samples[index];
    if (sample === undefined) throw new Error(`there is no sample ${index}`);
    return sample.read();
  };
  const kept = keptSamples(stored, channels, settings, cacheBytes);
  const maker =
    workers === 0
      ? new LocalMaker(stored, new SampleStore(stored, read, settings, kept, false), settings)
      : WorkerPool.open(
          options.workerScript ?? workerScript(),
          { samples: stored, channels, labels, settings, kept },
          workers,
        );
  if (maker instanceof Failure) return maker;
  // In this thread nothing is made while the caller computes: making it earlier would only delay the first batch.
  const ahead = options.ahead ?? (workers === 0 ? 0 : Math.max(2, Math.ceil((2 * workers) / settings.batch)));
  return new BatchQueue(dataSet, samples, settings, schedule, maker, { from, steps, ahead });
}

/**
 * Random, augmented patches of `samples` of a data set, for training. Where a border map is asked for without class
 * weights, all labels are read first, to balance the classes.
 *
 * Step k gives the same bytes whatever the number of workers, and whether the steps before it were made. Fails for settings
 * that don't fit the data set. What goes wrong later, a file that can't be read, comes out of the iterator.
 */
export async function openLoader(
  dataSet: DataSet,
  samples: readonly Sample[],
  settings: LoaderSettings,
  options: LoaderOptions = {},
): Promise<Loader | Failure> {
  const wrong = optionsProblem(options);
  if (wrong !== undefined) return wrong;
  if (samples.length === 0) return new Failure('there is no image to train with');
  let resolved = resolveSettings(settings, dataSet);
  if (resolved instanceof Failure) return resolved;
  if (resolved.border !== undefined && settings.classWeights === undefined) {
    const balance = await classBalance(samples, dataSet.labels.classes, options.onProgress);
    if (balance instanceof Failure) return balance;
    resolved = { ...resolved, classWeights: balance };
  }
  const names = samples.map(({ name }) => name);
  const schedule = trainingSchedule(names, resolved);
  const steps = options.to ?? Number.POSITIVE_INFINITY;
  return openQueue(dataSet, samples, resolved, { schedule, steps }, options);
}

/**
 * The whole of `samples` in patches, each position once, in order and unchanged, for validation: what several patches show
 * weighs 0 in all but one. Weights are those of the classes; `augment`, `foreground` and `weightMap` are left out. Its
 * `steps` are finite.
 */
export async function openValidation(
  dataSet: DataSet,
  samples: readonly Sample[],
  settings: LoaderSettings,
  options: LoaderOptions = {},
): Promise<Loader | Failure> {
  const wrong = optionsProblem(options);
  if (wrong !== undefined) return wrong;
  const plain: LoaderSettings = { ...settings, augment: [], foreground: 0, weightMap: { kind: 'none' } };
  const resolved = resolveSettings(plain, dataSet);
  if (resolved instanceof Failure) return resolved;
  const schedule = validationSchedule(samples, resolved);
  if (schedule instanceof Failure) return schedule;
  const steps = Math.min(schedule.steps, options.to ?? Number.POSITIVE_INFINITY);
  return openQueue(dataSet, samples, resolved, { ...schedule, steps }, options);
}
