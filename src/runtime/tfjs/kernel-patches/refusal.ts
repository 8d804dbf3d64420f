import type { EngineName } from './kernel-patch.js';
import type { KernelName } from './kernel-signatures.js';

/** Cases that an engine has wrong and that are not patched: the kernel throws, so that nothing goes on with wrong numbers. */
export interface Refusal {
  readonly engine: EngineName;
  readonly kernels: readonly KernelName[];
  readonly reason: string;
  readonly remedy: string;
}

/** @param what the kernel and the shapes it was called with */
export function refusal({ engine, reason, remedy }: Refusal, what: string): Error {
  return new Error(`${what} on ${engine} is refused: ${reason}; ${remedy}`);
}
