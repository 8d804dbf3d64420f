import { availableParallelism } from 'node:os';
import { Failure, failure } from '../../diagnostics/failure.js';
import { formFor } from '../../images/value-scale.js';
import type { DataSet } from '../data-set.js';
import { readSample } from '../samples/read-sample.js';
import type { Sample } from '../samples/sample.js';
import { classBalance } from '../weight-map/class-balance.js';
import { BatchQueue, type Loader } from './batch-queue.js';
import { keptSamples } from './kept-samples.js';
import { LocalProducer } from './patch-producer.js';
import { SampleStore } from './sample-store.js';
import { type PatchSchedule, trainingSchedule, validationSchedule } from './schedule.js';
import { type LoaderSettings, type ResolvedSettings, resolveSettings } from './settings.js';
import { prepareLoaderThreads, WorkerPool } from './worker-pool.js';

export interface LoaderOptions {
  /**
   * Threads that read and augment; with 0, the caller's thread does so. When left out: one less than there are processors,
   * from 1 to 4. Batches do not depend on it.
   */
  readonly workers?: number | undefined;
  /** Batches that are made before a caller reads them; when left out, enough for every thread to have two patches. */
  readonly ahead?: number;
  /** The first step; 0 when left out. Batches do not depend on it. */
  readonly from?: number;
  /** The step after the last one; without an end when left out. */
  readonly to?: number;
  /**
   * How many bytes of decoded samples are kept; as many as the data set may keep when left out. Besides, each thread has
   * the sample that it works on.
   */
  readonly cacheBytes?: number;
  /** Called while the labels are read to balance the classes: see LoaderSettings.classWeights. */
  readonly onProgress?: (done: number, total: number) => void;
  /** The bundled worker.ts, if this module is not bundled itself. */
  readonly workerScript?: URL;
}

const MOST_WORKERS = 4;

/** How many threads make batches, unless a caller says so: one processor computes. */
function standardWorkers(): number {
  return Math.min(MOST_WORKERS, Math.max(1, availableParallelism() - 1));
}

/** Starts the threads of a loader that will be opened soon. */
export function prepareLoader({ workers = standardWorkers() }: Pick<LoaderOptions, 'workers'>): void {
  prepareLoaderThreads(workers);
}

/** Fails if a number of the options is out of range. */
function invalidOption({ workers = 0, ahead = 0, from = 0, to = from }: LoaderOptions): Failure | undefined {
  const numbers = [
    ['workers', workers],
    ['ahead', ahead],
    ['from', from],
    ['to', to === Number.POSITIVE_INFINITY ? from : to],
  ] as const;
  const invalid = numbers.find(([, value]) => !Number.isSafeInteger(value) || value < 0);
  return invalid && failure('loader-setting', { problem: { setting: invalid[0], value: invalid[1] } });
}

function openQueue(
  dataSet: DataSet,
  samples: readonly Sample[],
  settings: ResolvedSettings,
  { schedule, steps }: { readonly schedule: PatchSchedule; readonly steps: number },
  options: LoaderOptions,
): Loader | Failure {
  const { memory, channels, labels, normalization } = dataSet;
  const { from = 0, cacheBytes = memory.bound } = options;
  const threads = options.workers ?? standardWorkers();
  const kept = keptSamples(samples, channels, settings, cacheBytes);
  // What is not kept must not take the room of what is.
  for (const [index, sample] of samples.entries()) if (!kept.has(index)) memory.drop(sample);
  const take = (sample: Sample | undefined) => (sample ? memory.take(sample, formFor(normalization)) : {});
  const format = { channels, labels, normalization };
  const readHere = (sample: Sample) => readSample(sample, format, take(sample));
  const producer =
    threads === 0
      ? new LocalProducer(samples, new SampleStore(samples, readHere, settings, kept, false), settings)
      : WorkerPool.open(
          { samples, format, settings, kept },
          { threads, script: options.workerScript, take: (index) => take(samples[index]) },
        );
  if (producer instanceof Failure) return producer;
  // This thread makes nothing while the caller computes: making batches earlier would only delay the first one.
  const ahead = options.ahead ?? (threads === 0 ? 0 : Math.max(2, Math.ceil((2 * threads) / settings.batch)));
  const names = samples.map(({ name }) => name);
  return new BatchQueue({ settings, schedule, producer, channels, names }, { from, steps, ahead });
}

/**
 * Random, augmented patches of `samples` of a data set, for training. If the settings have a border map but no class
 * weights, all labels are counted first, to balance the classes.
 *
 * Step k gives the same bytes for any number of workers, and whether or not the steps before it were made. Fails for
 * settings that do not fit the data set. What goes wrong later, such as a file that cannot be read, is an element of the
 * iterator.
 */
export async function openLoader(
  dataSet: DataSet,
  samples: readonly Sample[],
  settings: LoaderSettings,
  options: LoaderOptions = {},
): Promise<Loader | Failure> {
  if (samples.length === 0) return failure('no-training-image', {});
  const resolved = resolveSettings(settings, dataSet);
  if (resolved instanceof Failure) return resolved;
  const isBalanced = resolved.border !== undefined && settings.classWeights === undefined;
  return openResolvedLoader(dataSet, samples, resolved, isBalanced, options);
}

/** As openLoader, with settings that are checked. `isBalanced`: whether to balance the classes. */
export async function openResolvedLoader(
  dataSet: DataSet,
  samples: readonly Sample[],
  settings: ResolvedSettings,
  isBalanced: boolean,
  options: LoaderOptions = {},
): Promise<Loader | Failure> {
  const invalid = invalidOption(options);
  if (invalid !== undefined) return invalid;
  let { classWeights } = settings;
  if (isBalanced) {
    const balance = await classBalance(dataSet, samples, options.onProgress);
    if (balance instanceof Failure) return balance;
    classWeights = balance;
  }
  const balanced = { ...settings, classWeights };
  const names = samples.map(({ name }) => name);
  const schedule = trainingSchedule(names, balanced);
  const steps = options.to ?? Number.POSITIVE_INFINITY;
  return openQueue(dataSet, samples, balanced, { schedule, steps }, options);
}

/**
 * The whole of `samples` in patches, each position once, in order and unchanged, for validation: a position that several
 * patches show has the weight 0 in all but one. Weights are the weights of the classes; `augment`, `foreground` and
 * `weightMap` are ignored. The number of `steps` is finite.
 */
export async function openValidation(
  dataSet: DataSet,
  samples: readonly Sample[],
  settings: LoaderSettings,
  options: LoaderOptions = {},
): Promise<Loader | Failure> {
  const invalid = invalidOption(options);
  if (invalid !== undefined) return invalid;
  const plain: LoaderSettings = { ...settings, augment: [], foreground: 0, weightMap: { kind: 'none' } };
  const resolved = resolveSettings(plain, dataSet);
  if (resolved instanceof Failure) return resolved;
  const schedule = validationSchedule(samples, resolved);
  if (schedule instanceof Failure) return schedule;
  const steps = Math.min(schedule.steps, options.to ?? Number.POSITIVE_INFINITY);
  return openQueue(dataSet, samples, resolved, { ...schedule, steps }, options);
}
