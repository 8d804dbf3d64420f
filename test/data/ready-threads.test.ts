import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { prepareThreads, takeThread } from '../../src/data/loader/ready-threads.js';

let folder: string;
let script: URL;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-threads-'));
  writeFileSync(
    join(folder, 'echo.mjs'),
    "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', (text) => parentPort.postMessage(text));\n",
  );
  script = pathToFileURL(join(folder, 'echo.mjs'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.useRealTimers());

const answer = async (thread: Worker) => {
  const heard = new Promise((resolve) => thread.once('message', resolve));
  thread.postMessage('hello');
  return heard;
};

/** A thread that starts now: threads are numbered in the order in which they start. */
const threadNow = async () => {
  const thread = new Worker(script);
  const { threadId } = thread;
  await thread.terminate();
  return threadId;
};

test('threads that were prepared are taken first, and each once', async () => {
  prepareThreads(script, 2);
  const between = await threadNow();
  const taken = [takeThread(script), takeThread(script), takeThread(script)];
  expect(taken.map(({ threadId }) => threadId < between)).toEqual([true, true, false]);
  expect(await Promise.all(taken.map(answer))).toEqual(['hello', 'hello', 'hello']);
  await Promise.all(taken.map((thread) => thread.terminate()));
});

test('a thread of another script is not taken', async () => {
  const other = new URL('other.mjs', script);
  writeFileSync(other, '');
  prepareThreads(script, 1);
  const between = await threadNow();
  const taken = takeThread(other);
  expect(taken.threadId).toBeGreaterThan(between);
  await taken.terminate();
  await takeThread(script).terminate();
});

test('a thread that nobody takes ends', async () => {
  vi.useFakeTimers();
  prepareThreads(script, 1);
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  const between = await threadNow();
  await vi.waitFor(() => {
    const taken = takeThread(script);
    const { threadId } = taken;
    void taken.terminate();
    expect(threadId).toBeGreaterThan(between);
  });
});

test('a script that is missing starts nothing', () => {
  prepareThreads(new URL('missing.mjs', script), 1);
});
