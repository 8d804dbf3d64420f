import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isWasm, type WasmModule } from '../../../src/runtime/tfjs/kernel-patches/host-values.js';
import { patchEngine } from '../../../src/runtime/tfjs/kernel-patches/patch-engine.js';

/** A real module whose allocations fail on demand, without 4 GiB being filled for it. */
const limits = { largest: Number.POSITIVE_INFINITY, isGrown: false };
let module: WasmModule;

describe('the wasm engine without room', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm');
    const backend: unknown = tf.backend();
    if (!isWasm(backend)) throw new Error('not the wasm engine');
    module = backend.wasm;
    module._free(module._malloc(1));
    const malloc = module._malloc;
    module._malloc = (bytes) => (bytes > limits.largest ? 0 : malloc(bytes));
    let heap = module.HEAPU8;
    Object.defineProperty(module, 'HEAPU8', {
      // A memory of 4 GiB, as far as its length says.
      get: () => (limits.isGrown ? { length: 2 ** 32 } : heap),
      set: (grown: Uint8Array) => {
        heap = grown;
      },
    });
  });

  beforeEach(() => {
    Object.assign(limits, { largest: Number.POSITIVE_INFINITY, isGrown: false });
  });

  test('stock, goes on and gives a tensor in the wrong place', () => {
    limits.largest = 1000;
    const tensor = tf.zeros([1000]);
    expect(tensor.shape).toEqual([1000]);
    // Not disposed of: that would free address 0.
  });

  test('patched, says so, and everything else stays as it was', () => {
    patchEngine(tf);
    const kept = tf.tensor1d([1, 2, 3]);
    const before = [tf.memory().numTensors, tf.memory().numDataBuffers, tf.engine().backend.numDataIds()];
    limits.largest = 1000;
    expect(() => tf.zeros([1000])).toThrow(
      /^the wasm engine is out of memory: .*1 MiB.*4 GiB.*smaller batch.*--device/,
    );
    // 12 bytes each go in, 4000 don't come out.
    expect(() => tf.tile(kept, [400])).toThrow('out of memory');
    expect(() =>
      tf.tidy(() => tf.conv1d(tf.ones<tf.Rank.R3>([1, 20, 4]), tf.ones<tf.Rank.R3>([1, 4, 40]), 1, 'valid')),
    ).toThrow('out of memory');
    expect([tf.memory().numTensors, tf.memory().numDataBuffers, tf.engine().backend.numDataIds()]).toEqual(
      before,
    );
    expect([...kept.dataSync()]).toEqual([1, 2, 3]);
    limits.largest = Number.POSITIVE_INFINITY;
    expect([...tf.tidy(() => tf.add(kept, 1)).dataSync()]).toEqual([2, 3, 4]);
  });

  test('patched, refuses what addresses of 32 bits cannot reach', () => {
    patchEngine(tf);
    // The stock engine takes these for 64 bytes.
    expect(() => module._malloc(2 ** 32 + 64)).toThrow('another 4.0 GiB');
  });

  test('patched, keeps a reserve for its kernels once the memory cannot grow', () => {
    patchEngine(tf);
    limits.largest = 2 ** 20;
    expect(() => module._malloc(16)).not.toThrow();
    limits.isGrown = true;
    expect(() => module._malloc(16)).toThrow('out of memory');
    limits.largest = Number.POSITIVE_INFINITY;
    expect(() => module._malloc(16)).not.toThrow();
  });

  test('patched, an empty tensor needs no room', () => {
    patchEngine(tf);
    limits.largest = -1;
    expect(() => tf.tensor1d([])).not.toThrow();
  });

  test('patched, says why where a kernel gives up', () => {
    patchEngine(tf);
    expect(() => module.onAbort?.('')).toThrow(/^the wasm engine is out of memory: a kernel .*no reason/);
  });
});
