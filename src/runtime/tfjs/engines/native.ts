import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import nodeUtil from 'node:util';
import type { KernelBackend } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { Failure, failure, reasonOf, withHelp } from '../../../diagnostics/failure.js';
import { type FoundPackage, findPackage, loadPackage, notInstalled, requireFrom } from '../packages.js';
import { installCommand } from './engine-kinds.js';
import type { Started, StarterOptions } from './started.js';

export type NativeKind = 'tfjs-node' | 'tfjs-node-gpu';

/** The native addon: lib/napi-v8/tfjs_binding.node. The package's install script puts it there. */
function findAddon(folder: string): string | undefined {
  const lib = join(folder, 'lib');
  const versions = existsSync(lib) ? readdirSync(lib).filter((name) => /^napi-v\d+$/.test(name)) : [];
  return versions
    .sort((a, b) => Number(b.slice('napi-v'.length)) - Number(a.slice('napi-v'.length)))
    .map((name) => join(lib, name, 'tfjs_binding.node'))
    .find((path) => existsSync(path));
}

/**
 * Loads the addon alone, which brings in libtensorflow: without them the package registers its kernels and throws
 * afterwards, so that TensorFlow.js is left in a state that no other engine can repair.
 */
function brokenAddon(found: FoundPackage, kind: NativeKind): Failure | undefined {
  const broken = (reason: string | undefined) =>
    failure('native-addon-broken', { package: found.name, reason, command: installCommand(kind) });
  const addon = findAddon(found.folder);
  if (addon === undefined) return broken(undefined);
  try {
    requireFrom(found.folder)(addon);
    return undefined;
  } catch (error) {
    return broken(reasonOf(error));
  }
}

/**
 * Two functions that Node 23 took away, that Node 22 warns of, and that tfjs-node calls. The result puts back what
 * was there.
 */
function restoreUtil(): () => void {
  // The object that `require('util')` gives, too.
  const util = nodeUtil as unknown as Record<string, unknown>;
  const ours = { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray };
  const before = Object.keys(ours).map((name) => [name, util[name]] as const);
  Object.assign(util, ours);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete util[name];
      else util[name] = value;
    }
  };
}

/** Sets variables that libtensorflow reads when it starts; those a user has set stay. */
function prepareEnvironment(threads: number | undefined): void {
  // 2: errors only. By default it reports on the CPU's instructions and on each CUDA library.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (threads !== undefined) {
    process.env.TF_NUM_INTRAOP_THREADS = String(threads);
    process.env.OMP_NUM_THREADS = String(threads);
  }
}

/** The package that this process has loaded: a second one would fight it over the kernels. */
let taken: NativeKind | undefined;

/**
 * tfjs-node or tfjs-node-gpu. Where it is absent, unbuilt, or of another machine it fails before the package is
 * imported; a package that is imported and fails then keeps the other one from being tried.
 */
export async function startNative(kind: NativeKind, options: StarterOptions): Promise<Started | Failure> {
  const name = `@tensorflow/${kind}`;
  const found = findPackage(name, options.from);
  if (found === undefined) return notInstalled(name, kind);
  if (taken !== undefined && taken !== kind) {
    return failure('engine-in-use', { engine: `@tensorflow/${taken}`, wanted: name });
  }
  prepareEnvironment(options.threads);
  const broken = brokenAddon(found, kind);
  if (broken !== undefined) return broken;
  const takeBack = restoreUtil();
  taken = kind;
  const exports = loadPackage(found);
  if (exports instanceof Failure) {
    takeBack();
    return exports;
  }
  // The package gives the namespace of @tensorflow/tfjs and adds to it.
  const tf = exports as Tf;
  await tf.setBackend('tensorflow');
  // A field of its NodeJSKernelBackend: whether libtensorflow sees a GPU.
  const usesGpu = (tf.backend() as KernelBackend & { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
  const threads = options.threads === undefined ? '' : ` with ${options.threads} threads`;
  const lacksGpu = kind === 'tfjs-node-gpu' && !usesGpu;
  return {
    kind,
    tf,
    name: lacksGpu ? `${kind} on the CPU${threads}` : `${kind}${threads}`,
    version: found.version,
    warnings: lacksGpu ? [withHelp(failure('no-gpu', { engine: name, needs: 'cuda' }))] : [],
    usesGpu,
    close: async () => takeBack(),
  };
}
