import { availableParallelism } from 'node:os';
import type { KernelBackend } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';
import type { StartProblem, ThreadsProblem } from '../../../diagnostics/codes/engines.js';
import { Failure, failure, reasonOf } from '../../../diagnostics/failure.js';
import { fieldOf } from '../../../weights/json-text.js';
import { type FoundPackage, findPackage } from '../../files/packages.js';
import { loadPackage, loadTf, notInstalled } from '../packages.js';
import { TFJS_VERSION, type TfjsEngineKind } from './engine-kinds.js';
import { keepingListeners, withoutRethrowers } from './listeners.js';
import type { Started, StarterOptions } from './started.js';
import { MOST_THREADS, threadedModule } from './threaded-module.js';

type WasmPackage = typeof import('@tensorflow/tfjs-backend-wasm');

/** The package's own priority, above the backends that it could fall back to. */
const PRIORITY = 2;

/** The number of threads of wasm: the requested number, or one per CPU; never more than the module can start. */
export function wasmThreads(asked: number | undefined): number {
  return Math.max(1, Math.min(asked ?? availableParallelism(), MOST_THREADS));
}

interface Loaded {
  readonly tf: Tf;
  readonly found: FoundPackage;
  readonly wasm: WasmPackage;
  readonly warnings: readonly string[];
}

function load(from: readonly string[], kind: TfjsEngineKind): Loaded | Failure {
  const found = findPackage('@tensorflow/tfjs-backend-wasm', from);
  if (found === undefined) return notInstalled('@tensorflow/tfjs-backend-wasm', kind);
  const loaded = loadTf(from, kind);
  if (loaded instanceof Failure) return loaded;
  const wasm = loadPackage(found);
  if (wasm instanceof Failure) return wasm;
  // The package exports what its declarations describe.
  return { ...loaded, found, wasm: wasm as WasmPackage };
}

/** Sets TensorFlow.js to a backend that we make; `close` restores the package's own factory. */
async function useBackend(
  tf: Tf,
  make: () => Promise<KernelBackend>,
): Promise<{ readonly close: () => void } | StartProblem> {
  const stock = tf.findBackendFactory('wasm');
  let backend: KernelBackend;
  try {
    backend = await make();
  } catch (error) {
    // The package rejects with an object that is not an Error.
    return { case: 'thrown', reason: reasonOf(fieldOf(error, 'message') ?? error) };
  }
  const remove = () => keepingListeners(() => tf.removeBackend('wasm'));
  remove();
  tf.registerBackend('wasm', () => backend, PRIORITY);
  const close = () => {
    remove();
    if (stock) tf.registerBackend('wasm', stock, PRIORITY);
  };
  if (await tf.setBackend('wasm')) return { close };
  close();
  return { case: 'backend-refused' };
}

function noThreads(problem: ThreadsProblem): Failure {
  return failure('no-wasm-threads', { problem });
}

/** wasm on several threads. Fails for one thread, and for any release but the one that it is made for. */
export async function startThreadedWasm(options: StarterOptions): Promise<Started | Failure> {
  const kind = 'wasm-threads';
  const threads = wasmThreads(options.threads);
  const found = findPackage('@tensorflow/tfjs-backend-wasm', options.from);
  if (found === undefined) return notInstalled('@tensorflow/tfjs-backend-wasm', kind);
  if (threads === 1) return noThreads({ case: 'one-cpu' });
  if (found.version !== TFJS_VERSION) {
    return noThreads({ case: 'version', package: found.name, wanted: TFJS_VERSION, found: found.version });
  }
  const loaded = load(options.from, kind);
  if (loaded instanceof Failure) return loaded;
  const { tf, wasm, warnings } = loaded;
  let endWorkers = async () => {};
  const used = await useBackend(tf, async () => {
    const made = await threadedModule(found.folder, threads);
    endWorkers = made.endWorkers;
    wasm.setThreadsCount(threads);
    // The module of Emscripten, with the functions that BackendWasm calls.
    const backend = new wasm.BackendWasm(made.module as ConstructorParameters<WasmPackage['BackendWasm']>[0]);
    if (wasm.getThreadsCount() !== threads) throw new Error(`only ${wasm.getThreadsCount()} threads started`);
    return backend;
  });
  if ('case' in used) {
    await endWorkers();
    return noThreads({ case: 'not-started', problem: used });
  }
  const close = async () => {
    used.close();
    await endWorkers();
  };
  return { kind, tf, name: `wasm with ${threads} threads`, version: found.version, warnings, close };
}

/** wasm on one thread, started by the package itself. */
export async function startWasm(options: StarterOptions): Promise<Started | Failure> {
  const kind = 'wasm';
  const loaded = load(options.from, kind);
  if (loaded instanceof Failure) return loaded;
  const { tf, found, warnings } = loaded;
  const stock = tf.findBackendFactory('wasm');
  const used = await useBackend(tf, () => withoutRethrowers(async () => stock()));
  if ('case' in used) return failure('engine-not-started', { engine: kind, problem: used });
  return { kind, tf, name: 'wasm', version: found.version, warnings, close: async () => used.close() };
}
