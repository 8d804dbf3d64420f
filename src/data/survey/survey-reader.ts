import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Failure } from '../../diagnostics/failure.js';
import { elementCount } from '../../runtime/tensor.js';
import { type InspectedPair, type InspectOptions, inspectPair } from '../files/inspect.js';
import type { FilePair } from '../files/pairs.js';
import type { IndexedLabels } from '../labels/value-index.js';
import { receivedFailure } from '../loader/worker-messages.js';
import type { Sample } from '../samples/sample.js';
import { inOrder } from './in-order.js';
import { type ImageRequest, indexedMask, surveyedImage } from './sample-contents.js';
import type { SurveyedImage, SurveyTask } from './survey-messages.js';
import { ThreadedReader } from './threaded-reader.js';

/** The bundled survey-thread.ts: it lies beside the file that the bundler puts this module into. */
const THREAD_SCRIPT = new URL('./survey-thread.js', import.meta.url);

/** Sets of fewer positions are read sooner than threads start. */
const FEWEST_POSITIONS = 2 ** 22;
/** The same for the headers of pairs of files. */
const FEWEST_PAIRS = 256;
const TASK_PAIRS = 64;
/** More threads than this wait for the disk. */
const MOST_THREADS = 8;
/** So many positions are one task of a thread, or one sample with more. */
const TASK_POSITIONS = 2 ** 19;

let threads: ThreadedReader | undefined;

/** The threads, if there are enough of them and their script is there. */
function openThreads(): ThreadedReader | undefined {
  const count = Math.min(MOST_THREADS, availableParallelism());
  if (count < 2 || !existsSync(THREAD_SCRIPT)) return undefined;
  if (!threads?.isUsable) threads = new ThreadedReader(THREAD_SCRIPT, count);
  return threads;
}

/** The threads, if the samples are worth them. */
function threadsFor(samples: readonly Sample[]): ThreadedReader | undefined {
  const positions = samples.reduce((sum, { spatial }) => sum + elementCount(spatial), 0);
  return positions >= FEWEST_POSITIONS && samples.length > 1 ? openThreads() : undefined;
}

/** Reads the headers of pairs of files, in this thread or in others, and yields what they say in the order of the pairs. */
export async function* inspectPairs(
  pairs: readonly FilePair[],
  options: InspectOptions,
): AsyncGenerator<InspectedPair | readonly Failure[]> {
  const pool = pairs.length < FEWEST_PAIRS ? undefined : openThreads();
  if (pool === undefined) {
    for (const pair of pairs) yield await inspectPair(pair, options);
    return;
  }
  const groups = Array.from({ length: Math.ceil(pairs.length / TASK_PAIRS) }, (_, i) =>
    pairs.slice(i * TASK_PAIRS, (i + 1) * TASK_PAIRS),
  );
  const { rank, sliceAxis } = options;
  const sent = { ...(rank ? { rank } : {}), ...(sliceAxis ? { sliceAxis } : {}) };
  const run = (group: readonly FilePair[]) => pool.run({ kind: 'pairs', pairs: group, options: sent });
  for await (const parts of inOrder(groups, 2 * pool.count, run)) {
    if (parts instanceof Failure) {
      yield [parts];
      return;
    }
    for (const part of parts) {
      if (Array.isArray(part)) yield part.map(receivedFailure);
      // The task decides the kind of its parts.
      else yield part as InspectedPair;
    }
  }
}

/** The samples in groups of one task each. */
function grouped(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const groups: Sample[][] = [];
  let room = 0;
  for (const sample of samples) {
    const positions = elementCount(sample.spatial);
    if (positions > room) {
      groups.push([]);
      room = TASK_POSITIONS;
    }
    room -= positions;
    groups.at(-1)?.push(sample);
  }
  return groups;
}

/**
 * Reads parts of all samples, in this thread or in others, and yields them in the order of the samples. What is read does not
 * depend on the number of threads. `here` reads a part in this thread.
 */
async function* readAll<T extends IndexedLabels | SurveyedImage>(
  samples: readonly Sample[],
  taskOf: (group: readonly Sample[]) => SurveyTask,
  here: (sample: Sample) => Promise<T | Failure>,
): AsyncGenerator<T | Failure> {
  const pool = threadsFor(samples);
  if (pool === undefined) {
    // Two at once: while one is inflated, the other is computed.
    yield* inOrder(samples, 2, here);
    return;
  }
  // Each thread has a task that it does and one that waits.
  for await (const parts of inOrder(grouped(samples), 2 * pool.count, (group) => pool.run(taskOf(group)))) {
    if (parts instanceof Failure) {
      yield parts;
      return;
    }
    for (const part of parts) {
      // The task decides the kind of its parts.
      yield 'code' in part ? receivedFailure(part) : (part as T);
    }
  }
}

/** The masks of samples, decoded and counted. */
export function readMasks(samples: readonly Sample[]): AsyncGenerator<IndexedLabels | Failure> {
  return readAll<IndexedLabels>(samples, (group) => ({ kind: 'masks', samples: group }), indexedMask);
}

/** What is read of the images of samples, which are checked for values that are not finite. */
export function readImages(
  samples: readonly Sample[],
  request: Omit<ImageRequest, 'isKept'>,
  isKept: (sample: Sample) => boolean,
): AsyncGenerator<SurveyedImage | Failure> {
  return readAll<SurveyedImage>(
    samples,
    (group) => ({ kind: 'images', samples: group, ...request, isKept: group.map(isKept) }),
    (sample) => surveyedImage(sample, { ...request, isKept: isKept(sample) }),
  );
}
