import type { ImageValues } from '../normalize/normalize-image.js';
import type { Order } from './axis-taps.js';
import { needsRanges, planeChain, type Resampling } from './plane-chain.js';
import { RangeMeter } from './range-meter.js';

export interface ImageResampling {
  /** 3 when left out: cubic B-splines. */
  readonly order?: Order;
  /** The axis of (...spatial) that is interpolated on its own: what `separateAxis` finds. */
  readonly separate?: number | undefined;
  /** The order along that axis; 0 when left out: the nearest plane. */
  readonly separateOrder?: Order;
}

/**
 * Resamples an image, (C, ...spatial), to (C, ...sizes), as nnU-Net's `resample_data_or_seg_to_shape` does images:
 * channel by channel skimage.transform.resize(order=3, mode='edge', anti_aliasing=False), which is
 * scipy.ndimage.zoom(mode='nearest', grid_mode=True) and a clipping to the range of the channel. With `separate`, each
 * plane across that axis is resampled and clipped on its own, and then new planes take the nearest one.
 *
 * An output that is smaller than the image leaves positions out: nothing is averaged.
 */
export function resampleImage(
  image: ImageValues,
  sizes: readonly number[],
  { order = 3, ...separate }: ImageResampling = {},
): ImageValues {
  return resampled(image, { from: image.shape.slice(1), to: sizes, order, ...separate });
}

/**
 * Resamples logits or probabilities, (C, ...spatial), to (C, ...sizes), as nnU-Net does: linearly, and with `separate`
 * by the nearest plane along that axis.
 */
export function resampleLogits(
  logits: ImageValues,
  sizes: readonly number[],
  separate?: number,
): ImageValues {
  return resampled(logits, { from: logits.shape.slice(1), to: sizes, order: 1, separate });
}

function resampled(image: ImageValues, resampling: Resampling): ImageValues {
  const { from, to, separate } = resampling;
  if (from.length !== to.length) throw new Error(`${to.length} sizes for ${from.length} axes`);
  const [channels = 0] = image.shape;
  // An image is one plane of a volume: rows on their own would be slower.
  const isPlane = from.length === 2 && separate === undefined;
  const deep = isPlane ? { ...resampling, from: [1, ...from], to: [1, ...to] } : resampling;
  return {
    shape: [channels, ...to],
    data: resampledValues({ ...image, shape: [channels, ...deep.from] }, deep),
  };
}

function resampledValues(image: ImageValues, resampling: Resampling): Float32Array {
  const { shape, data } = image;
  const [channels = 0] = shape;
  const { from, to } = resampling;
  const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const [plane, newPlane, newChannel] = [count(from.slice(1)), count(to.slice(1)), count(to)];
  const result = new Float32Array(channels * newChannel);
  if (result.length === 0 || data.length === 0) return result;
  const meter = needsRanges(resampling) ? new RangeMeter(channels, resampling) : undefined;
  meter?.add(image);
  for (let channel = 0; channel < channels; channel++) {
    let at = channel * newChannel;
    const { sink, inputs } = planeChain(resampling, meter?.ranges[channel], {
      room: () => result.subarray(at, at + newPlane),
      push: (values) => {
        if (values.buffer !== result.buffer) result.set(values, at);
        at += newPlane;
      },
    });
    for (let i = inputs.first; i < inputs.end; i++) {
      const start = (channel * (from[0] ?? 1) + i) * plane;
      sink.push(data.subarray(start, start + plane));
    }
  }
  return result;
}
