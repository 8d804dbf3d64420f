import { totalmem } from 'node:os';
import { Facts } from '../../analysis/facts.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { bytesText } from '../../runtime/bytes-text.js';
import { inferSizes } from '../../shape/infer.js';
import type { TrainingSettings } from './training-settings.js';

/** The memory that a process can have, in bytes: the memory of the machine, or of its container. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  // Without a limit, it is 0 or a number larger than any memory.
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * Fails if the gradients of one batch alone read more than `available` bytes. An engine needs more than that, so a step that
 * passes may still be too large.
 */
export function memoryProblem(
  { name, training }: CompiledNetwork,
  { loader: { patch, batch } }: TrainingSettings,
  available: number = availableMemory(),
): Failure | undefined {
  const each = new Facts(training, inferSizes(training, patch.input), training).memory.training;
  if (each * batch <= available) return undefined;
  return failure('step-memory', {
    network: name,
    needed: bytesText(each * batch),
    available: bytesText(available),
    batch,
    patch: patch.input,
    each: bytesText(each),
    largest: Math.floor(available / each),
  });
}
