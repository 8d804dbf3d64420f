import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** How long a thread waits for its first work, in ms. */
const LONGEST_WAIT = 10_000;

interface ReadyThread {
  readonly worker: Worker;
  readonly script: string;
  /** No longer tends the thread while it waits. */
  release(): void;
}

const ready = new Set<ReadyThread>();

/**
 * Starts threads that will have work soon: loading their script takes longer than making a batch. They keep no process from
 * ending, and end if nobody takes them. Without the script, nothing is started: whoever needs a thread reports it.
 */
export function prepareThreads(script: URL, count: number): void {
  if (!existsSync(script)) return;
  const waiting = [...ready].filter((thread) => thread.script === script.href).length;
  for (let i = waiting; i < count; i++) {
    const worker = new Worker(script);
    worker.unref();
    const timer = setTimeout(() => void worker.terminate(), LONGEST_WAIT).unref();
    const drop = () => {
      clearTimeout(timer);
      ready.delete(thread);
    };
    const thread: ReadyThread = {
      ...{ worker, script: script.href },
      release: () => {
        drop();
        worker.off('exit', drop).off('error', drop);
        worker.ref();
      },
    };
    worker.on('exit', drop).on('error', drop);
    ready.add(thread);
  }
}

/** A thread that runs a script: one that waits for work, or a new one. */
export function takeThread(script: URL): Worker {
  for (const thread of ready) {
    if (thread.script !== script.href) continue;
    thread.release();
    return thread.worker;
  }
  return new Worker(script);
}
