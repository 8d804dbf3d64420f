import { type Failure, failure } from '../../diagnostics/failure.js';
import { decodeElements, newData, type StoredData } from '../element.js';
import { DEFLATE_RATIO, inflated } from '../inflate.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import type { ArrayHeader, ArrayNote, Axis, Colour, Palette, ReadOptions } from '../stored-array.js';
import { unpackBits } from '../unpack-bits.js';
import { exifOrientation } from './exif.js';
import { unfilter } from './png-filter.js';

/** PNG (ISO/IEC 15948), as stored: indices, and gray and colours of 1 to 16 bits, without gamma or profiles. */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

interface ColourType {
  readonly colour: Colour;
  readonly samples: number;
  readonly depths: readonly number[];
}

const COLOUR_TYPES: Readonly<Record<number, ColourType>> = {
  0: { colour: 'none', samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { colour: 'rgb', samples: 3, depths: [8, 16] },
  3: { colour: 'palette', samples: 1, depths: [1, 2, 4, 8] },
  4: { colour: 'gray-alpha', samples: 2, depths: [8, 16] },
  6: { colour: 'rgba', samples: 4, depths: [8, 16] },
};

/** The seven passes of an interlaced image: first x and y, steps in x and y. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Chunk {
  readonly type: string;
  readonly at: number;
  readonly length: number;
}

/** The chunks of a file up to its end; the last one may be cut. */
function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    // `at + 8` is at most the length.
    const type = String.fromCharCode(
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      bytes[at + 6] as number,
      bytes[at + 7] as number,
    );
    chunks.push({ type, at: at + 8, length: Math.min(length, bytes.length - at - 8) });
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return chunks;
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly samples: number;
  readonly interlaced: boolean;
}

function paletteOf(bytes: Uint8Array, chunks: readonly Chunk[]): Palette | undefined {
  const chunk = chunks.find(({ type }) => type === 'PLTE');
  if (chunk === undefined || chunk.length % 3 !== 0 || chunk.length < 3 || chunk.length > 768)
    return undefined;
  const alpha = chunks.find(({ type }) => type === 'tRNS');
  const colours = Array.from({ length: chunk.length / 3 }, (_, i) => {
    const rgb = [...bytes.subarray(chunk.at + 3 * i, chunk.at + 3 * i + 3)];
    return alpha === undefined ? rgb : [...rgb, i < alpha.length ? (bytes[alpha.at + i] ?? 255) : 255];
  });
  return { bits: 8, colours };
}

/** Gray, the colour or the indices that are meant to be transparent. */
function transparentOf(bytes: Uint8Array, chunks: readonly Chunk[], colour: Colour): ArrayNote[] {
  const chunk = chunks.find(({ type }) => type === 'tRNS');
  if (chunk === undefined) return [];
  if (colour === 'palette') {
    const opacities = bytes.subarray(chunk.at, chunk.at + chunk.length);
    const values = [...opacities.keys()].filter((index) => (opacities[index] ?? 255) < 255);
    return values.length === 0 ? [] : [{ kind: 'transparent', values, inPalette: true }];
  }
  if (colour !== 'none' && colour !== 'rgb') return [];
  const count = Math.min(Math.floor(chunk.length / 2), colour === 'rgb' ? 3 : 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset + chunk.at, chunk.length);
  return [{ kind: 'transparent', values: Array.from({ length: count }, (_, i) => view.getUint16(2 * i)) }];
}

/** The frames of an animated PNG besides the image that all readers show. */
function framesOf(bytes: Uint8Array, chunks: readonly Chunk[]): ArrayNote[] {
  const control = chunks.find(({ type }) => type === 'acTL');
  if (control === undefined || control.length < 8) return [];
  const frames = new DataView(bytes.buffer, bytes.byteOffset + control.at, 4).getUint32(0);
  const data = chunks.findIndex(({ type }) => type === 'IDAT');
  const isFirst = chunks.slice(0, Math.max(0, data)).some(({ type }) => type === 'fcTL');
  const count = isFirst ? frames - 1 : frames;
  return count > 0 ? [{ kind: 'other-images', count }] : [];
}

function turnOf(bytes: Uint8Array, chunks: readonly Chunk[]): ArrayNote[] {
  const chunk = chunks.find(({ type }) => type === 'eXIf');
  const orientation = chunk && exifOrientation(bytes.subarray(chunk.at, chunk.at + chunk.length));
  return orientation && orientation > 1 ? [{ kind: 'turned-when-shown', orientation }] : [];
}

const rowBytes = (width: number, { samples, depth }: Picture) => Math.ceil((width * samples * depth) / 8);

/** The widths and heights of the images that the data consist of: seven small ones of an interlaced file. */
function passesOf(
  picture: Picture,
): { x: number; y: number; dx: number; dy: number; width: number; height: number }[] {
  const { width, height, interlaced } = picture;
  if (!interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }];
  return PASSES.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    width: Math.max(0, Math.ceil((width - x) / dx)),
    height: Math.max(0, Math.ceil((height - y) / dy)),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

function elementsOf(
  rows: Uint8Array,
  width: number,
  height: number,
  { samples, depth }: Picture,
): StoredData {
  if (depth === 16) return decodeElements(rows, 'uint16', width * height * samples, false);
  if (depth === 8) return rows;
  const perRow = width * samples;
  return unpackBits(rows, 'uint8', {
    bits: depth,
    signed: false,
    rows: height,
    perRow,
    rowBytes: Math.ceil((perRow * depth) / 8),
  });
}

/** Filtered rows as elements, channels first. */
function decodePixels(filtered: Uint8Array, picture: Picture): StoredData | undefined {
  const { width, height, samples, depth, interlaced } = picture;
  const plane = width * height;
  const pixelBytes = Math.max(1, (samples * depth) / 8);
  let data: StoredData | undefined;
  let at = 0;
  for (const pass of passesOf(picture)) {
    const length = rowBytes(pass.width, picture);
    const rows = unfilter(
      filtered.subarray(at, at + (length + 1) * pass.height),
      length,
      pass.height,
      pixelBytes,
    );
    if (rows === undefined) return undefined;
    at += (length + 1) * pass.height;
    const elements = elementsOf(rows, pass.width, pass.height, picture);
    if (!interlaced && samples === 1) return elements;
    data ??= newData(depth === 16 ? 'uint16' : 'uint8', plane * samples);
    for (let row = 0, from = 0; row < pass.height; row++) {
      const start = (pass.y + row * pass.dy) * width + pass.x;
      for (let i = 0, to = start; i < pass.width; i++, to += pass.dx) {
        for (let sample = 0; sample < samples; sample++) data[to + sample * plane] = elements[from++] ?? 0;
      }
    }
  }
  return data;
}

/** Opens a PNG. */
export async function openPng(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  const damaged = (
    problem: 'signature' | 'cut-off' | 'sizes' | 'element-type' | 'palette' | 'field-invalid',
  ) => failure('header-damaged', { path, format: 'PNG', problem });
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const bytes = source.readAll();
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) return damaged('signature');
  const chunks = chunksOf(bytes);
  const [head] = chunks;
  if (head?.type !== 'IHDR') return damaged('field-invalid');
  if (head.length < 13) return damaged('cut-off');
  const view = new DataView(bytes.buffer, bytes.byteOffset + head.at, 13);
  const [width, height, depth] = [view.getUint32(0), view.getUint32(4), view.getUint8(8)];
  const kind = COLOUR_TYPES[view.getUint8(9)];
  if (width < 1 || height < 1 || width > 0x7fffffff || height > 0x7fffffff) return damaged('sizes');
  if (kind === undefined || !kind.depths.includes(depth)) return damaged('element-type');
  if (view.getUint8(10) !== 0 || view.getUint8(11) !== 0 || view.getUint8(12) > 1)
    return damaged('field-invalid');
  const palette = kind.colour === 'palette' ? paletteOf(bytes, chunks) : undefined;
  if (kind.colour === 'palette' && palette === undefined) return damaged('palette');
  const { colour, samples } = kind;
  const picture: Picture = { width, height, depth, samples, interlaced: view.getUint8(12) === 1 };
  const axes: Axis[] = [
    ...(samples > 1 ? [{ name: 'channel', size: samples } as const] : []),
    { name: 'y', size: height },
    { name: 'x', size: width },
  ];
  const alpha = colour === 'gray-alpha' || colour === 'rgba';
  const header: ArrayHeader = {
    path,
    format: 'PNG',
    axes,
    type: depth === 16 ? 'uint16' : 'uint8',
    bits: depth,
    scale: undefined,
    colour,
    ...(palette ? { palette } : {}),
    notes: [
      ...(alpha ? [{ kind: 'alpha', index: samples - 1, premultiplied: false } as const] : []),
      ...transparentOf(bytes, chunks, colour),
      ...turnOf(bytes, chunks),
      ...framesOf(bytes, chunks),
    ],
  };
  const parts = chunks.filter(({ type }) => type === 'IDAT');
  const stored = parts.reduce((sum, { length }) => sum + length, 0);
  const wrong = checkClaim(header, { stored, ratio: DEFLATE_RATIO, packed: depth < 8 });
  if (wrong) return wrong;
  return { header, read: () => readPixels(path, bytes, parts, picture) };
}

async function readPixels(
  path: string,
  bytes: Uint8Array,
  parts: readonly Chunk[],
  picture: Picture,
): Promise<StoredData | Failure> {
  const pieces = parts.map(({ at, length }) => bytes.subarray(at, at + length));
  const [first] = pieces;
  const packed = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
  const needed = passesOf(picture).reduce(
    (sum, { width, height }) => sum + (rowBytes(width, picture) + 1) * height,
    0,
  );
  const filtered = await inflated(packed, 'zlib', needed + 1024);
  const damaged = (reason: string) => failure('elements-damaged', { path, format: 'PNG', reason });
  if (!(filtered instanceof Uint8Array)) return damaged(filtered.reason);
  if (filtered.length < needed) return damaged(`${filtered.length} bytes of ${needed}`);
  return decodePixels(filtered, picture) ?? damaged('a row has an unknown filter');
}
