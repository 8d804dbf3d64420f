import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test } from 'vitest';
import { kernelPatches, patchEngine } from '../../../src/runtime/tfjs/kernel-patches/patch-engine.js';

const kernelsOf = (backend: string) =>
  new Map(tf.getKernelsForBackend(backend).map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]));
const gradientsOf = () =>
  new Map(kernelPatches.map(({ kernel }) => [kernel, tf.getGradient(kernel)?.gradFunc]));

/** Another engine under the name of one that is not here, with the kernels of cpu. */
async function startCpuAs(name: string): Promise<void> {
  await tf.setBackend('cpu');
  const backend = tf.backend();
  tf.copyRegisteredKernels('cpu', name);
  tf.registerBackend(name, () => backend);
  await tf.setBackend(name);
}

// In this order: gradients belong to all engines, and stay patched from the first one on.
describe('mending an engine', () => {
  test('of another name changes nothing', async () => {
    await startCpuAs('else');
    const before = [kernelsOf('else'), gradientsOf()];
    expect(patchEngine(tf)).toEqual({ backend: 'else', applied: [], refused: [] });
    expect([kernelsOf('else'), gradientsOf()]).toEqual(before);
  });

  test("replaces gradients, but no kernel, of tfjs-node's", async () => {
    await startCpuAs('tensorflow');
    const [kernels, gradients] = [kernelsOf('tensorflow'), gradientsOf()];
    const { applied, backend } = patchEngine(tf);
    expect(backend).toBe('tensorflow');
    expect(kernelsOf('tensorflow')).toEqual(kernels);
    expect(applied.every(({ part }) => part === 'gradient')).toBe(true);
    expect(applied.map(({ kernel }) => kernel)).toContain('Conv3DBackpropInputV2');
    for (const { kernel } of applied) expect(tf.getGradient(kernel).gradFunc).not.toBe(gradients.get(kernel));
  });

  test.each(['cpu', 'wasm'])('replaces every kernel of %s that it reports, and no other', async (engine) => {
    await tf.setBackend(engine);
    const before = kernelsOf(engine);
    const { applied } = patchEngine(tf);
    const after = kernelsOf(engine);
    const reported = applied.filter(({ part }) => part === 'kernel').map(({ kernel }): string => kernel);
    const changed = [...after].filter(([name, run]) => before.get(name) !== run).map(([name]) => name);
    expect(changed.sort()).toEqual(reported.sort());
    expect(applied.every(({ backend, patches: what }) => backend === engine && what.length > 0)).toBe(true);
  });

  test.each(['cpu', 'wasm'])('a second time changes nothing of %s', async (engine) => {
    await tf.setBackend(engine);
    const first = patchEngine(tf);
    const before = [kernelsOf(engine), gradientsOf()];
    expect(patchEngine(tf)).toEqual(first);
    expect([kernelsOf(engine), gradientsOf()]).toEqual(before);
  });

  test('each kernel is patched once an engine', () => {
    for (const engine of ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'] as const) {
      const names = kernelPatches
        .filter(({ engines }) => engines.includes(engine))
        .map(({ kernel, part }) => `${part} of ${kernel}`);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});
