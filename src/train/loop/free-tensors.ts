import type { Tensor } from '../../runtime/tensor.js';

/**
 * Gives the memory of tensors back at once: their arrays have length 0 from then on. The garbage collector would get to
 * it some steps later, and every set of parameters that waits for it counts towards the peak. Tensors must not share
 * their memory.
 */
export function freeTensors(tensors: readonly Tensor[]): void {
  const { port1 } = new MessageChannel();
  port1.close();
  const buffers = tensors.map(({ data }) => data.buffer);
  try {
    // What is handed over to a port that is closed belongs to nobody.
    port1.postMessage(undefined, buffers);
  } catch {
    // An engine may hold on to the memory of what it gives: the garbage collector has to do.
  }
}
