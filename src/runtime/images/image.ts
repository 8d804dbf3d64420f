import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { Failure, failure, fileFailure, reasonOf } from '../../diagnostics/failure.js';
import { allocate, type Tensor } from '../tensor.js';

/** An image read for a network, and notes for the user about how it was read. */
export interface LoadedImage {
  /** (C, H, W), in [0, 1]. */
  readonly image: Tensor;
  /** Sentences: "only the first of 3 pages was read". */
  readonly notes: readonly string[];
}

export interface ReadImageOptions {
  /** The largest image to decode, in pixels; 16383 x 16383 by default. */
  readonly maxPixels?: number;
  /** The page of a file with several, from 0. By default the first, with a note that there are more. */
  readonly page?: number;
}

const FORMATS: readonly string[] = ['png', 'jpeg', 'tiff'];
/** The default limit of sharp: a small damaged file must not allocate all the memory. */
const MAX_PIXELS = 0x3fff ** 2;

/** Colours as stored: training code also reads pixels without their ICC profile. */
const SHARP_OPTIONS: SharpOptions = { ignoreIcc: true, limitInputPixels: false };

/** ITU-R BT.601 luma, as Pillow and OpenCV turn colours into gray. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** The decoded samples of an image, interleaved: `stride` per pixel, of which `colours` are gray or RGB. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array | Uint16Array;
  readonly stride: number;
  readonly colours: 1 | 3;
  readonly alpha: boolean;
}

function inspect(metadata: Metadata, path: string, maxPixels: number): Failure | undefined {
  const { format, width, height, depth, channels } = metadata;
  if (!FORMATS.includes(format)) {
    return failure('unknown-image-format', { path, format });
  }
  if (width * height > maxPixels) {
    return failure('image-too-large', { path, width, height, limit: maxPixels });
  }
  if (depth !== 'uchar' && depth !== 'ushort') {
    return failure('unknown-sample-type', { path, type: depth });
  }
  if (channels > 4) {
    return failure('channels-mismatch', { path, channels, network: undefined });
  }
  return undefined;
}

/** Decodes in the file's own bit depth; with `withAlpha`, into four channels. */
async function decode(image: Sharp, metadata: Metadata, withAlpha: boolean): Promise<Samples> {
  const { depth, space, hasAlpha } = metadata;
  const wide = depth === 'ushort';
  const gray = (space === 'b-w' || space === 'grey16') && !(withAlpha && hasAlpha);
  // Without a colour space of the same depth, libvips would reduce 16 bits to 8.
  const target = gray ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb';
  const { data, info } = await image
    .autoOrient()
    .toColourspace(target)
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  // A copy, because the bytes may begin at an odd offset of their buffer.
  const values = wide
    ? new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
    : data;
  return {
    width: info.width,
    height: info.height,
    values,
    stride: info.channels,
    colours: gray ? 1 : 3,
    alpha: !gray && info.channels === 4,
  };
}

/** Writes interleaved samples into `channels` planes, scaled to [0, 1]. */
function toPlanes(samples: Samples, channels: number, planes: Float32Array): void {
  const { values, stride, colours, alpha } = samples;
  const scale = values instanceof Uint16Array ? 65535 : 255;
  const pixels = samples.width * samples.height;
  // Every index is below pixels * stride, the length of `values`.
  const at = (index: number) => values[index] as number;
  if (channels === 1 && colours === 3) {
    const [r, g, b] = LUMA;
    for (let i = 0, s = 0; i < pixels; i++, s += stride) {
      planes[i] = (r * at(s) + g * at(s + 1) + b * at(s + 2)) / scale;
    }
    return;
  }
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes.subarray(channel * pixels, (channel + 1) * pixels);
    if (channel === 3 && !alpha) {
      plane.fill(1);
      continue;
    }
    const band = channel === 3 || colours === 3 ? channel : 0;
    for (let i = 0, s = band; i < pixels; i++, s += stride) plane[i] = at(s) / scale;
  }
}

function notesOn(metadata: Metadata, page: number | undefined): string[] {
  const notes: string[] = [];
  const { pages = 1, space } = metadata;
  if (pages > 1 && page === undefined) notes.push(`only the first of ${pages} pages was read`);
  if (!['b-w', 'grey16', 'srgb', 'rgb16'].includes(space)) {
    notes.push(`the colours were converted from ${space.toUpperCase()} to RGB`);
  }
  return notes;
}

/** sharp, or why it does not load. It is imported on demand, because most commands need no image. */
export async function importSharp(): Promise<typeof import('sharp').default | Failure> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    return failure('image-library-broken', { reason: reasonOf(error) });
  }
}

/** The samples and the header of a file, or why it cannot be decoded. */
async function decodeFile(
  path: string,
  channels: number | undefined,
  { maxPixels = MAX_PIXELS, page }: ReadImageOptions,
): Promise<{ samples: Samples; metadata: Metadata } | Failure> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return fileFailure('read', path, error);
  }
  if (bytes.length === 0) return failure('file-empty', { path });
  const sharp = await importSharp();
  if (sharp instanceof Failure) return sharp;
  try {
    const image = sharp(bytes, page === undefined ? SHARP_OPTIONS : { ...SHARP_OPTIONS, page });
    const metadata = await image.metadata();
    const refused = inspect(metadata, path, maxPixels);
    if (refused) return refused;
    if (channels !== undefined && channels !== 1 && channels !== 3 && channels !== 4) {
      return failure('channels-mismatch', { path, channels: metadata.channels, network: channels });
    }
    return { samples: await decode(image, metadata, channels === 4), metadata };
  } catch (error) {
    return undecodable(path, error);
  }
}

/** A failure from what sharp threw about the content of a file. */
function undecodable(path: string, error: unknown): Failure {
  const reason = reasonOf(error);
  if (/unsupported image format/i.test(reason)) {
    return failure('unknown-image-format', { path, format: undefined });
  }
  return failure('image-damaged', { path, reason });
}

/**
 * Reads a PNG, JPEG or TIFF of 8 or 16 bits as (channels, H, W) float32 in [0, 1].
 *
 * One channel: gray, by BT.601 luma from colours. Three: RGB, with gray repeated. Four: RGBA, opaque if the file has no
 * transparency. Otherwise transparency is dropped, without blending. EXIF orientation is applied; ICC profiles are not.
 * Fails for other numbers of channels, and for files that are missing, damaged, too large, of another format, or of
 * signed, float or 32-bit samples.
 */
export async function readImage(
  path: string,
  channels: number,
  options: ReadImageOptions = {},
): Promise<LoadedImage | Failure> {
  const decoded = await decodeFile(path, channels, options);
  if (decoded instanceof Failure) return decoded;
  const { samples, metadata } = decoded;
  const { width, height } = samples;
  const planes = allocate(channels * width * height, { what: 'an image', shape: [channels, height, width] });
  if (planes instanceof Failure) return planes;
  toPlanes(samples, channels, planes);
  return {
    image: { shape: [channels, height, width], data: planes },
    notes: notesOn(metadata, options.page),
  };
}

/**
 * The samples of an image as stored, for labels, which are not scaled: gray, or RGB if the file has colours or a
 * palette. Fails as readImage does.
 */
export async function readStoredSamples(
  path: string,
  options: ReadImageOptions = {},
): Promise<Samples | Failure> {
  const decoded = await decodeFile(path, undefined, options);
  return decoded instanceof Failure ? decoded : decoded.samples;
}

/** The header of an image. */
export interface ImageHeader {
  readonly height: number;
  readonly width: number;
  readonly pages: number;
  readonly colours: 1 | 3;
}

/** Reads only the header of an image. Fails as readImage does for anything that the header shows. */
export async function readImageHeader(
  path: string,
  { maxPixels = MAX_PIXELS, page }: ReadImageOptions = {},
): Promise<ImageHeader | Failure> {
  const sharp = await importSharp();
  if (sharp instanceof Failure) return sharp;
  try {
    // sharp reports every file that it cannot open as missing.
    if (statSync(path).size === 0) return failure('file-empty', { path });
    accessSync(path, constants.R_OK);
  } catch (error) {
    return fileFailure('read', path, error);
  }
  try {
    const metadata = await sharp(
      path,
      page === undefined ? SHARP_OPTIONS : { ...SHARP_OPTIONS, page },
    ).metadata();
    const refused = inspect(metadata, path, maxPixels);
    if (refused) return refused;
    const { width, height } = metadata.autoOrient;
    const gray = metadata.space === 'b-w' || metadata.space === 'grey16';
    return { height, width, pages: metadata.pages ?? 1, colours: gray ? 1 : 3 };
  } catch (error) {
    return undecodable(path, error);
  }
}
