import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import type { Engine, LoadOptions, OtherInputs, Session, TensorInfo } from '../engine.js';
import type { Tensor } from '../tensor.js';
import type { EngineResult, EngineTask, FromEngine, LoadedModel, ToEngine } from './engine-messages.js';

/** The bundled engine-thread.ts: it lies beside the file that the bundler puts this module into. */
const THREAD_SCRIPT = new URL('./engine-thread.js', import.meta.url);

/** A thread, and what it was asked. It ends by itself when it is told to, or when it fails. */
class EngineThread {
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private readonly jobs = new Map<number, (result: EngineResult | Failure) => void>();
  private next = 0;
  private broken: Failure | undefined;
  sessions = 0;

  constructor(script: URL) {
    this.worker = new Worker(script);
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', (exitCode) => {
        this.fail(failure('engine-thread', { exitCode }));
        resolve();
      });
    });
    this.worker.on('error', (error: Error) =>
      this.fail(failure('engine-thread', { reason: reasonOf(error) })),
    );
    this.worker.on('message', ({ id, result }: FromEngine) => {
      this.jobs.get(id)?.(result);
      this.jobs.delete(id);
    });
  }

  private fail(reason: Failure): void {
    this.broken ??= reason;
    for (const resolve of this.jobs.values()) resolve(this.broken);
    this.jobs.clear();
  }

  /** The result, and the number of the question. */
  async ask(task: EngineTask): Promise<{ readonly id: number; readonly result: EngineResult | Failure }> {
    const id = this.next++;
    if (this.broken) return { id, result: this.broken };
    const result = await new Promise<EngineResult | Failure>((resolve) => {
      this.jobs.set(id, resolve);
      this.worker.postMessage({ id, task } satisfies ToEngine);
    });
    return {
      id,
      result: !(result instanceof Failure) && result.kind === 'failed' ? Failure.of(result.failure) : result,
    };
  }

  /** Ends after what it was asked before. */
  async end(): Promise<void> {
    this.worker.postMessage('end' satisfies ToEngine);
    await this.ended;
  }
}

class ThreadedSession implements Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly beside = { seconds: 0 };
  private isClosed = false;

  constructor(
    private readonly thread: EngineThread,
    private readonly id: number,
    { inputs, outputs, metadata }: LoadedModel,
    private readonly onClose: () => Promise<void>,
  ) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.metadata = metadata;
  }

  async run(input: Tensor, others?: OtherInputs): Promise<ReadonlyMap<string, Tensor> | Failure> {
    if (this.isClosed) throw new Error('the session is closed');
    const rest = others === undefined ? {} : { others };
    const { result } = await this.thread.ask({ kind: 'run', session: this.id, input, ...rest });
    if (result instanceof Failure) return result;
    if (result.kind !== 'ran') throw new Error('the thread answered another question');
    this.beside.seconds += result.seconds;
    return result.outputs;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.thread.ask({ kind: 'close', session: this.id });
    await this.onClose();
  }
}

/**
 * onnxruntime on a thread of its own, since its runs hold the thread that asks for them. All sessions share the thread: it
 * does one run after the other, in the order in which they are asked for, and the next one without a wait. Inputs are copied
 * to it. The thread ends with the last session.
 *
 * @param script the bundled engine-thread.ts, if this module is not bundled itself
 */
export function threadedOnnxRuntime(script: URL = THREAD_SCRIPT): Engine {
  let shared: EngineThread | undefined;
  const leave = async (thread: EngineThread): Promise<void> => {
    thread.sessions -= 1;
    if (thread.sessions > 0) return;
    shared = undefined;
    await thread.end();
  };
  return {
    name: 'onnxruntime',
    async load(model: string | Uint8Array, options: LoadOptions = {}): Promise<Session | Failure> {
      if (!existsSync(script)) return failure('installation-incomplete', { path: fileURLToPath(script) });
      shared ??= new EngineThread(script);
      const thread = shared;
      thread.sessions += 1;
      const { id, result } = await thread.ask({ kind: 'load', model, options });
      if (!(result instanceof Failure) && result.kind === 'loaded') {
        return new ThreadedSession(thread, id, result.model, () => leave(thread));
      }
      await leave(thread);
      if (result instanceof Failure) return result;
      throw new Error('the thread answered another question');
    },
  };
}
