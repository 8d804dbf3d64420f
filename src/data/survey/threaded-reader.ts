import { Worker } from 'node:worker_threads';
import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import { runTask } from './run-task.js';
import type { FromSurveyThread, SurveyPart, SurveyTask, ToSurveyThread } from './survey-messages.js';

/** How long threads without work stay, in ms: another survey often follows. */
const IDLE = 2000;

interface Thread {
  readonly worker: Worker;
  waiting: number;
}

type Answer = readonly SurveyPart[] | Failure;

/**
 * This thread and others, which read parts of samples. The others end after a while without work, and keep no process
 * from ending.
 */
export class ThreadedReader {
  private readonly threads: readonly Thread[];
  private readonly jobs = new Map<number, (answer: Answer) => void>();
  private next = 0;
  private broken: Failure | undefined;
  private isClosing = false;
  private idle: NodeJS.Timeout | undefined;
  /** What this thread reads: one task after the other, for the memory of one. */
  private own: Promise<unknown> = Promise.resolve();
  private ownWaiting = 0;

  /** @param others how many threads there are besides this one */
  constructor(script: URL, others: number) {
    this.threads = Array.from({ length: others }, () => this.start(script));
  }

  /** How many threads read. */
  get count(): number {
    return this.threads.length + 1;
  }

  /** Whether it can take more work. */
  get isUsable(): boolean {
    return !this.isClosing && this.broken === undefined;
  }

  private start(script: URL): Thread {
    // What it makes is sent away or dropped soon: with more room, it would only be dropped later.
    const worker = new Worker(script, { resourceLimits: { maxYoungGenerationSizeMb: 6 } });
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

  /**
   * Gives a task to the thread with the least work; to this one only if all others have more, since it also uses the results.
   *
   * @param ownMost how many tasks may wait for this thread
   */
  run(task: SurveyTask, ownMost = Number.POSITIVE_INFINITY): Promise<Answer> {
    clearTimeout(this.idle);
    if (this.broken) return Promise.resolve(this.broken);
    let thread: Thread | undefined;
    for (const one of this.threads) if (!thread || one.waiting < thread.waiting) thread = one;
    if (thread === undefined || this.ownWaiting < Math.min(ownMost, thread.waiting))
      return this.runHere(task);
    const { worker } = thread;
    thread.waiting += 1;
    return new Promise((resolve) => {
      const id = this.next++;
      this.jobs.set(id, resolve);
      // Work keeps the process.
      worker.ref();
      worker.postMessage({ id, task } satisfies ToSurveyThread);
    });
  }

  private runHere(task: SurveyTask): Promise<Answer> {
    this.ownWaiting += 1;
    const answer = this.own.then(async () => {
      // Answers of the other threads come first.
      await new Promise((resolve) => setImmediate(resolve));
      const { parts } = await runTask(task);
      this.ownWaiting -= 1;
      return parts;
    });
    this.own = answer;
    return answer;
  }

  private close(): void {
    this.isClosing = true;
    for (const { worker } of this.threads) worker.postMessage('close' satisfies ToSurveyThread);
  }
}
