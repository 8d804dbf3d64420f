import type { MemoryNeed } from '../diagnostics/codes/files.js';
import { type Failure, failure } from '../diagnostics/failure.js';
import { shapeText } from '../diagnostics/wording.js';
import { elementCount } from '../ir/parameter.js';

export { elementCount, shapeText };

/**
 * Numbers in row-major order. Networks take and give (N, C, ...spatial); a single image is (C, ...spatial). There may be
 * any number of spatial axes.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Row-major strides in elements: [H * W, W, 1] for (C, H, W). */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
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
