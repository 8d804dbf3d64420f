import { Worker } from 'node:worker_threads';
import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import type { FromSurveyThread, SurveyPart, SurveyTask, ToSurveyThread } from './survey-messages.js';

/** How long threads without work stay, in ms: another survey often follows. */
const IDLE = 2000;

interface Thread {
  readonly worker: Worker;
  waiting: number;
}

type Answer = readonly SurveyPart[] | Failure;

/** Threads that read parts of samples. They end after a while without work, and keep no process from ending. */
export class ThreadedReader {
  private readonly threads: readonly Thread[];
  private readonly jobs = new Map<number, (answer: Answer) => void>();
  private next = 0;
  private broken: Failure | undefined;
  private isClosing = false;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    script: URL,
    readonly count: number,
  ) {
    this.threads = Array.from({ length: count }, () => this.start(script));
  }

  /** Whether it can take more work. */
  get isUsable(): boolean {
    return !this.isClosing && this.broken === undefined;
  }

  private start(script: URL): Thread {
    const worker = new Worker(script);
    worker.unref();
    worker.on('exit', (exitCode) => {
      if (!this.isClosing) this.fail(failure('loader-thread', { exitCode }));
    });
    worker.on('error', (error: Error) => this.fail(failure('loader-thread', { reason: reasonOf(error) })));
    const thread: Thread = { worker, waiting: 0 };
    worker.on('message', ({ id, parts }: FromSurveyThread) => {
      thread.waiting -= 1;
      if (thread.waiting === 0) worker.unref();
      this.settle(id, parts);
    });
    return thread;
  }

  private settle(id: number, answer: Answer): void {
    this.jobs.get(id)?.(answer);
    this.jobs.delete(id);
    if (this.jobs.size === 0) this.idle = setTimeout(() => this.close(), IDLE).unref();
  }

  private fail(reason: Failure): void {
    this.broken ??= reason;
    for (const id of [...this.jobs.keys()]) this.settle(id, this.broken);
  }

  /** Gives a task to the thread with the least work. */
  run(task: SurveyTask): Promise<Answer> {
    clearTimeout(this.idle);
    if (this.broken) return Promise.resolve(this.broken);
    const [first, ...others] = this.threads;
    if (first === undefined) throw new Error('a reader has at least one thread');
    const thread = others.reduce((least, one) => (one.waiting < least.waiting ? one : least), first);
    return new Promise((resolve) => {
      const id = this.next++;
      this.jobs.set(id, resolve);
      thread.waiting += 1;
      // Work keeps the process.
      thread.worker.ref();
      thread.worker.postMessage({ id, task } satisfies ToSurveyThread);
    });
  }

  private close(): void {
    this.isClosing = true;
    for (const { worker } of this.threads) worker.postMessage('close' satisfies ToSurveyThread);
  }
}
