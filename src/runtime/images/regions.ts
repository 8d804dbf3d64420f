import { type Failure, failure } from '../../diagnostics/failure.js';
import { elementCount, type Tensor } from '../tensor.js';
import type { Mask } from './mask.js';

/** The largest label of 16 bits. */
const LARGEST = 65535;

/**
 * The labels of regions that may overlap, (K, ...spatial): nnU-Net's rule (LabelManager). The regions are written in the
 * order of the channels, each where its number is above `threshold`, so that a later one covers an earlier one. `values` has
 * the label of each: 1 .. K when left out. Elsewhere, the label is 0.
 */
export function regionLabels(output: Tensor, threshold: number, values?: readonly number[]): Mask | Failure {
  const [channels = 1, ...shape] = output.shape;
  const largest = values ? values.reduce((most, one) => Math.max(most, one), 0) : channels;
  if (largest > LARGEST) return failure('too-many-classes', { classes: largest + 1, limit: LARGEST + 1 });
  const count = elementCount(shape);
  const data = largest > 255 ? new Uint16Array(count) : new Uint8Array(count);
  for (let channel = 0; channel < channels; channel++) {
    const label = values ? (values[channel] ?? 0) : channel + 1;
    const start = channel * count;
    // Every index is below channels * count, the length of the output.
    for (let i = 0; i < count; i++) if ((output.data[start + i] as number) > threshold) data[i] = label;
  }
  return { shape, data, classes: largest + 1 };
}

/** 1 where a channel of (K, ...spatial) is above `threshold`, and 0 elsewhere. */
export function regionMask({ shape, data }: Tensor, channel: number, threshold: number): Uint8Array {
  const count = elementCount(shape.slice(1));
  return Uint8Array.from(data.subarray(channel * count, (channel + 1) * count), (value) =>
    value > threshold ? 1 : 0,
  );
}
