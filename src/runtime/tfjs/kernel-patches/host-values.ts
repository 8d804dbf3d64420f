import type { DataId, TensorInfo } from '@tensorflow/tfjs';

/** What we use of the Emscripten module of the wasm backend. Addresses are signed 32-bit numbers. */
export interface WasmModule {
  _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
  /** The whole memory; a new array each time it grows. */
  readonly HEAPU8: Uint8Array;
  onAbort?: (reason: unknown) => void;
}

/** What we use of tfjs's wasm backend: its tensors lie in one memory that JavaScript can read. */
export interface WasmBackend {
  readonly wasm: WasmModule;
  readonly makeOutput: (shape: number[], dtype: 'float32') => TensorInfo;
  readonly typedArrayFromHeap: (info: TensorInfo) => Float32Array;
}

/** What we use of tfjs's cpu backend: its tensors are typed arrays. */
interface CpuBackend {
  readonly readSync: (dataId: DataId) => Float32Array;
  readonly makeTensorInfo: (shape: number[], dtype: 'float32', values: Float32Array) => TensorInfo;
}

/**
 * Computes a float32 tensor by plain code over typed arrays, on the cpu or wasm engine, without copies.
 *
 * @param backend the KernelBackend that the kernel received
 * @param compute fills `out`, which starts as zeros, from the values of the inputs
 */
export function computeOnHost(
  backend: unknown,
  inputs: readonly TensorInfo[],
  shape: readonly number[],
  compute: (out: Float32Array, inputs: readonly Float32Array[]) => void,
): TensorInfo {
  if (isWasm(backend)) {
    // The memory may move when it grows, so the views are made after the output is allocated.
    const info = backend.makeOutput([...shape], 'float32');
    const out = backend.typedArrayFromHeap(info);
    out.fill(0);
    compute(
      out,
      inputs.map((input) => backend.typedArrayFromHeap(input)),
    );
    return info;
  }
  // The patches that compute on the host are for cpu and wasm, and it is not wasm.
  const cpu = backend as CpuBackend;
  const out = new Float32Array(shape.reduce((product, size) => product * size, 1));
  compute(
    out,
    inputs.map(({ dataId }) => cpu.readSync(dataId)),
  );
  return cpu.makeTensorInfo([...shape], 'float32', out);
}

export function isWasm(backend: unknown): backend is WasmBackend {
  return (
    typeof backend === 'object' && backend !== null && 'wasm' in backend && 'typedArrayFromHeap' in backend
  );
}
