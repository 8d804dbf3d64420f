import type { PlaneValues } from '../normalize/image-summary.js';
import { elementCount } from '../runtime/tensor.js';
import type { ChannelSource } from './channels.js';
import { startOf } from './image-layout.js';
import type { ImageArray } from './read-image.js';

/**
 * A channel of an image, (...spatial), as a view of the array. Undefined where the array has to be copied for that: where
 * its elements are scaled, have no exact float32, are indices of colours or lie in another order.
 */
export function planeView(
  { header, layout, data }: ImageArray,
  image: number,
  source: ChannelSource,
): PlaneValues | undefined {
  const { scale, colour } = header;
  if (typeof source !== 'number' || colour === 'palette') return undefined;
  if (scale && (scale.slope !== 1 || scale.intercept !== 0)) return undefined;
  let run = 1;
  for (const { size, stride } of layout.steps.toReversed()) {
    if (stride !== run && size !== 1) return undefined;
    run *= size;
  }
  const start = startOf(layout, image) + source * layout.sampleStride;
  const isExact =
    data instanceof Float32Array ||
    data instanceof Uint8Array ||
    data instanceof Uint16Array ||
    data instanceof Int8Array ||
    data instanceof Int16Array;
  return isExact ? data.subarray(start, start + elementCount(layout.spatial)) : undefined;
}
