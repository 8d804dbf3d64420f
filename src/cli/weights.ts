import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { seededWeights } from '../../codegen/weights/initialize.js';
import { readSafetensors } from '../../codegen/weights/safetensors-read.js';
import type { WeightSource } from '../../codegen/weights/weight-source.js';
import { problemText } from '../../codegen/weights/weights-problem.js';
import type { CompiledNetwork } from '../compile.js';
import { Failure, fileFailure } from '../runtime/failure.js';

const LARGEST_SEED = 0xffff_ffff;

export interface WeightOptions {
  readonly seed?: string;
  readonly weights?: string;
}

/** What is wrong with the options, before anything is compiled. */
export function weightMisuse({ weights, seed }: WeightOptions): string | undefined {
  if (weights !== undefined && seed !== undefined) {
    return '--seed and --weights contradict each other: give one of them';
  }
  if (seed === undefined || (/^\d+$/.test(seed) && Number(seed) <= LARGEST_SEED)) return undefined;
  return `--seed takes a whole number from 0 to ${LARGEST_SEED}, not \`${seed}\``;
}

/**
 * The weights that were asked for: a safetensors file's, or those of a seed (0 unless given). A failure lists
 * every tensor that is missing, superfluous or of another shape. The options hold (see weightMisuse).
 */
export function openWeights(network: CompiledNetwork, options: WeightOptions): WeightSource | Failure {
  const { weights, seed = '0' } = options;
  if (weights === undefined) return seededWeights(Number(seed));
  try {
    const descriptor = openSync(weights, 'r');
    const { size } = fstatSync(descriptor);
    const reading = readSafetensors(
      { size, read: (offset, length) => readExactly(descriptor, offset, length) },
      network.graph,
    );
    if (reading.ok) return reading.weights; // the file stays open while the weights are read
    closeSync(descriptor);
    return new Failure(
      `${weights} does not hold the weights of ${network.name}:\n${reading.problems.map((problem) => `  ${problemText(problem)}`).join('\n')}`,
    );
  } catch (error) {
    return fileFailure('read', weights, error);
  }
}

function readExactly(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const count = readSync(descriptor, bytes, done, length - done, offset + done);
    if (count === 0) throw new Error(`the file ended at ${offset + done}`);
    done += count;
  }
  return bytes;
}
