import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { requireFrom } from '../../files/packages.js';

/**
 * The threaded build of the wasm backend, 4.22.0. The package contains it but turns threads off in Node (flags_wasm.ts,
 * WASM_HAS_MULTITHREAD_SUPPORT). So we make its Emscripten module as the package does in a browser (backend_wasm.ts,
 * init). The script receives our own `process`, `global`, `require` and `Worker`, so it changes nothing outside:
 * otherwise it would add listeners that rethrow, set global.Worker, and possibly end the process.
 */

/** The module always starts this many workers, so more threads can never start. */
export const MOST_THREADS = 8;

/** How long the workers may take to start. */
const START_MS = 20_000;

type Call = (...args: number[]) => number;

/** What we use of an Emscripten module; BackendWasm takes it with `tfjs` filled in. */
interface EmscriptenModule {
  cwrap(name: string, result: 'number' | null, args: readonly 'number'[]): Call;
  tfjs?: Readonly<Record<string, Call>>;
}

export interface ThreadedModule {
  /** For `new BackendWasm(...)`. */
  readonly module: object;
  /** Ends the workers, whatever they are doing. */
  endWorkers(): Promise<void>;
}

/** The functions that BackendWasm calls: name, symbol, result, and number of arguments (backend_wasm.ts). */
const EXPORTS = [
  ['init', 'init', null, 0],
  ['initWithThreadsCount', 'init_with_threads_count', null, 1],
  ['getThreadsCount', 'get_threads_count', 'number', 0],
  ['registerTensor', 'register_tensor', null, 3],
  ['disposeData', 'dispose_data', null, 1],
  ['dispose', 'dispose', null, 0],
] as const;

/** Makes the module with `threads` threads, including the calling one. Throws if it cannot. */
export async function threadedModule(packageFolder: string, threads: number): Promise<ThreadedModule> {
  const folder = join(packageFolder, 'wasm-out');
  const base = 'tfjs-backend-wasm-threaded-simd';
  const script = join(folder, `${base}.js`);
  const { wasmWorkerContents } = requireFrom(packageFolder)(join(folder, `${base}.worker.js`));
  // The package's string has real line breaks inside string literals.
  const workerText = String(wasmWorkerContents).replaceAll('\n', '\\n');

  const workers: Worker[] = [];
  let ending = false;
  let failed: (error: Error) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    failed = reject;
  });
  // After the race below, nothing may listen any more.
  broken.catch(() => {});

  class PoolWorker extends Worker {
    constructor() {
      super(workerText, { eval: true, execArgv: [] });
      workers.push(this);
      this.on('error', (error) => failed(error instanceof Error ? error : new Error(String(error))));
      this.on('exit', () => failed(new Error('a worker thread ended')));
    }
    /** The module keeps the process alive while threads run, but they wait for work forever. Only ending them needs it. */
    override ref(): void {
      if (ending) super.ref();
    }
    /** The module's own handler would throw inside an event. */
    set onerror(_handler: unknown) {}
    get onerror(): () => void {
      return () => {};
    }
  }

  const endWorkers = async () => {
    ending = true;
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the worker threads did not start')), START_MS);
  });
  try {
    const factory = moduleFactory(packageFolder, script, PoolWorker, threads);
    const module = await Promise.race([
      factory({
        mainScriptUrlOrBlob: script,
        locateFile: (path: string) => join(folder, path),
        wasmBinary: readFileSync(join(folder, `${base}.wasm`)),
        print: () => {},
        printErr: () => {},
      }),
      broken,
      late,
    ]);
    module.tfjs = Object.fromEntries(
      EXPORTS.map(([name, symbol, result, count]) => [
        name,
        module.cwrap(
          symbol,
          result,
          Array.from({ length: count }, () => 'number' as const),
        ),
      ]),
    );
    return { module, endWorkers };
  } catch (error) {
    await endWorkers();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

type Factory = (settings: object) => Promise<EmscriptenModule>;

/** The only export of the script, which runs with our replacements for the parts of Node that it uses. */
function moduleFactory(
  packageFolder: string,
  script: string,
  PoolWorker: typeof Worker,
  threads: number,
): Factory {
  const source = readFileSync(script, 'utf8');
  const pool = 'var pthreadPoolSize=8;';
  if (!source.includes(pool)) throw new Error('this threaded build is unknown');
  const own: NodeJS.Process = Object.create(process, {
    on: { value: () => own },
    removeListener: { value: () => own },
    listeners: { value: () => [] },
    exit: {
      value: () => {
        throw new Error('the wasm module ended');
      },
    },
    // The script writes it before it ends the process.
    exitCode: { value: undefined, writable: true },
  });
  const require = requireFrom(packageFolder);
  const ownRequire = (name: string): unknown =>
    // The module uses at most half of the CPUs it sees when it starts (backend.cc, num_cores).
    name === 'os' ? { cpus: () => Array.from({ length: 2 * threads }, () => cpus()[0]) } : require(name);
  const names = ['require', '__filename', '__dirname', 'process', 'global', 'Worker'];
  const hidden = ['module', 'exports', 'define', 'window', 'document', 'importScripts'];
  const make = compileFunction(
    `${source.replace(pool, `var pthreadPoolSize=${threads - 1};`)}\nreturn WasmBackendModuleThreadedSimd;`,
    [...names, ...hidden],
    { filename: script },
  );
  return make(ownRequire, script, join(packageFolder, 'wasm-out'), own, {}, PoolWorker);
}
