import type { EngineName } from './kernel-patch.js';
import type { KernelName } from './kernel-signatures.js';

/** Cases that an engine gets wrong and that have no patch: the kernel throws, so that no wrong numbers spread. */
export interface Refusal {
  readonly engine: EngineName;
  readonly kernels: readonly KernelName[];
  readonly reason: string;
  readonly remedy: string;
}

/** @param what the kernel, and the shapes of its inputs */
export function refusal({ engine, reason, remedy }: Refusal, what: string): Error {
  return new Error(`${what} on ${engine} is refused: ${reason}; ${remedy}`);
}
