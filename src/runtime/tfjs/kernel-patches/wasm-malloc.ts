import { isWasm, type WasmModule } from './host-values.js';
import type { KernelPatch } from './kernel-patch.js';

/** What addresses of 32 bits reach. */
const addressableBytes = 2 ** 32;

/**
 * What must be left beside the tensors once the memory can hardly grow: kernels take it for packed filters, and where
 * they get none some leave their result as it was.
 */
const reserveBytes = 64 * 2 ** 20;

const checked = new WeakSet<WasmModule>();

/**
 * The allocation of tensors on wasm: nobody looks whether it succeeded, so that a tensor that has no room is written to
 * address 0 and on, **over the engine's own data and other tensors, without a word**. A size of 4 GiB or more even
 * wraps around to a small block. Both throw here; and where a kernel itself finds no room, the engine's bare
 * "Aborted()" says why.
 */
export const checkedMalloc: KernelPatch = {
  kernel: 'malloc',
  part: 'memory',
  engines: ['wasm'],
  patches: 'out of memory it wrote over other tensors without a word',
  apply: (tf) => {
    const backend: unknown = tf.backend();
    if (!isWasm(backend) || checked.has(backend.wasm)) return;
    const module = backend.wasm;
    checked.add(module);
    // Emscripten's first call replaces the function by the real one, which would undo what is put here.
    module._free(module._malloc(1));
    const malloc = module._malloc;
    const hasReserve = () => {
      if (module.HEAPU8.length + reserveBytes < addressableBytes) return true;
      const address = malloc(reserveBytes);
      if (address !== 0) module._free(address);
      return address !== 0;
    };
    module._malloc = (bytes) => {
      const address = bytes < addressableBytes ? malloc(bytes) : 0;
      // No bytes at all may have the address 0.
      if (address !== 0 && hasReserve()) return address;
      if (address === 0 && bytes === 0) return address;
      if (address !== 0) module._free(address);
      throw new Error(
        outOfMemory(`it has no room for another ${sizeText(bytes)}, of the 4 GiB that it can hold`),
      );
    };
    module.onAbort = (reason) => {
      throw new Error(
        outOfMemory(`a kernel found no room for its work (${String(reason || 'no reason given')})`),
      );
    };
  },
};

function outOfMemory(what: string): string {
  return (
    `the wasm engine is out of memory: ${what}; use a smaller batch or size, or another engine: ` +
    '--device cpu or --device gpu'
  );
}

function sizeText(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
