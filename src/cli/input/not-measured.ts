import type { CompiledNetwork } from '../../compiler/compile.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { isMeasured } from '../../normalize/normalization.js';

/** A failure if nobody has measured the numbers of `ct(auto)`, which every model needs. */
export function notMeasured({ name, spec }: CompiledNetwork): Failure | undefined {
  return isMeasured(spec.normalize.value) ? failure('normalize-not-measured', { network: name }) : undefined;
}
