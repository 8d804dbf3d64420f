import { Failure } from '../../diagnostics/failure.js';
import { affineOf, type WorldGeometry } from '../../formats/geometry.js';
import type { StoredArray } from '../../formats/stored-array.js';
import { encodeArray } from '../../formats/write.js';
import type { StackSize, ViewedChannel, ViewedImage } from '../viewed-image.js';

/** A place for voxels that have none, as pictures are looked at: rows and slices lead down. */
function unplaced([slices, rows]: StackSize, spacing: StackSize): WorldGeometry {
  const [z, y, x] = spacing;
  const affine = affineOf(
    [
      [x, 0, 0],
      [0, -y, 0],
      [0, 0, -z],
    ],
    [0, (rows - 1) * y, (slices - 1) * z],
  );
  return { affine, spacing, unit: undefined, orientation: undefined };
}

/**
 * The header of a NIfTI-1 file of a channel's codes, which follow it, x fastest. Its transform places the voxels where the
 * file of the image did. Without such a place, columns lead to the right, and rows and slices down.
 */
export function niftiHeader(image: ViewedImage, channel: ViewedChannel): Uint8Array {
  const [z, y, x] = image.size;
  const { geometry, spacing } = image;
  const { native: _, ...placed } = geometry ?? unplaced(image.size, spacing ?? [1, 1, 1]);
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
