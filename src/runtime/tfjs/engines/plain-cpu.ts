import type { KernelBackend } from '@tensorflow/tfjs';
import { Failure } from '../../../diagnostics/failure.js';
import { findPackage } from '../../files/packages.js';
import { loadTf } from '../packages.js';
import type { Started, StarterOptions } from './started.js';

/** Plain JavaScript: always available with TensorFlow.js, and slow. */
export async function startPlainCpu({ from }: StarterOptions): Promise<Started | Failure> {
  const kind = 'cpu';
  const loaded = loadTf(from, kind);
  if (loaded instanceof Failure) return loaded;
  const { tf, warnings } = loaded;
  const version = findPackage('@tensorflow/tfjs', from)?.version ?? '';
  await tf.setBackend('cpu');
  // A field of MathBackendCPU: while it is true, the first tensor prints an advertisement for tfjs-node.
  const backend = tf.backend() as KernelBackend & { firstUse?: boolean };
  backend.firstUse = false;
  return { kind, tf, name: 'cpu (plain JavaScript)', version, warnings, close: async () => {} };
}
