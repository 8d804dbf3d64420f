import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { Failure, failure, withHelp } from '../../../diagnostics/failure.js';
import type { TfjsDevice } from '../../engine.js';
import { searchFolders } from '../../files/packages.js';
import { patchEngine } from '../kernel-patches/patch-engine.js';
import { isAbsence } from '../packages.js';
import { brokenEngine } from './check-engine.js';
import { candidatesFor, installCommand, type TfjsEngineKind } from './engine-kinds.js';
import { startNative } from './native.js';
import { startPlainCpu } from './plain-cpu.js';
import type { Started, StarterOptions } from './started.js';
import { startThreadedWasm, startWasm, wasmThreads } from './wasm.js';
import { startWebgpu } from './webgpu.js';

export interface StartOptions {
  /**
   * The device; by default the fastest that works. `gpu`: tfjs-node-gpu. `cpu`: tfjs-node, or plain JavaScript. `wasm`:
   * WebAssembly. `webgpu`: the webgpu package.
   */
  readonly device?: TfjsDevice;
  /** The most threads; by default one per CPU, and for wasm at most 8. */
  readonly threads?: number;
  /** Folders whose node_modules, and those of their parents, are searched instead of the default ones. */
  readonly from?: readonly string[];
}

/** TensorFlow.js with an engine that has passed a first computation. */
export interface TfjsEngine {
  /** The namespace of the engine's copy of TensorFlow.js. */
  readonly tf: Tf;
  readonly kind: TfjsEngineKind;
  /** For people: "wasm with 2 threads", "tfjs-node". */
  readonly name: string;
  /** The version of the package that computes. */
  readonly version: string;
  /** Warnings for the user, such as why a faster engine was not used. */
  readonly warnings: readonly string[];
  /** Ends threads, and undoes changes to the process. Closing twice is harmless. */
  close(): Promise<void>;
}

/** Starts exactly this engine, and patches what it lacks or gets wrong. */
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
  `'unet doctor' shows why the others do not work, and '${installCommand('tfjs-node')}' installs a native one`;

/** The first candidate that works, with warnings about the installed ones before it that do not. */
async function startFirst(options: StartOptions): Promise<Started | Failure> {
  const starter: StarterOptions = {
    from: options.from ?? searchFolders(),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  };
  const passed: Failure[] = [];
  for (const kind of candidatesFor(options.device)) {
    // The user wants one thread, so this is not worth a warning.
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
  // The last candidate needs the least.
  const reason = passed.findLast(isAbsence) ?? passed.at(-1);
  if (reason === undefined) throw new Error('a device without candidates');
  return reason;
}

/** The engine of TensorFlow.js in this process, and how many users it has. */
let running: { readonly key: string; readonly started: Started; users: number } | undefined;
/** Engines start and close one after the other. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = queue.then(work);
  queue = result.catch(() => {});
  return result;
}

/**
 * Starts TensorFlow.js on an engine that is installed and works. A process has one engine at a time. A second start with the
 * same options shares it; with other options it fails until the first engine is closed.
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
