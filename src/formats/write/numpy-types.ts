import type { StoredType } from '../element.js';

/** NumPy's names of types, as .npy and Zarr 2 write them: little-endian. */
export const NUMPY_TYPES: Readonly<Record<StoredType, string>> = {
  bool: '|b1',
  uint8: '|u1',
  int8: '|i1',
  uint16: '<u2',
  int16: '<i2',
  uint32: '<u4',
  int32: '<i4',
  uint64: '<u8',
  int64: '<i8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
};
