import { deflateSync } from 'node:zlib';
import type { Palette } from '../stored-array.js';
import { axesText, axisSize, type Encoder, elementsIn, hasOnly, notWritable } from './encoder.js';

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function checksum(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(checksum(bytes.subarray(4, 8 + data.length)), 8 + data.length);
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

/** A PNG of 8 or 16 bits: gray, colours, or indices with their palette. */
export const encodePng: Encoder = (path, array) => {
  const { axes, type, colour, palette } = array.header;
  if (!hasOnly(axes, ['channel', 'y', 'x'])) return notWritable(path, 'PNG', 'axes', axesText(axes));
  const bytesOf = type === 'uint16' ? 2 : type === 'uint8' || type === 'bool' ? 1 : undefined;
  if (bytesOf === undefined) return notWritable(path, 'PNG', 'element-type', type);
  const samples = axisSize(axes, 'channel');
  const [width, height] = [axisSize(axes, 'x'), axisSize(axes, 'y')];
  const indexed =
    colour === 'palette' && palette !== undefined && bytesOf === 1 && palette.colours.length <= 256;
  const colourType = indexed ? INDEXED : COLOUR_TYPES[samples];
  if (colourType === undefined || colour === 'cmyk') {
    return notWritable(path, 'PNG', 'colour', `${samples} channels, ${colour}`);
  }
  const elements = Buffer.from(elementsIn(array, ['y', 'x', 'channel']));
  if (bytesOf === 2) elements.swap16();
  const rowBytes = width * samples * bytesOf;
  const rows = new Uint8Array((rowBytes + 1) * height);
  for (let row = 0; row < height; row++) {
    rows.set(elements.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bytesOf * 8, colourType], 8);
  return [
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    ...(indexed ? paletteChunks(palette) : []),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ];
};
