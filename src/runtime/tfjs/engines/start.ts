import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { Failure, failure, withHelp } from '../../../diagnostics/failure.js';
import type { TfjsDevice } from '../../engine.js';
import { patchEngine } from '../kernel-patches/patch-engine.js';
import { isAbsence, searchFolders } from '../packages.js';
import { brokenEngine } from './check-engine.js';
import { candidatesFor, installCommand, type TfjsEngineKind } from './engine-kinds.js';
import { startNative } from './native.js';
import { startPlainCpu } from './plain-cpu.js';
import type { Started, StarterOptions } from './started.js';
import { startThreadedWasm, startWasm, wasmThreads } from './wasm.js';
import { startWebgpu } from './webgpu.js';

export interface StartOptions {
  /**
   * Where to compute; the fastest that is there when left out. `gpu`: tfjs-node-gpu. `cpu`: tfjs-node, or plain
   * JavaScript. `wasm`: WebAssembly. `webgpu`: the webgpu package.
   */
  readonly device?: TfjsDevice;
  /** The most threads; as many as the machine has CPUs when left out, for wasm at most 8. */
  readonly threads?: number;
  /** Folders in and above whose node_modules packages are looked for, instead of our own and that of work. */
  readonly from?: readonly string[];
}

/** TensorFlow.js, set to an engine that has been seen to compute. */
export interface TfjsEngine {
  /** The namespace of the copy of TensorFlow.js that the engine belongs to. */
  readonly tf: Tf;
  readonly kind: TfjsEngineKind;
  /** For people: "wasm with 2 threads", "tfjs-node". */
  readonly name: string;
  /** Of the package that computes. */
  readonly version: string;
  /** What a user should know, such as why a faster engine was passed over. */
  readonly warnings: readonly string[];
  /** Ends threads and takes back what was added to the process. Closing twice is harmless. */
  close(): Promise<void>;
}

/** Starts one engine, and no other in its place, with what is missing or wrong in it patched. */
export async function startKind(kind: TfjsEngineKind, options: StarterOptions): Promise<Started | Failure> {
  const started = await starterOf(kind)(options);
  if (started instanceof Failure) return started;
  const problem = await brokenEngine(started.tf);
  if (problem === undefined) {
    patchEngine(started.tf);
    return started;
  }
  await started.close();
  return failure('engine-broken', { engine: started.name, version: started.version, problem });
}

function starterOf(kind: TfjsEngineKind): (options: StarterOptions) => Promise<Started | Failure> {
  switch (kind) {
    case 'tfjs-node-gpu':
    case 'tfjs-node':
      return (options) => startNative(kind, options);
    case 'wasm-threads':
      return startThreadedWasm;
    case 'wasm':
      return startWasm;
    case 'cpu':
      return startPlainCpu;
    case 'webgpu':
      return startWebgpu;
    default:
      return kind satisfies never;
  }
}

const SLOW =
  'plain JavaScript computes about 60 times slower than wasm or a native engine; ' +
  `'unet doctor' says what keeps those away, and '${installCommand('tfjs-node')}' adds a native one`;

/** The first candidate that works, with the reasons against those before it that are there but don't. */
async function startFirst(options: StartOptions): Promise<Started | Failure> {
  const starter: StarterOptions = {
    from: options.from ?? searchFolders(),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  };
  const passed: Failure[] = [];
  for (const kind of candidatesFor(options.device)) {
    // One thread is what was asked for, no reason to warn.
    if (kind === 'wasm-threads' && wasmThreads(options.threads) === 1) continue;
    const started = await startKind(kind, starter);
    if (started instanceof Failure) {
      passed.push(started);
      continue;
    }
    if (options.device === 'gpu' && started.usesGpu === false) {
      await started.close();
      return failure('no-gpu', { engine: `@tensorflow/${kind}`, needs: 'cuda' });
    }
    const reasons = passed.filter((one) => !isAbsence(one));
    const warnings = [...reasons.map(withHelp), ...started.warnings];
    if (kind === 'cpu') warnings.push(SLOW);
    return { ...started, warnings };
  }
  // The last candidate is the one that needs the least.
  const reason = passed.findLast(isAbsence) ?? passed.at(-1);
  if (reason === undefined) throw new Error('a device without candidates');
  return reason;
}

/** The engine that TensorFlow.js, of which a process has one, is set to; and how many still use it. */
let running: { readonly key: string; readonly started: Started; users: number } | undefined;
/** Starts and ends happen one after the other. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = queue.then(work);
  queue = result.catch(() => {});
  return result;
}

/**
 * Starts TensorFlow.js on an engine that is installed and works. A process has one engine at a time: a second
 * start with equal options shares it, with others it fails until the first is closed.
 */
export function startTfjs(options: StartOptions = {}): Promise<TfjsEngine | Failure> {
  const { device, threads, from } = options;
  const key = JSON.stringify([device, threads, from]);
  return inTurn(async () => {
    if (running !== undefined && running.key !== key) {
      return failure('engine-in-use', { engine: running.started.name });
    }
    if (running === undefined) {
      const started = await startFirst(options);
      if (started instanceof Failure) return started;
      running = { key, started, users: 0 };
    }
    running.users++;
    const { tf, kind, name, version, warnings } = running.started;
    let open = true;
    const close = () =>
      inTurn(async () => {
        if (!open || running === undefined) return;
        open = false;
        if (--running.users > 0) return;
        const { started } = running;
        running = undefined;
        await started.close();
      });
    return { tf, kind, name, version, warnings, close };
  });
}
