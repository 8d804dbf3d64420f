import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Failure } from '../../diagnostics/failure.js';
import { statOf } from '../../runtime/files/folders.js';
import { elementCount } from '../../runtime/tensor.js';
import type { InspectOptions } from '../files/inspect.js';
import type { FilePair } from '../files/pairs.js';
import type { IndexedLabels } from '../labels/value-index.js';
import type { Sample } from '../samples/sample.js';
import { inOrder } from './in-order.js';
import type { ImageRequest } from './sample-contents.js';
import type { ContentRequest, PairContents, SurveyedImage, SurveyTask } from './survey-messages.js';
import { ThreadedReader } from './threaded-reader.js';

/** The bundled survey-thread.ts: it lies beside the file that the bundler puts this module into. */
const THREAD_SCRIPT = new URL('./survey-thread.js', import.meta.url);

/** More threads than this wait for the disk. */
const MOST_THREADS = 8;
/** Sets of fewer positions are read sooner than threads start. */
const FEWEST_POSITIONS = 2 ** 22;
/** The same for files, in bytes. */
const FEWEST_BYTES = 2 ** 21;
/** The same for files of which only the headers are read, in pairs. */
const FEWEST_PAIRS = 256;
/** So many pairs are worth threads whatever their files are. */
const MANY_PAIRS = 1024;
/** So many positions are one task of a thread, or one sample with more. */
const TASK_POSITIONS = 2 ** 19;
/** So many bytes of files are one task, or one pair with more. */
const TASK_BYTES = 2 ** 18;
/** So many small tasks are given away at once where this thread may do something else at a stretch. */
const MOST_AHEAD = 64;
/** What a file costs besides its bytes, in bytes. */
const FILE_BYTES = 2 ** 12;

let threads: ThreadedReader | undefined;
let alone: ThreadedReader | undefined;

/** This thread, with others if the work is worth them and their script is there. */
function openReader(isWorthThreads: boolean): ThreadedReader {
  const count = Math.min(MOST_THREADS, availableParallelism());
  if (!isWorthThreads || count < 2 || !existsSync(THREAD_SCRIPT)) {
    alone ??= new ThreadedReader(THREAD_SCRIPT, 0);
    return alone;
  }
  if (!threads?.isUsable) threads = new ThreadedReader(THREAD_SCRIPT, count - 1);
  return threads;
}

/** Items in groups of one task each, in their order. */
function grouped<T>(
  items: readonly T[],
  costOf: (item: T) => number,
  most: number,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let room = 0;
  for (const item of items) {
    const cost = costOf(item);
    if (cost > room) {
      groups.push([]);
      room = most;
    }
    room -= cost;
    groups.at(-1)?.push(item);
  }
  return groups;
}

/** The bytes of the files of a pair; a folder is as much as a task. */
function bytesOf({ images, mask, parts = [] }: FilePair): number {
  let sum = 0;
  for (const path of [...images, mask, ...parts.map((part) => part.path)]) {
    const stats = statOf(path);
    sum += stats?.isDirectory() ? TASK_BYTES : FILE_BYTES + (stats?.size ?? 0);
  }
  return sum;
}

/**
 * Reads the headers of pairs of files and what is wanted of their samples, in this thread and in others, and yields what
 * is found in the order of the pairs.
 */
export async function* surveyPairs(
  pairs: readonly FilePair[],
  { rank, sliceAxis }: InspectOptions,
  contents: ContentRequest,
): AsyncGenerator<PairContents | readonly Failure[]> {
  const isLong = pairs.length >= MANY_PAIRS;
  // They start while the files are listed.
  if (isLong) openReader(true);
  const isHeaderOnly = contents.masks === undefined && contents.images === undefined;
  const sizes = new Map(pairs.map((pair) => [pair, isHeaderOnly ? FILE_BYTES : bytesOf(pair)]));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const reader = openReader(
    isLong || (pairs.length > 1 && (isHeaderOnly ? pairs.length >= FEWEST_PAIRS : total >= FEWEST_BYTES)),
  );
  const options = { ...(rank ? { rank } : {}), ...(sliceAxis ? { sliceAxis } : {}) };
  const groups = grouped(pairs, (pair) => sizes.get(pair) ?? 0, TASK_BYTES);
  // A training opens its first step meanwhile, which holds this thread for a third of a second.
  const goesAhead =
    contents.images?.isKept === true && [...sizes.values()].every((size) => size < TASK_BYTES);
  const run = (group: readonly FilePair[]) =>
    reader.run({ kind: 'pairs', pairs: group, options, contents }, goesAhead ? 1 : undefined);
  // Half of what is left: of the other half, this thread takes one after the other, so that all end together.
  const ahead = (left: number) =>
    Math.max(2 * reader.count, goesAhead ? Math.min(MOST_AHEAD, Math.ceil(left / 2)) : 0);
  for await (const parts of inOrder(groups, ahead, run)) {
    if (parts instanceof Failure) {
      yield [parts];
      return;
    }
    for (const part of parts) {
      if (Array.isArray(part)) yield part.map((one) => Failure.of(one));
      // The task decides the kind of its parts.
      else yield part as PairContents;
    }
  }
}

/**
 * Reads parts of all samples, in this thread and in others, and yields them in the order of the samples. What is read does
 * not depend on the number of threads.
 */
async function* readAll<T extends IndexedLabels | SurveyedImage>(
  samples: readonly Sample[],
  taskOf: (group: readonly Sample[]) => SurveyTask,
): AsyncGenerator<T | Failure> {
  const positions = samples.reduce((sum, { spatial }) => sum + elementCount(spatial), 0);
  const reader = openReader(positions >= FEWEST_POSITIONS && samples.length > 1);
  const groups = grouped(samples, ({ spatial }) => elementCount(spatial), TASK_POSITIONS);
  for await (const parts of inOrder(
    groups,
    () => 2 * reader.count,
    (group) => reader.run(taskOf(group)),
  )) {
    if (parts instanceof Failure) {
      yield parts;
      return;
    }
    for (const part of parts) {
      // The task decides the kind of its parts.
      yield 'code' in part ? Failure.of(part) : (part as T);
    }
  }
}

/** The masks of samples, decoded and counted; with `withPositions`, what is where. */
export function readMasks(
  samples: readonly Sample[],
  withPositions: boolean,
): AsyncGenerator<IndexedLabels | Failure> {
  return readAll<IndexedLabels>(samples, (group) => ({ kind: 'masks', samples: group, withPositions }));
}

/** What is read of the images of samples, which are checked for values that are not finite. */
export function readImages(
  samples: readonly Sample[],
  request: Omit<ImageRequest, 'isKept'>,
  isKept: (sample: Sample) => boolean,
): AsyncGenerator<SurveyedImage | Failure> {
  return readAll<SurveyedImage>(samples, (group) => ({
    kind: 'images',
    samples: group,
    ...request,
    isKept: group.map(isKept),
  }));
}
