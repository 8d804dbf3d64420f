import { pathToFileURL } from 'node:url';
import type { KernelBackend } from '@tensorflow/tfjs';
import type { StartProblem } from '../../../diagnostics/codes/engines.js';
import { Failure, failure, reasonOf } from '../../../diagnostics/failure.js';
import { findPackage, requireFrom } from '../../files/packages.js';
import { loadPackage, loadTf, notInstalled } from '../packages.js';
import type { Started, StarterOptions } from './started.js';

/** What we use of the `webgpu` package (Dawn, the WebGPU of Chromium, for Node). */
interface Dawn {
  create(options: readonly string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

interface Gpu {
  requestAdapter(options?: object): Promise<unknown>;
}

/** Defines properties of a global object; the result restores the old ones. */
function define(target: object, values: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(values).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const,
  );
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor);
      else Reflect.deleteProperty(target, name);
    }
  };
}

/** Adds the globals of a browser that the backend needs, such as navigator.gpu. Node 21 already has a navigator. */
function addGlobals(dawn: Dawn, gpu: Gpu): () => void {
  const takeBack = [define(globalThis, dawn.globals)];
  const navigator: unknown = Reflect.get(globalThis, 'navigator');
  takeBack.push(
    typeof navigator === 'object' && navigator !== null
      ? define(navigator, { gpu })
      : define(globalThis, { navigator: { gpu } }),
  );
  return () => {
    for (const undo of takeBack) undo();
  };
}

/** WebGPU, if the user has installed its two packages. */
export async function startWebgpu({ from }: StarterOptions): Promise<Started | Failure> {
  const kind = 'webgpu';
  const dawnPackage = findPackage('webgpu', from);
  if (dawnPackage === undefined) return notInstalled('webgpu', kind);
  const backendPackage = findPackage('@tensorflow/tfjs-backend-webgpu', from);
  if (backendPackage === undefined) return notInstalled('@tensorflow/tfjs-backend-webgpu', kind);
  const loaded = loadTf(from, kind);
  if (loaded instanceof Failure) return loaded;
  const { tf, warnings } = loaded;

  let dawn: Dawn;
  let gpu: Gpu;
  let adapter: unknown;
  try {
    const main = requireFrom(dawnPackage.folder).resolve(dawnPackage.folder);
    // The package has no declarations for its two exports.
    dawn = (await import(pathToFileURL(main).href)) as Dawn;
    gpu = dawn.create([]);
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    return failure('engine-not-started', {
      engine: `webgpu ${dawnPackage.version}`,
      problem: { case: 'thrown', reason: reasonOf(error) },
    });
  }
  // The backend would read a field of it without a check.
  if (adapter === null || adapter === undefined)
    return failure('no-gpu', { engine: 'webgpu', needs: 'webgpu' });

  // The backend's package registers itself only where it sees a browser's navigator.gpu.
  const takeBack = addGlobals(dawn, gpu);
  const failed = (problem: StartProblem) => {
    takeBack();
    return failure('engine-not-started', { engine: 'the webgpu backend', problem });
  };
  const exports = loadPackage(backendPackage);
  if (exports instanceof Failure) {
    takeBack();
    return exports;
  }
  const make = tf.findBackendFactory('webgpu');
  if (!make) return failed({ case: 'loaded-without-gpu', package: backendPackage.name });
  let backend: KernelBackend;
  try {
    backend = await make();
  } catch (error) {
    return failed({ case: 'thrown', reason: reasonOf(error) });
  }
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  await tf.setBackend('webgpu');
  const close = async () => {
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', make);
    takeBack();
  };
  return { kind, tf, name: 'webgpu', version: backendPackage.version, warnings, close };
}
