import type { Failure } from '../../diagnostics/failure.js';
import type { Tensor } from '../../runtime/tensor.js';

/** Rows along the first spatial axis: planes of a volume, lines of an image. */
export interface Rows {
  readonly from: number;
  readonly to: number;
  /** (C, to - from, ...rest). */
  readonly values: Tensor;
}

/** An image that is read row by row, (C, ...spatial), so that it never has to be in memory as a whole. */
export interface RowSource {
  readonly channels: number;
  readonly spatial: readonly number[];
  /** The rows from <= row < to, (C, to - from, ...rest). Quickest where each call begins after the last one ended. */
  rows(from: number, to: number): Promise<Tensor | Failure>;
}

/** An image that is in memory. */
export function tensorRows({ shape, data }: Tensor): RowSource {
  const [channels = 0, size = 0, ...rest] = shape;
  const line = rest.reduce((product, one) => product * one, 1);
  return {
    channels,
    spatial: [size, ...rest],
    rows(from, to) {
      const values = new Float32Array(channels * (to - from) * line);
      for (let channel = 0; channel < channels; channel++) {
        const start = channel * size * line;
        values.set(data.subarray(start + from * line, start + to * line), channel * (to - from) * line);
      }
      return Promise.resolve({ shape: [channels, to - from, ...rest], data: values });
    },
  };
}

/** A part of rows: begin <= row < end. */
export function partOfRows({ from, values }: Rows, begin: number, end: number): Rows {
  const [channels = 0, count = 0, ...rest] = values.shape;
  if (begin === from && end === from + count) return { from, to: end, values };
  const line = rest.reduce((product, one) => product * one, 1);
  const size = (end - begin) * line;
  const data = new Float32Array(channels * size);
  for (let channel = 0; channel < channels; channel++) {
    const start = (channel * count + begin - from) * line;
    data.set(values.data.subarray(start, start + size), channel * size);
  }
  return { from: begin, to: end, values: { shape: [channels, end - begin, ...rest], data } };
}
