// What a thread of a survey runs. The package contains it as a separate file: see threaded-reader.ts.
import { parentPort } from 'node:worker_threads';
import { Failure } from '../../diagnostics/failure.js';
import { inspectPair } from '../files/inspect.js';
import { sentFailure } from '../loader/worker-messages.js';
import { indexedMask, surveyedImage } from './sample-contents.js';
import type { FromSurveyThread, SurveyPart, SurveyTask, ToSurveyThread } from './survey-messages.js';

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker');

async function read(task: SurveyTask): Promise<{ parts: SurveyPart[]; moved: ArrayBufferLike[] }> {
  const parts: SurveyPart[] = [];
  const moved: ArrayBufferLike[] = [];
  if (task.kind === 'pairs') {
    for (const pair of task.pairs) {
      const found = await inspectPair(pair, task.options);
      parts.push('pair' in found ? found : found.map(sentFailure));
    }
    return { parts, moved };
  }
  for (const [i, sample] of task.samples.entries()) {
    if (task.kind === 'masks') {
      const mask = await indexedMask(sample);
      parts.push(mask instanceof Failure ? sentFailure(mask) : mask);
      if (!(mask instanceof Failure) && mask.positions) moved.push(mask.positions.buffer);
      continue;
    }
    const read = await surveyedImage(sample, { ...task, isKept: task.isKept[i] ?? false });
    if (read instanceof Failure) {
      parts.push(sentFailure(read));
      continue;
    }
    parts.push(read);
    if (read.image) moved.push(read.image.data.buffer);
    for (const { sample: values } of read.summary?.channels ?? []) moved.push(values.buffer);
  }
  return { parts, moved };
}

async function answer(id: number, task: SurveyTask): Promise<void> {
  const { parts, moved } = await read(task);
  // They are arrays of this thread, and not in shared memory.
  port?.postMessage({ id, parts } satisfies FromSurveyThread, moved as ArrayBuffer[]);
}

// One after the other, so that a thread has the memory of one task.
let last: Promise<void> = Promise.resolve();
port.on('message', (message: ToSurveyThread) => {
  last = last.then(() => (message === 'close' ? void port.close() : answer(message.id, message.task)));
});
