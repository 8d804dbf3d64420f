import { Failure } from '../../diagnostics/failure.js';
import type { StoredArray } from '../../formats/stored-array.js';
import { encodeArray } from '../../formats/write.js';
import type { ViewedChannel, ViewedImage } from '../viewed-image.js';

/**
 * The header of a NIfTI-1 file of a channel's codes, which follow it, x fastest. Its transform places the voxels where the
 * file of the image did. Without such a place, they lie upright with the image's spacing.
 */
export function niftiHeader(image: ViewedImage, channel: ViewedChannel): Uint8Array {
  const [z, y, x] = image.size;
  const { geometry, spacing } = image;
  const { native: _, ...placed } = geometry ?? {
    affine: undefined,
    spacing: spacing ?? [1, 1, 1],
    unit: undefined,
    orientation: undefined,
  };
  const isSmall = channel.codes instanceof Uint8Array;
  const array: StoredArray = {
    header: {
      ...{ path: 'volume.nii', format: 'NIfTI-1', colour: 'none', notes: [] },
      axes: [
        { name: 'z', size: z },
        { name: 'y', size: y },
        { name: 'x', size: x },
      ],
      type: isSmall ? 'uint8' : 'uint16',
      bits: isSmall ? 8 : 16,
      scale: { slope: channel.slope, intercept: channel.intercept },
      geometry: placed,
    },
    data: channel.codes,
  };
  const chunks = encodeArray(array.header.path, array);
  // The axes and the types are those that NIfTI has.
  if (chunks instanceof Failure) throw new Error(chunks.message);
  const [header = new Uint8Array()] = chunks;
  return header;
}
