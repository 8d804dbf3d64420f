import { isWasm, type WasmModule } from './host-values.js';
import type { KernelPatch } from './kernel-patch.js';

/** The bytes that 32-bit addresses reach. */
const addressableBytes = 2 ** 32;

/**
 * Bytes that must stay free once the memory can hardly grow. Kernels allocate packed filters there, and some leave their
 * result unchanged if they find no room.
 */
const reserveBytes = 64 * 2 ** 20;

const checked = new WeakSet<WasmModule>();

/**
 * The allocation of tensors on wasm. The engine does not check whether it succeeded, so a tensor without room is written
 * from address 0 on, **over the engine's own data and other tensors, silently**. A size of 4 GiB or more even wraps around
 * to a small block. Here both throw. If a kernel itself finds no room, the engine's bare "Aborted()" gets a reason.
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
    // Emscripten's first call replaces the function by the real one, which would undo the patch.
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
      // An empty tensor may have the address 0.
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
