import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failure, reasonOf } from '../../diagnostics/failure.js';
import type { MadeItem, PatchRequest } from './patch.js';
import type { PatchProducer } from './patch-producer.js';
import type { PreparedSample } from './prepared-sample.js';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.js';

interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  /** Items that were given to it and have not come back. */
  waiting: number;
  /** The sample that is not kept which it will have decoded last. */
  newest: number | undefined;
}

interface Job {
  readonly thread: Thread;
  readonly sample: number;
  resolve(made: MadeItem | Failure): void;
  reject(error: unknown): void;
}

/**
 * Makes items in worker threads. Every item goes to a thread at once, so that they go on while this thread computes.
 * Samples that are kept lie in shared memory, decoded once for all threads. An item of a sample that a thread is about to
 * decode goes to that thread.
 */
export class WorkerPool implements PatchProducer {
  private readonly threads: readonly Thread[];
  private readonly kept: ReadonlySet<number>;
  private readonly samples = new Map<number, PreparedSample>();
  private readonly jobs = new Map<number, Job>();
  private readonly decoding = new Map<number, Thread>();
  private next = 0;
  private closing = false;
  private broken: { readonly error: unknown } | undefined;

  private constructor(script: URL, setup: WorkerSetup, count: number) {
    this.kept = setup.kept;
    this.threads = Array.from({ length: count }, () => this.start(script, setup));
  }

  /** `count` threads that run `script`. Fails where it is not there. */
  static open(script: URL, setup: WorkerSetup, count: number): WorkerPool | Failure {
    if (!existsSync(script)) {
      return new Failure(`${fileURLToPath(script)} is missing: the installation of unet-lang is incomplete`);
    }
    return new WorkerPool(script, setup, count);
  }

  private start(script: URL, workerData: WorkerSetup): Thread {
    const worker = new Worker(script, { workerData });
    const ended = new Promise<void>((resolve) => {
      worker.on('exit', (code) => {
        if (!this.closing) this.fail(new Failure(`a thread that reads the data set ended with code ${code}`));
        resolve();
      });
    });
    const thread: Thread = { worker, ended, waiting: 0, newest: undefined };
    worker.on('message', (message: FromWorker) => this.receive(thread, message));
    worker.on('error', (error: Error) => {
      const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.fail(
        outOfMemory ? new Failure(`a thread that reads the data set failed: ${reasonOf(error)}`) : error,
      );
    });
    return thread;
  }

  /** Nothing is made any more: a Failure, or for a bug of ours an error. */
  private fail(error: unknown): void {
    this.broken ??= { error };
    for (const job of this.jobs.values()) this.settle(job, this.broken.error);
    this.jobs.clear();
  }

  private settle(job: Job, error: unknown): void {
    if (error instanceof Failure) job.resolve(error);
    else job.reject(error);
  }

  private receive(thread: Thread, { id, made, failure, sample }: FromWorker): void {
    const job = this.jobs.get(id);
    if (job === undefined) return;
    this.jobs.delete(id);
    thread.waiting--;
    if (this.decoding.get(job.sample) === thread) this.decoding.delete(job.sample);
    if (sample !== undefined) this.samples.set(job.sample, sample);
    job.resolve(made ?? new Failure(failure ?? 'the data set was closed'));
  }

  private post(thread: Thread, message: ToWorker): void {
    thread.worker.postMessage(message);
  }

  private leastBusy(): Thread {
    const [first, ...others] = this.threads;
    if (first === undefined) throw new Error('a pool has at least one thread');
    return others.reduce((least, thread) => (thread.waiting < least.waiting ? thread : least), first);
  }

  private threadFor(index: number, sample: PreparedSample | undefined): Thread {
    if (sample !== undefined) return this.leastBusy();
    if (this.kept.has(index)) {
      const thread = this.decoding.get(index) ?? this.leastBusy();
      this.decoding.set(index, thread);
      return thread;
    }
    const thread = this.threads.find(({ newest }) => newest === index) ?? this.leastBusy();
    thread.newest = index;
    return thread;
  }

  make(item: PatchRequest): Promise<MadeItem | Failure> {
    return new Promise((resolve, reject) => {
      const sample = this.samples.get(item.sample);
      const thread = this.threadFor(item.sample, sample);
      const job: Job = { thread, sample: item.sample, resolve, reject };
      if (this.broken !== undefined) {
        this.settle(job, this.broken.error);
        return;
      }
      const id = this.next++;
      this.jobs.set(id, job);
      thread.waiting++;
      this.post(thread, { kind: 'make', id, item, ...(sample && { sample }) });
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    for (const thread of this.threads) this.post(thread, { kind: 'close' });
    // A thread is not terminated: libraries that decode may be in the middle of something.
    await Promise.all(this.threads.map(({ ended }) => ended));
    this.fail(new Failure('the data set was closed'));
  }
}
