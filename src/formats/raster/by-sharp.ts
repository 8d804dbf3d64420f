import type { Metadata } from 'sharp';
import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import type { StoredData } from '../element.js';
import { checkClaim, type FormatOpener, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import type { ArrayHeader, Axis, Colour, ReadOptions } from '../stored-array.js';
import { loadSharp } from './load-sharp.js';

/** Formats that libvips decodes as stored: they have neither palettes nor other than 8 bits. */
type SharpFormat = 'JPEG' | 'WebP';

/** JPEG: a few bits for 64 samples. WebP: one colour for all of an image of 16,384 x 16,384 takes some bytes. */
const RATIOS: Readonly<Record<SharpFormat, number>> = { JPEG: 4096, WebP: 2 ** 26 };

const COLOURS: Readonly<Record<number, Colour>> = { 1: 'none', 2: 'gray-alpha', 3: 'rgb', 4: 'rgba' };

/** Interleaved samples as planes. */
function toPlanes(data: Uint8Array, samples: number): Uint8Array {
  // A Buffer is a Uint8Array whose slices are views: nothing else here gives one out.
  if (samples === 1) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const plane = data.length / samples;
  const result = new Uint8Array(data.length);
  for (let sample = 0; sample < samples; sample++) {
    for (let i = 0, from = sample; i < plane; i++, from += samples)
      result[sample * plane + i] = data[from] ?? 0;
  }
  return result;
}

async function open(
  format: SharpFormat,
  source: ByteSource,
  options: ReadOptions,
): Promise<OpenedArray | Failure> {
  const { path } = source;
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const bytes = source.readAll();
  const sharp = await loadSharp();
  // The check below holds the size against the file's.
  const image = () => sharp(bytes, { failOn: 'error', limitInputPixels: false });
  let metadata: Metadata;
  try {
    metadata = await image().metadata();
  } catch (error) {
    return failure('header-damaged', { path, format, problem: 'field-invalid', reason: reasonOf(error) });
  }
  const { width = 0, height = 0, channels = 0, space, depth, pages = 1, orientation = 1 } = metadata;
  if (metadata.format !== format.toLowerCase()) {
    return failure('header-damaged', { path, format, problem: 'signature' });
  }
  if (space === 'cmyk' || (space !== 'srgb' && space !== 'b-w' && space !== 'rgb') || depth !== 'uchar') {
    return failure('layout-unread', { path, format, layout: 'colour-space' }, 'Save it as RGB.');
  }
  const axes: Axis[] = [
    ...(channels > 1 ? [{ name: 'channel', size: channels } as const] : []),
    { name: 'y', size: height },
    { name: 'x', size: width },
  ];
  const alpha = channels === 2 || channels === 4;
  const header: ArrayHeader = {
    path,
    format,
    axes,
    type: 'uint8',
    bits: 8,
    scale: undefined,
    colour: COLOURS[channels] ?? 'samples',
    notes: [
      ...(format === 'JPEG' || !isLossless(bytes) ? [{ kind: 'lossy', compression: format } as const] : []),
      ...(orientation > 1 ? [{ kind: 'turned-when-shown', orientation } as const] : []),
      ...(alpha ? [{ kind: 'alpha', index: channels - 1, premultiplied: false } as const] : []),
      ...(pages > 1 ? [{ kind: 'other-images', count: pages - 1 } as const] : []),
    ],
  };
  const wrong = checkClaim(header, { stored: bytes.length, ratio: RATIOS[format] });
  if (wrong) return wrong;
  const read = async (): Promise<StoredData | Failure> => {
    try {
      const plain = channels <= 2 ? image().toColourspace('b-w') : image();
      const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true });
      if (info.channels === channels && info.width === width && info.height === height) {
        return toPlanes(data, channels);
      }
      return failure('elements-damaged', { path, format, reason: `${info.channels} channels` });
    } catch (error) {
      return failure('elements-damaged', { path, format, reason: reasonOf(error) });
    }
  };
  return { header, read };
}

/** Whether a WebP has a lossless image: the chunk VP8L. */
function isLossless(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).includes('VP8L');
}

export function openBySharp(format: SharpFormat): FormatOpener {
  return (source, options) => open(format, source, options);
}
