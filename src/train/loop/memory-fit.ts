import { totalmem } from 'node:os';
import { Facts } from '../../analysis/facts.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import { Failure } from '../../diagnostics/failure.js';
import { bytesText } from '../../runtime/bytes-text.js';
import { shapeText } from '../../runtime/tensor.js';
import { inferSizes } from '../../shape/infer.js';
import type { TrainingSettings } from './training-settings.js';

/** The memory that a process can have, in bytes: that of the machine, or of the container it is in. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  // Without a limit it is 0 or a number larger than any memory.
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * Why a step cannot be made in `available` bytes: what the gradients of one batch read takes more. An engine needs more than
 * that, so a step that passes may still be too large.
 */
export function memoryProblem(
  { name, training }: CompiledNetwork,
  { loader: { patch, batch } }: TrainingSettings,
  available: number = availableMemory(),
): Failure | undefined {
  const each = new Facts(training, inferSizes(training, patch.input), training).memory.training;
  const need = each * batch;
  if (need <= available) return undefined;
  const most = Math.floor(available / each);
  const smaller = most >= 1 ? `at most \`batch = ${most}\`, or a smaller \`patch\`` : 'a smaller `patch`';
  return new Failure(
    `a step of ${name} takes at least ${bytesText(need)} of memory, and there are ${bytesText(available)}: a batch of ` +
      `${batch} patches of ${shapeText(patch.input)}, ${bytesText(each)} each. Take ${smaller}`,
  );
}
