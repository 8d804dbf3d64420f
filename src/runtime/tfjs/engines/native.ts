import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import nodeUtil from 'node:util';
import type { KernelBackend } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';
import { Failure, failure, reasonOf, withHelp } from '../../../diagnostics/failure.js';
import { type FoundPackage, findPackage, requireFrom } from '../../files/packages.js';
import { loadPackage, notInstalled } from '../packages.js';
import { installCommand } from './engine-kinds.js';
import type { Started, StarterOptions } from './started.js';

export type NativeKind = 'tfjs-node' | 'tfjs-node-gpu';

/** The native addon: lib/napi-v8/tfjs_binding.node, which the package's install script downloads. */
function findAddon(folder: string): string | undefined {
  const lib = join(folder, 'lib');
  const versions = existsSync(lib) ? readdirSync(lib).filter((name) => /^napi-v\d+$/.test(name)) : [];
  return versions
    .sort((a, b) => Number(b.slice('napi-v'.length)) - Number(a.slice('napi-v'.length)))
    .map((name) => join(lib, name, 'tfjs_binding.node'))
    .find((path) => existsSync(path));
}

/**
 * Loads only the addon, which loads libtensorflow. Without them, the package registers its kernels and then throws, which
 * leaves TensorFlow.js in a state that no other engine can repair.
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
 * Restores two functions that tfjs-node calls, but Node 23 removed and Node 22 warns about. The result undoes it.
 */
function restoreUtil(): () => void {
  // `require('util')` returns the same object.
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

/** Sets variables that libtensorflow reads when it starts; it keeps the variables that a user has set. */
function prepareEnvironment(threads: number | undefined): void {
  // 2: errors only. By default it reports the CPU's instructions and each CUDA library.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (threads !== undefined) {
    process.env.TF_NUM_INTRAOP_THREADS = String(threads);
    process.env.OMP_NUM_THREADS = String(threads);
  }
}

/** The package that this process has loaded: a second one would replace its kernels. */
let taken: NativeKind | undefined;

/**
 * tfjs-node or tfjs-node-gpu. If it is absent, unbuilt, or for another system, it fails before the package is imported. If
 * an imported package fails, the other one cannot be tried any more.
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
  // The package exports the namespace of @tensorflow/tfjs, with additions.
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
