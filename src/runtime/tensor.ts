import type { MemoryNeed } from '../diagnostics/codes/files.js';
import { type Failure, failure } from '../diagnostics/failure.js';
import { shapeText } from '../diagnostics/wording.js';
import { elementCount, stridesOf } from '../ir/parameter.js';

export { elementCount, shapeText, stridesOf };

/**
 * Numbers in row-major order. Networks take and give (N, C, ...spatial); a single image is (C, ...spatial). There may be
 * any number of spatial axes.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** An array of zeros, or a failure that states how much memory it needs. */
export function allocate(length: number, need: MemoryNeed): Float32Array | Failure {
  try {
    return new Float32Array(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failure('out-of-memory', { need, bytes: 4 * length });
  }
}
