import { type Failure, failure } from '../diagnostics/failure.js';
import { type ArrayHeader, type Palette, sizesOf } from '../formats/stored-array.js';
import { isVolumeFormat } from './image-layout.js';

/** ITU-R BT.601 luma, as Pillow and OpenCV turn colours into gray. */
export const LUMA = [0.299, 0.587, 0.114] as const;

/** What a channel of a network is made of: a stored sample, gray from colours, or opacity that the file does not have. */
export type ChannelSource = number | 'luma' | 'opaque';

/** Raster images without a meaning for each channel: a network may take them in gray or in colours. */
function isPicture({ format }: ArrayHeader): boolean {
  return !isVolumeFormat(format) && !['NPY', 'NPZ', 'HDF5', 'OME-Zarr'].includes(format);
}

/** The samples that a reader has to choose channels from: those of the file, or the colours of its palette. */
export function sampleKind(
  header: ArrayHeader,
  samples: number,
): 'gray' | 'gray-alpha' | 'rgb' | 'rgba' | 'other' {
  if (!isPicture(header)) return 'other';
  const { colour, palette } = header;
  if (colour === 'palette' && palette) {
    if (hasAlpha(palette)) return isGray(palette) ? 'gray-alpha' : 'rgba';
    return isGray(palette) ? 'gray' : 'rgb';
  }
  if (colour === 'none' && samples === 1) return 'gray';
  if (colour === 'gray-alpha' || colour === 'rgb' || colour === 'rgba') return colour;
  return 'other';
}

export function isGray({ colours }: Palette): boolean {
  return colours.every(([r, g, b]) => r === g && g === b);
}

/** Where the colours of a palette have their opacity. */
export const ALPHA = 3;

/** Whether a palette makes some index transparent. */
export function hasAlpha({ bits, colours }: Palette): boolean {
  return colours.some((colour) => (colour[ALPHA] ?? 2 ** bits - 1) < 2 ** bits - 1);
}

/**
 * How many channels images of a file have: undefined for gray and for colours, either of which can be read as the
 * other.
 */
export function fixedChannels(header: ArrayHeader, samples: number): number | undefined {
  return sampleKind(header, samples) === 'other' ? samples : undefined;
}

const SOURCES: Readonly<
  Record<
    Exclude<ReturnType<typeof sampleKind>, 'other'>,
    Readonly<Partial<Record<number, readonly ChannelSource[]>>>
  >
> = {
  gray: { 1: [0], 3: [0, 0, 0], 4: [0, 0, 0, 'opaque'] },
  'gray-alpha': { 1: [0], 2: [0, 1], 3: [0, 0, 0], 4: [0, 0, 0, 1] },
  rgb: { 1: ['luma'], 3: [0, 1, 2], 4: [0, 1, 2, 'opaque'] },
  rgba: { 1: ['luma'], 3: [0, 1, 2], 4: [0, 1, 2, 3] },
};

/**
 * What the channels of a network are made of. Gray is repeated for a network of colours, and colours become gray for a
 * network of one channel; without room for it, transparency is dropped, without blending. Other samples are channels as
 * they are. Fails for other numbers.
 */
export function channelSources(
  header: ArrayHeader,
  samples: number,
  channels: number,
): readonly ChannelSource[] | Failure {
  const kind = sampleKind(header, samples);
  const sources =
    kind !== 'other'
      ? SOURCES[kind][channels]
      : samples === channels
        ? Array.from({ length: channels }, (_, i) => i)
        : undefined;
  if (sources !== undefined) return sources;
  const [last] = header.axes.slice(-1);
  const isLast = last?.name === 'unnamed' && last.size === channels && header.axes.length > 2;
  return failure('channels-mismatch', {
    ...{ path: header.path, channels: samples, network: channels },
    ...(isLast ? { shape: sizesOf(header.axes) } : {}),
  });
}
