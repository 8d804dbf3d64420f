import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { Failure } from '../../../src/diagnostics/failure.js';
import { capabilitiesOf } from '../../../src/runtime/tfjs/engines/capabilities.js';
import { brokenEngine } from '../../../src/runtime/tfjs/engines/check-engine.js';
import { startTfjs, type TfjsEngine } from '../../../src/runtime/tfjs/engines/start.js';

const undo: (() => void)[] = [];
let engine: TfjsEngine | undefined;
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) step();
  await engine?.close();
});

async function plain(): Promise<TfjsEngine> {
  const started = await startTfjs({ device: 'cpu' });
  if (started instanceof Failure) throw new Error(started.message);
  engine = started;
  return started;
}

/** Replaces a kernel of the engine; the kernel before it is put back after the test. */
function replace(
  { tf }: TfjsEngine,
  kernelName: string,
  change: (stock: KernelFunc) => KernelFunc | undefined,
): void {
  const backendName = tf.getBackend();
  const stock = tf.getKernel(kernelName, backendName);
  const kernelFunc = change(stock.kernelFunc);
  tf.unregisterKernel(kernelName, backendName);
  if (kernelFunc) tf.registerKernel({ ...stock, kernelFunc } as KernelConfig);
  undo.push(() => {
    if (kernelFunc) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel(stock);
  });
}

describe('what an engine can do', () => {
  test('is all of it on plain JavaScript, and leaves no tensor', async () => {
    const started = await plain();
    const before = started.tf.memory().numTensors;
    expect(await capabilitiesOf(started.tf)).toEqual({ runs: [2, 3], trains: [2, 3] });
    expect(started.tf.memory().numTensors).toBe(before);
  });

  test.each([1, 2, 2])('is all of it on wasm with %i threads, one start after the other', async (threads) => {
    const started = await startTfjs({ device: 'wasm', threads });
    if (started instanceof Failure) throw new Error(started.message);
    engine = started;
    expect(await capabilitiesOf(started.tf)).toEqual({ runs: [2, 3], trains: [2, 3] });
  });

  test('lacks what a kernel lacks', async () => {
    const started = await plain();
    replace(started, 'MaxPool3D', () => undefined);
    expect(await capabilitiesOf(started.tf)).toEqual({ runs: [2], trains: [2] });
  });

  test('lacks what a kernel gets wrong', async () => {
    const started = await plain();
    replace(started, 'MaxPoolGrad', (stock) => (params) => {
      const result = stock(params);
      const infos = Array.isArray(result) ? result : [result];
      const values = started.tf.backend().readSync(infos[0]?.dataId ?? {}) as Float32Array;
      values[0] = (values[0] ?? 0) + 1;
      return result;
    });
    // Three axes may be pooled by the kernel for two.
    const { runs, trains } = await capabilitiesOf(started.tf);
    expect(runs).toEqual([2, 3]);
    expect(trains).not.toContain(2);
  });
});

describe('an engine is broken', () => {
  test('where an operation throws, and where it gives something else', async () => {
    const started = await plain();
    expect(await brokenEngine(started.tf)).toBeUndefined();
    replace(started, 'Conv2D', () => () => {
      throw new Error('no device');
    });
    expect(await brokenEngine(started.tf)).toEqual({ case: 'thrown', reason: 'no device' });
    undo.pop()?.();
    const { tf } = started;
    replace(started, 'Conv2D', () => () => {
      const dataId = tf.backend().write(new Float32Array(4), [1, 2, 2, 1], 'float32');
      return { dataId, shape: [1, 2, 2, 1], dtype: 'float32' };
    });
    expect(await brokenEngine(started.tf)).toEqual({
      case: 'wrong',
      found: [0, 0, 0, 0],
      expected: [37, 47, 67, 77],
    });
  });
});
