import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { MeasuredBy } from '../../diagnostics/codes/normalization.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { isMeasured } from '../../normalize/normalization.js';
import { readRun } from '../../train/run-folder/read-run.js';

/**
 * A failure if nobody has measured the numbers of `ct(auto)`, which every model needs. Where `weights` lies in the folder of
 * a run of this network, it says what the run measured.
 */
export function notMeasured({ name, spec }: CompiledNetwork, weights?: string): Failure | undefined {
  if (!isMeasured(spec.normalize.value)) return undefined;
  const measured = weights === undefined ? undefined : measuredBy(dirname(weights), name);
  return failure('normalize-not-measured', { network: name, measured });
}

/** What the run in a folder measured for a network; undefined if there is no such run. */
function measuredBy(folder: string, network: string): MeasuredBy | undefined {
  const run = readRun(folder);
  if (run instanceof Failure || run.network !== network || run.normalize === undefined) return undefined;
  try {
    // The name of a variant of an ablation can contain `ct(auto)`, and then the text keeps it.
    const isWritten = readFileSync(run.spec, 'utf8').includes(run.normalize);
    return { normalize: run.normalize, spec: isWritten ? `${run.spec}#${network}` : undefined };
  } catch {
    return { normalize: run.normalize, spec: undefined };
  }
}
