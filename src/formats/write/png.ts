import { crc32 } from 'node:zlib';
import { failure } from '../../diagnostics/failure.js';
import { elementBytes } from '../element.js';
import type { ArrayHeader, Palette } from '../stored-array.js';
import { deflatePieces } from './deflate-pieces.js';
import {
  axesText,
  axisSize,
  type BoxReader,
  boxOf,
  bytesOfBox,
  type Encoder,
  hasOnly,
  notWritable,
} from './encoder.js';

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** The colour type of PNG by the number of samples. */
const COLOUR_TYPES: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 };
const INDEXED = 3;

function paletteChunks({ colours, bits }: Palette): Uint8Array[] {
  const byte = (value: number) => (bits === 16 ? value >> 8 : value);
  const rgb = Uint8Array.from(colours.flatMap(([r = 0, g = 0, b = 0]) => [byte(r), byte(g), byte(b)]));
  const alpha = colours.some((colour) => colour.length > 3);
  return [
    chunk('PLTE', rgb),
    ...(alpha
      ? [
          chunk(
            'tRNS',
            Uint8Array.from(colours, (colour) => byte(colour[3] ?? 255)),
          ),
        ]
      : []),
  ];
}

/** The most pixels and the longest side that libpng and OpenCV read, and with them nearly every program. */
export const PNG_LIMITS = { pixels: 2 ** 30, side: 1_000_000 } as const;

/** So many bytes are compressed at once. */
const PIECE_BYTES = 2 ** 22;

/** The rows of a picture, each after a byte for its filter: none. */
function* filteredRows(header: ArrayHeader, boxes: BoxReader): Generator<Uint8Array> {
  const { axes, type } = header;
  const [width, height] = [axisSize(axes, 'x'), axisSize(axes, 'y')];
  const rowBytes = width * axisSize(axes, 'channel') * elementBytes[type];
  const step = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
  for (let from = 0; from < height; from += step) {
    const to = Math.min(height, from + step);
    const box = boxOf(axes, { y: [from, to] });
    const elements = Buffer.from(bytesOfBox(header, boxes, box, ['y', 'x', 'channel']));
    if (elementBytes[type] === 2) elements.swap16();
    const rows = new Uint8Array((rowBytes + 1) * (to - from));
    for (let row = 0; row < to - from; row++) {
      rows.set(elements.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1);
    }
    yield rows;
  }
}

/** A PNG of 8 or 16 bits: gray, colours, or indices with their palette. */
export const encodePng: Encoder = (path, header, boxes) => {
  const { axes, type, colour, palette } = header;
  if (!hasOnly(axes, ['channel', 'y', 'x'])) return notWritable(path, 'PNG', 'axes', axesText(axes));
  const bytesOf = type === 'uint16' ? 2 : type === 'uint8' || type === 'bool' ? 1 : undefined;
  if (bytesOf === undefined) return notWritable(path, 'PNG', 'element-type', type);
  const samples = axisSize(axes, 'channel');
  const [width, height] = [axisSize(axes, 'x'), axisSize(axes, 'y')];
  if (width * height > PNG_LIMITS.pixels || Math.max(width, height) > PNG_LIMITS.side) {
    return failure('picture-too-large', { path, height, width, ...PNG_LIMITS });
  }
  const indexed =
    colour === 'palette' && palette !== undefined && bytesOf === 1 && palette.colours.length <= 256;
  const colourType = indexed ? INDEXED : COLOUR_TYPES[samples];
  if (colourType === undefined || colour === 'cmyk') {
    return notWritable(path, 'PNG', 'colour', `${samples} channels, ${colour}`);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bytesOf * 8, colourType], 8);
  function* chunks(): Generator<Uint8Array> {
    yield Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
    yield chunk('IHDR', head);
    if (indexed && palette) yield* paletteChunks(palette);
    for (const data of gathered(deflatePieces(filteredRows(header, boxes), 'zlib')))
      yield chunk('IDAT', data);
    yield chunk('IEND', new Uint8Array(0));
  }
  return { chunks: chunks() };
};

/** The bytes in parts of about PIECE_BYTES: each part is a chunk of the file. */
function* gathered(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  let [held, length]: [Uint8Array[], number] = [[], 0];
  for (const part of parts) {
    held.push(part);
    length += part.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.concat(held);
    [held, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(held);
}
