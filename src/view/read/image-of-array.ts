import { basename } from 'node:path';
import { newData } from '../../formats/element.js';
import { isScreenUnit, type LengthUnit, type WorldGeometry } from '../../formats/geometry.js';
import type { ArrayHeader } from '../../formats/stored-array.js';
import { sampleKind } from '../../images/channels.js';
import { gather } from '../../images/gather.js';
import { isVolumeFormat, startOf } from '../../images/image-layout.js';
import { coloursOf, type ImageArray, readingNotes } from '../../images/read-image.js';
import { elementCount } from '../../runtime/tensor.js';
import type { StoredNumbers } from '../coded-values.js';
import {
  colourChannels,
  type StackSize,
  type ViewedChannel,
  type ViewedImage,
  viewedChannel,
} from '../viewed-image.js';

/** Channels beyond these are not shown. */
const MOST_CHANNELS = { planes: 8, volume: 4 } as const;

/** One channel of the images, (images, ...spatial): a view of the array where its elements lie in that order. */
function samplesOf(
  { layout, header, data }: ImageArray,
  images: readonly number[],
  sample: number,
): StoredNumbers {
  const count = elementCount(layout.spatial);
  let run = 1;
  let isPlain = images.length === 1;
  for (const { size, stride } of layout.steps.toReversed()) {
    if (stride !== run && size !== 1) isPlain = false;
    run *= size;
  }
  if (isPlain) {
    const start = startOf(layout, images[0] ?? 0) + sample * layout.sampleStride;
    return data.subarray(start, start + count);
  }
  // StoredNumbers of 64 bits have become doubles already.
  const type = header.type === 'int64' || header.type === 'uint64' ? 'float64' : header.type;
  const result = newData(type, count * images.length);
  for (const [i, image] of images.entries()) {
    // `gather` takes every array that it can set numbers of `data` in: both have one type.
    gather(data, layout, { image, sample }, result as Float64Array, i * count);
  }
  // Not one of 64-bit integers, whose types are replaced above.
  return result as StoredNumbers;
}

const UNITS: Readonly<Record<LengthUnit, string>> = {
  m: 'm',
  cm: 'cm',
  mm: 'mm',
  um: 'µm',
  nm: 'nm',
  inch: 'inch',
  pixel: 'pixels',
};

/** The distances between slices, rows and columns, where the file states more than how large it is on a screen. */
function spacingOf(
  { geometry, notes }: ArrayHeader,
  kind: ViewedImage['kind'],
): Pick<ViewedImage, 'spacing' | 'unit'> {
  if (geometry === undefined || notes.some((note) => note.kind === 'turned-when-shown')) return {};
  if (geometry.affine === undefined && isScreenUnit(geometry.unit) && kind === 'planes') return {};
  const along = geometry.spacing.slice(-3);
  if (along.length < 2 || along.some((one) => !(one > 0 && Number.isFinite(one)))) return {};
  const [columns = 1, rows = 1, slices = 1] = along.toReversed();
  // Places are in mm where a file names no unit.
  const unit = geometry.unit ?? (geometry.affine ? 'mm' : undefined);
  return { spacing: [slices, rows, columns], ...(unit ? { unit: UNITS[unit] } : {}) };
}

/** Whether a file says where its voxels lie in a body; other formats place them at most on a stage. */
function isPlaced(header: ArrayHeader): header is ArrayHeader & { readonly geometry: WorldGeometry } {
  return isVolumeFormat(header.format) && header.geometry?.affine !== undefined;
}

/** The image of an array that was read, with notes on what of it is shown. */
export function viewedImage(
  array: ImageArray,
  images: readonly number[],
  size: StackSize,
): { readonly image: ViewedImage; readonly notes: readonly string[] } {
  const coloured = coloursOf(array);
  const { header } = array;
  const { samples } = coloured.layout;
  const kind = array.layout.spatial.length === 3 ? 'volume' : 'planes';
  const sort = sampleKind(header, array.layout.samples);
  const isColour = sort === 'rgb' || sort === 'rgba' || (header.colour === 'rgb' && samples === 3);
  const all = isColour ? 3 : sort === 'gray-alpha' ? 1 : samples;
  const shown = Math.min(all, isColour ? 3 : MOST_CHANNELS[kind]);
  const named = header.notes.find((note) => note.kind === 'channel-names');
  const nameOf = (i: number) => {
    if (isColour) return ['red', 'green', 'blue'][i] ?? '';
    return (named?.kind === 'channel-names' && named.names[i]) || `channel ${i + 1}`;
  };
  const channels: ViewedChannel[] = [];
  for (let i = 0; i < shown; i++) {
    // The colours of a palette have no scale.
    const scale = coloured === array ? header.scale : undefined;
    channels.push(viewedChannel(nameOf(i), samplesOf(coloured, images, i), scale));
  }
  const notes = readingNotes({ notes: header.notes, samples }, shown).map(
    (note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`,
  );
  return {
    image: {
      ...{ name: basename(header.path), kind, size, colour: isColour, reduction: [1, 1, 1] },
      channels: isColour ? colourChannels(channels) : channels,
      ...spacingOf(header, kind),
      ...(isPlaced(header) && kind === 'volume' ? { geometry: header.geometry } : {}),
    },
    notes: shown < all ? [...notes, `Only the first ${shown} of ${all} channels are shown.`] : notes,
  };
}
