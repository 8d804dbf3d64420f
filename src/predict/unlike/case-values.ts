import { Failure } from '../../diagnostics/failure.js';
import { RunningMoments } from '../../normalize/running-moments.js';
import { momentsOf } from '../../normalize/statistics.js';
import { elementCount } from '../../runtime/tensor.js';
import type { RowSource } from '../rows/row-source.js';

/** The mean and the deviation of the values of a channel. */
export interface ChannelValues {
  readonly mean: number;
  readonly std: number;
}

/** So many values of a channel are read at most: of larger images, the rows of so many bands at equal distances. */
const MOST_VALUES = 2 ** 24;
const BANDS = 16;
/** So many values are read at once. */
const BAND_VALUES = 2 ** 22;

/** Rows of the images of a file, counted on from image to image, that are read to measure their values. */
function bandsOf(images: number, size: number, line: number): readonly (readonly [number, number])[] {
  const rows = images * size;
  if (rows * line <= MOST_VALUES) {
    const step = Math.max(1, Math.floor(BAND_VALUES / line));
    return Array.from({ length: Math.ceil(rows / step) }, (_, i) => [
      i * step,
      Math.min(rows, (i + 1) * step),
    ]);
  }
  const each = Math.max(1, Math.floor(MOST_VALUES / BANDS / line));
  return Array.from({ length: BANDS }, (_, i) => {
    const from = Math.round((i * (rows - each)) / (BANDS - 1));
    return [from, from + each];
  });
}

/**
 * The values of each channel of a file, over all of its images. Undefined if they cannot be read: who predicts the file says
 * why.
 */
export async function caseValues(
  imageAt: (image: number) => RowSource,
  images: number,
): Promise<readonly ChannelValues[] | undefined> {
  const { channels, spatial } = imageAt(0);
  const [size = 0, ...rest] = spatial;
  const moments = Array.from({ length: channels }, () => new RunningMoments());
  for (const [begin, end] of bandsOf(images, size, elementCount(rest))) {
    for (let from = begin; from < end; ) {
      const image = Math.floor(from / size);
      const to = Math.min(end, (image + 1) * size);
      const band = await imageAt(image).rows(from - image * size, to - image * size);
      if (band instanceof Failure) return undefined;
      const count = band.data.length / channels;
      for (const [channel, own] of moments.entries()) {
        const part = band.data.subarray(channel * count, (channel + 1) * count);
        const found = momentsOf(part, { nonzero: false });
        if (found.count > 0) own.add(found.count, found.mean, found.std * found.std);
      }
      from = to;
    }
  }
  return moments.map(({ mean, std }) => ({ mean, std }));
}
