import { type Failure, failure } from '../../diagnostics/failure.js';
import type { LabelValues } from '../../images/label-values.js';

/** The values of a mask as the numbers of objects. Fails for values that no object can have. */
export function objectNumbers({ values }: LabelValues, path: string): Int32Array | Failure {
  const isNumber = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 31;
  const wrong = values.filter((value) => !isNumber(value));
  const [value] = wrong;
  if (value === undefined) return Int32Array.from(values);
  return failure('object-number-invalid', { path, value, count: wrong.length, total: values.length });
}
