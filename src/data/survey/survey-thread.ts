// What a thread of a survey runs. The package contains it as a separate file: see threaded-reader.ts.
import { parentPort } from 'node:worker_threads';
import { runTask } from './run-task.js';
import type { FromSurveyThread, SurveyTask, ToSurveyThread } from './survey-messages.js';

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker');

async function answer(id: number, task: SurveyTask): Promise<void> {
  const { parts, moved } = await runTask(task);
  // They are arrays of this thread, and not in shared memory.
  port?.postMessage({ id, parts } satisfies FromSurveyThread, moved as ArrayBuffer[]);
}

// One after the other, so that a thread has the memory of one task.
let last: Promise<void> = Promise.resolve();
port.on('message', (message: ToSurveyThread) => {
  last = last.then(() => (message === 'close' ? void port.close() : answer(message.id, message.task)));
});
