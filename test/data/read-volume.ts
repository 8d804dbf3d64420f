import { Failure } from '../../src/diagnostics/failure.js';
import { type LengthUnit, uprightAffine } from '../../src/formats/geometry.js';
import { readArray } from '../../src/formats/read.js';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { encodeArray } from '../../src/formats/write.js';
import { type ImageLayout, storedRank } from '../../src/images/image-layout.js';
import { imageArray, imageOf } from '../../src/images/read-image.js';
import { onGridOf } from '../../src/images/scatter.js';
import type { Tensor } from '../../src/runtime/tensor.js';

/** A file of a volume as the package reads it: (...spatial), or (C, ...spatial) with several channels. */
export interface ReadVolume {
  readonly header: ArrayHeader;
  readonly layout: ImageLayout;
  readonly volume: Tensor;
}

export async function readVolume(path: string): Promise<ReadVolume | Failure> {
  const stored = await readArray(path);
  if (stored instanceof Failure) return stored;
  const array = imageArray(stored, { rank: storedRank(stored.header) ?? stored.header.axes.length });
  if (array instanceof Failure) return array;
  const { header, layout } = array;
  const image = imageOf(array, 0, layout.samples);
  if (image instanceof Failure) return image;
  const volume = layout.samples === 1 ? { ...image, shape: image.shape.slice(1) } : image;
  return { header, layout, volume };
}

/** The bytes of a .nii.gz file without a place in the world, (...spatial). */
export function niftiOf(
  shape: readonly number[],
  spacing: readonly number[],
  data: Uint8Array,
  unit: LengthUnit = 'mm',
): Uint8Array {
  const names = ['z', 'y', 'x'] as const;
  const header: ArrayHeader = {
    ...{ path: 'made', format: 'NIfTI-1', type: 'uint8', bits: 8, colour: 'none', notes: [] },
    axes: names.slice(-shape.length).map((name, i) => ({ name, size: shape[i] ?? 1 })),
    scale: undefined,
    geometry: { affine: uprightAffine(spacing, unit), spacing, unit, orientation: 'RAS' },
  };
  const chunks = encodeArray('a.nii.gz', { header, data });
  if (chunks instanceof Failure) throw new Error(chunks.message);
  return Buffer.concat([...chunks]);
}

/** The bytes of a file of labels in the place of another file. */
export async function labelsLike(
  path: string,
  data: Uint8Array,
  packed: boolean,
): Promise<Uint8Array | Failure> {
  const like = await readVolume(path);
  if (like instanceof Failure) return like;
  const { header, layout } = like;
  const labels = onGridOf(header, layout, { rank: layout.spatial.length }, [data], 'uint8');
  const chunks = labels instanceof Failure ? labels : encodeArray(packed ? 'a.nii.gz' : 'a.nii', labels);
  return chunks instanceof Failure ? chunks : Buffer.concat([...chunks]);
}
