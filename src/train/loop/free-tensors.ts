import type { Tensor } from '../../runtime/tensor.js';

/**
 * Frees the memory of tensors at once: their arrays have length 0 afterwards. The garbage collector would free it some steps
 * later, and every set of parameters that waits for it counts towards the peak. The tensors must not share memory.
 */
export function freeTensors(tensors: readonly Tensor[]): void {
  const { port1 } = new MessageChannel();
  port1.close();
  const buffers = tensors.map(({ data }) => data.buffer);
  try {
    // A message to a closed port is discarded, and so are the buffers that are transferred with it.
    port1.postMessage(undefined, buffers);
  } catch {
    // An engine may forbid the transfer of its memory: then the garbage collector frees it later.
  }
}
