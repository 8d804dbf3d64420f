import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import util from 'node:util';

/** The tfjs namespace, of the release that tfjs-node depends on (4.22.0). */
export type Tfjs = typeof import('@tensorflow/tfjs');

/** The folder that build-tfjs-node.sh fills when it is given none. */
export function nativeFolder(): string {
  return resolve(process.env.UNET_NATIVE_DIR || join(tmpdir(), 'unet-native-tfjs'));
}

function hasAddon(packageFolder: string): boolean {
  const lib = join(packageFolder, 'lib');
  if (!existsSync(lib)) return false;
  return readdirSync(lib).some((name) => existsSync(join(lib, name, 'tfjs_binding.node')));
}

/**
 * Defines what Node 23 removed from `node:util` and tfjs-node still calls at its first op.
 */
function restoreRemovedUtil(): void {
  const removed = {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, check] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value: check, configurable: true });
  }
}

/**
 * Loads the tfjs-node that build-tfjs-node.sh built, with its backend `tensorflow` selected.
 *
 * All copies of tfjs-core in a process share one engine and one table of kernels and gradients. Loading this
 * registers every stock kernel of `cpu` and `webgl`, and every stock gradient, once more: kernels and gradients
 * that were registered in their place before are lost. So load it first, or in a process of its own.
 *
 * @returns the namespace, or why there is none: nothing was built in the folder
 * @throws Error when the addon is there and cannot be loaded
 */
export async function loadNativeTfjs(): Promise<{ tf: Tfjs } | { skipped: string }> {
  const folder = nativeFolder();
  // Importing the package without its addon throws after it has registered its kernels, so look first.
  if (!hasAddon(join(folder, 'node_modules/@tensorflow/tfjs-node'))) {
    return { skipped: `no built tfjs-node in ${folder}: run test/native/build-tfjs-node.sh` };
  }
  restoreRemovedUtil();
  // TensorFlow tells its CPU features on stderr at the levels below; set before its library is loaded.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  const require = createRequire(join(folder, 'package.json'));
  let tf: Tfjs;
  try {
    tf = require('@tensorflow/tfjs-node');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`tfjs-node in ${folder} does not load (${reason}): remove the folder and build it again`);
  }
  await tf.ready();
  return { tf };
}
