import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import type { SampleParts } from '../samples/read-sample.js';
import type { PatchRequest, WeightedPatch } from './patch.js';
import type { PatchProducer } from './patch-producer.js';
import type { PreparedSample } from './prepared-sample.js';
import { prepareThreads, takeThread } from './ready-threads.js';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-messages.js';

/** The bundled worker.ts: it lies beside the file that the bundler puts this module into. */
const WORKER_SCRIPT = new URL('./loader-worker.js', import.meta.url);

/** Starts the threads of a loader that will be opened soon. */
export function prepareLoaderThreads(count: number): void {
  prepareThreads(WORKER_SCRIPT, count);
}

interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  /** Requests that were sent to it and are not answered yet. */
  waiting: number;
  /** The last sample outside of the kept ones that it decodes. */
  newest: number | undefined;
}

interface Job {
  readonly thread: Thread;
  readonly sample: number;
  resolve(made: WeightedPatch | Failure): void;
  reject(error: unknown): void;
}

export interface PoolOptions {
  readonly threads: number;
  /** The bundled worker.ts, if this module is not bundled itself. */
  readonly script?: URL | undefined;
  /** Hands over what is in memory of a sample. */
  readonly take: (sample: number) => SampleParts;
}

/**
 * Produces patches in worker threads. Every request goes to a thread at once, so the threads work while this one computes.
 * Kept samples lie in shared memory, prepared once for all threads. A patch of a sample that a thread is about to decode
 * goes to that thread.
 */
export class WorkerPool implements PatchProducer {
  private readonly threads: readonly Thread[];
  private readonly prepared = new Map<number, PreparedSample>();
  private readonly jobs = new Map<number, Job>();
  private readonly decoding = new Map<number, Thread>();
  private next = 0;
  private closing = false;
  private broken: { readonly error: unknown } | undefined;

  private constructor(
    script: URL,
    private readonly setup: WorkerSetup,
    private readonly options: PoolOptions,
  ) {
    this.threads = Array.from({ length: options.threads }, () => this.start(script));
  }

  /** Starts the threads. Fails if their script is missing. */
  static open(setup: WorkerSetup, options: PoolOptions): WorkerPool | Failure {
    const { script = WORKER_SCRIPT } = options;
    if (!existsSync(script)) return failure('installation-incomplete', { path: fileURLToPath(script) });
    return new WorkerPool(script, setup, options);
  }

  private start(script: URL): Thread {
    const worker = takeThread(script);
    worker.postMessage({ kind: 'setup', setup: this.setup } satisfies ToWorker);
    const ended = new Promise<void>((resolve) => {
      worker.on('exit', (exitCode) => {
        if (!this.closing) this.fail(failure('loader-thread', { exitCode }));
        resolve();
      });
    });
    const thread: Thread = { worker, ended, waiting: 0, newest: undefined };
    worker.on('message', (message: FromWorker) => this.receive(thread, message));
    worker.on('error', (error: Error) => {
      const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.fail(outOfMemory ? failure('loader-thread', { reason: reasonOf(error) }) : error);
    });
    return thread;
  }

  /** Ends all requests, with a Failure or, for a bug of ours, an error; later ones end in the same way. */
  private fail(error: unknown): void {
    this.broken ??= { error };
    for (const job of this.jobs.values()) this.settle(job, this.broken.error);
    this.jobs.clear();
  }

  private settle(job: Job, error: unknown): void {
    if (error instanceof Failure) job.resolve(error);
    else job.reject(error);
  }

  private receive(thread: Thread, { id, made, prepared }: FromWorker): void {
    const job = this.jobs.get(id);
    if (job === undefined) return;
    this.jobs.delete(id);
    thread.waiting--;
    if (this.decoding.get(job.sample) === thread) this.decoding.delete(job.sample);
    if (prepared !== undefined) this.prepared.set(job.sample, prepared);
    job.resolve('code' in made ? Failure.of(made) : made);
  }

  private leastBusy(): Thread {
    const [first, ...others] = this.threads;
    if (first === undefined) throw new Error('a pool has at least one thread');
    return others.reduce((least, thread) => (thread.waiting < least.waiting ? thread : least), first);
  }

  private threadFor(index: number, prepared: PreparedSample | undefined): Thread {
    if (prepared !== undefined) return this.leastBusy();
    if (this.setup.kept.has(index)) {
      const thread = this.decoding.get(index) ?? this.leastBusy();
      this.decoding.set(index, thread);
      return thread;
    }
    const thread = this.threads.find(({ newest }) => newest === index) ?? this.leastBusy();
    thread.newest = index;
    return thread;
  }

  produce(request: PatchRequest): Promise<WeightedPatch | Failure> {
    return new Promise((resolve, reject) => {
      const prepared = this.prepared.get(request.sample);
      const thread = this.threadFor(request.sample, prepared);
      const job: Job = { thread, sample: request.sample, resolve, reject };
      if (this.broken !== undefined) {
        this.settle(job, this.broken.error);
        return;
      }
      const id = this.next++;
      this.jobs.set(id, job);
      thread.waiting++;
      this.send(thread, id, request, prepared);
    });
  }

  private send(
    { worker }: Thread,
    id: number,
    request: PatchRequest,
    prepared: PreparedSample | undefined,
  ): void {
    if (prepared !== undefined) {
      worker.postMessage({ kind: 'make', id, request, prepared } satisfies ToWorker);
      return;
    }
    const parts = this.options.take(request.sample);
    // They belong to the worker from now on, so that nothing is copied.
    const moved = [parts.image?.data, parts.classes].flatMap((values) => (values ? [values.buffer] : []));
    worker.postMessage(
      { kind: 'make', id, request, parts } satisfies ToWorker,
      // Decoded samples are not in shared memory.
      moved as ArrayBuffer[],
    );
  }

  async close(): Promise<void> {
    this.closing = true;
    for (const { worker } of this.threads) worker.postMessage({ kind: 'close' } satisfies ToWorker);
    // The threads are not terminated: libraries that decode may be in the middle of their work.
    await Promise.all(this.threads.map(({ ended }) => ended));
    this.fail(failure('loader-closed', {}));
  }
}
