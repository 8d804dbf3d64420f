import { deflateSync } from 'node:zlib';
import { elementBytes } from '../element.js';
import type { AxisName, Palette, StoredArray } from '../stored-array.js';
import { Tag } from '../tiff/directory.js';
import { axesText, type Encoder, elementsIn, hasOnly, notWritable } from './encoder.js';

const DEFLATE = 8;
const SHORT = 3;
const LONG = 4;
const ASCII = 2;

interface Field {
  readonly tag: number;
  readonly type: number;
  readonly values: readonly number[] | string;
}

const LETTERS: Readonly<Record<AxisName, string>> = {
  time: 'T',
  page: 'I',
  z: 'Z',
  channel: 'C',
  y: 'Y',
  x: 'X',
  unnamed: 'Q',
};

/** The order of pages that ImageJ and OME prefer: the samples of a stack's page come as pages. */
const PAGE_ORDER: readonly AxisName[] = ['time', 'page', 'z', 'channel', 'y', 'x'];

/** tifffile's description: the shape of the whole array and its axes, which this package reads too. */
function description({ header }: StoredArray): string {
  const axes = PAGE_ORDER.flatMap((name) => header.axes.filter((axis) => axis.name === name));
  const shape = axes.map(({ size }) => size);
  return JSON.stringify({ shape, axes: axes.map(({ name }) => LETTERS[name]).join('') }).replace(
    /([:,])(?=\S)/g,
    '$1 ',
  );
}

function colourMap({ colours, bits }: Palette, entries: number): number[] {
  const wide = (value: number) => (bits === 8 ? value * 257 : value);
  return [0, 1, 2].flatMap((c) => Array.from({ length: entries }, (_, i) => wide(colours[i]?.[c] ?? 0)));
}

/** The bytes of a directory at `offset`, of its longer values after it, and where the next one is. */
function directoryBytes(fields: readonly Field[], offset: number, hasNext: boolean): Uint8Array {
  const encoded = fields.map(({ tag, type, values }) => {
    if (typeof values === 'string')
      return { tag, type, count: values.length + 1, bytes: Buffer.from(`${values}\0`) };
    const size = type === SHORT ? 2 : 4;
    const bytes = Buffer.alloc(values.length * size);
    for (const [i, value] of values.entries()) bytes.writeUIntLE(value, i * size, size);
    return { tag, type, count: values.length, bytes };
  });
  const length = 2 + 12 * encoded.length + 4;
  const tail: Uint8Array[] = [];
  let end = offset + length;
  const head = Buffer.alloc(length);
  head.writeUInt16LE(encoded.length, 0);
  for (const [i, { tag, type, count, bytes }] of encoded.entries()) {
    const at = 2 + 12 * i;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    if (bytes.length <= 4) head.set(bytes, at + 8);
    else {
      head.writeUInt32LE(end, at + 8);
      const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
      tail.push(padded);
      end += padded.length;
    }
  }
  if (hasNext) head.writeUInt32LE(end, length - 4);
  return Buffer.concat([head, ...tail]);
}

/** The least that a page of `colour` has beside its size. */
function colourFields(array: StoredArray, samples: number): Field[] {
  const { colour, palette, type } = array.header;
  const short = (tag: number, ...values: number[]): Field => ({ tag, type: SHORT, values });
  if (colour === 'palette' && palette && type === 'uint8') {
    return [short(Tag.photometric, 3), short(Tag.colorMap, ...colourMap(palette, 256))];
  }
  const rgb = colour === 'rgb' || colour === 'rgba';
  const extra = samples - (rgb ? 3 : 1);
  // 2: alpha that the colours are not multiplied by; 0: a sample without a stated meaning.
  const kind = colour === 'rgba' || colour === 'gray-alpha' ? 2 : 0;
  return [
    short(Tag.photometric, rgb ? 2 : 1),
    ...(extra > 0 ? [short(Tag.extraSamples, ...Array.from({ length: extra }, () => kind))] : []),
  ];
}

/** A classic TIFF, little-endian, compressed by deflate, with one strip a page. Channels of a single image are samples. */
export const encodeTiff: Encoder = (path, array) => {
  const { axes, type } = array.header;
  if (!hasOnly(axes, ['time', 'page', 'channel', 'z', 'y', 'x'])) {
    return notWritable(path, 'TIFF', 'axes', axesText(axes));
  }
  const sizeOf = (name: AxisName) => axes.find((axis) => axis.name === name)?.size ?? 1;
  const [width, height] = [sizeOf('x'), sizeOf('y')];
  const samples = axes.length === 3 && axes[0]?.name === 'channel' ? sizeOf('channel') : 1;
  const order: readonly AxisName[] = samples > 1 ? ['y', 'x', 'channel'] : PAGE_ORDER;
  const elements = elementsIn(array, order);
  const pageBytes = width * height * samples * elementBytes[type];
  const pages = elements.length / pageBytes;
  const format = type.startsWith('float') ? 3 : type.startsWith('int') ? 2 : 1;
  const each = (value: number) => Array.from({ length: samples }, () => value);
  const parts: Uint8Array[] = [Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])];
  let offset = 8;
  for (let page = 0; page < pages; page++) {
    const strip = deflateSync(elements.subarray(page * pageBytes, (page + 1) * pageBytes));
    const fieldsAt = (start: number): Field[] =>
      [
        { tag: Tag.imageWidth, type: LONG, values: [width] },
        { tag: Tag.imageLength, type: LONG, values: [height] },
        { tag: Tag.bitsPerSample, type: SHORT, values: each(elementBytes[type] * 8) },
        { tag: Tag.compression, type: SHORT, values: [DEFLATE] },
        ...(page === 0 && samples === 1
          ? [{ tag: Tag.imageDescription, type: ASCII, values: description(array) }]
          : []),
        { tag: Tag.stripOffsets, type: LONG, values: [start] },
        { tag: Tag.samplesPerPixel, type: SHORT, values: [samples] },
        { tag: Tag.rowsPerStrip, type: LONG, values: [height] },
        { tag: Tag.stripByteCounts, type: LONG, values: [strip.length] },
        { tag: Tag.planarConfiguration, type: SHORT, values: [1] },
        { tag: Tag.sampleFormat, type: SHORT, values: each(format) },
        ...colourFields(array, samples),
      ].sort((a, b) => a.tag - b.tag);
    // Offsets take the same bytes whatever they are, so the directory's length is known before them.
    const length = directoryBytes(fieldsAt(0), offset, false).length + (strip.length % 2);
    const next = page < pages - 1;
    const start = offset + length;
    const head = Buffer.from(directoryBytes(fieldsAt(start), offset, false));
    const count = head.readUInt16LE(0);
    if (next) head.writeUInt32LE(start + strip.length, 2 + 12 * count);
    parts.push(head, new Uint8Array(length - head.length), strip);
    offset = start + strip.length;
    // Offsets have 32 bits.
    if (offset > 0xffffffff) return notWritable(path, 'TIFF', 'size', axesText(axes));
  }
  return parts;
};
