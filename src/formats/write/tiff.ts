import { deflateSync } from 'node:zlib';
import { elementBytes } from '../element.js';
import { isScreenUnit, millimetres } from '../geometry.js';
import {
  type ArrayHeader,
  type AxisName,
  countOf,
  isSpatial,
  type Palette,
  sizesOf,
} from '../stored-array.js';
import { Tag } from '../tiff/directory.js';
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
import { directoryBytes, type Field, FieldType } from './tiff-directory.js';

const DEFLATE = 8;
const CENTIMETRE = 3;

/** The side of a tile. A page that is not larger is one strip. */
const TILE = 512;

/** A classic TIFF has offsets of 32 bits. The rest is for directories. */
const CLASSIC_BYTES = 2 ** 32 - 2 ** 27;

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
function description({ axes: all }: ArrayHeader): string {
  const axes = PAGE_ORDER.flatMap((name) => all.filter((axis) => axis.name === name));
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

const short = (tag: number, ...values: number[]): Field => ({ tag, type: FieldType.short, values });
const long = (tag: number, ...values: number[]): Field => ({ tag, type: FieldType.long, values });

/** The least that a page of `colour` has beside its size. */
function colourFields({ colour, palette, type }: ArrayHeader, samples: number): Field[] {
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

/** How many pixels there are to a centimetre, where that is known. */
function resolutionFields({ axes, geometry }: ArrayHeader): Field[] {
  if (geometry === undefined || isScreenUnit(geometry.unit)) return [];
  const names = axes.map(({ name }) => name).filter(isSpatial);
  const perCentimetre = (name: AxisName) =>
    10 / ((geometry.spacing[names.indexOf(name)] ?? Number.NaN) * millimetres(geometry.unit));
  const fields = (
    [
      [Tag.xResolution, perCentimetre('x')],
      [Tag.yResolution, perCentimetre('y')],
    ] as const
  ).flatMap(([tag, value]): Field[] => {
    const below = Math.floor(2 ** 31 / Math.max(1, value));
    const above = Math.round(value * below);
    return above >= 1 && below >= 1 ? [{ tag, type: FieldType.rational, values: [above, below] }] : [];
  });
  return fields.length === 2 ? [...fields, short(Tag.resolutionUnit, CENTIMETRE)] : [];
}

/** The outer positions of an array, one for each page: a range of one position on each axis before y and x. */
function* pagesOf(
  axes: ArrayHeader['axes'],
  names: readonly AxisName[],
): Generator<Partial<Record<AxisName, readonly [number, number]>>> {
  const sizes = names.map((name) => axisSize(axes, name));
  for (let page = 0; page < countOf(sizes); page++) {
    let rest = page;
    const ranges: Partial<Record<AxisName, readonly [number, number]>> = {};
    for (let i = names.length - 1; i >= 0; i--) {
      const [name, size] = [names[i], sizes[i] ?? 1];
      if (name) ranges[name] = [rest % size, (rest % size) + 1];
      rest = Math.floor(rest / size);
    }
    yield ranges;
  }
}

/** A tile of rows that are as wide as the page: what lies beyond the page is 0. */
function tileOf(rows: Uint8Array, rowBytes: number, from: number, tileBytes: number): Uint8Array {
  const tile = new Uint8Array(tileBytes * TILE);
  for (let row = 0; row * rowBytes < rows.length; row++) {
    const start = row * rowBytes;
    tile.set(rows.subarray(start + from, start + Math.min(rowBytes, from + tileBytes)), row * tileBytes);
  }
  return tile;
}

/**
 * A TIFF, little-endian, compressed by deflate, in tiles: a page of up to one tile is a strip. It is a BigTIFF where its
 * elements may take more than 4 GB. Channels of a single image are samples.
 */
export const encodeTiff: Encoder = (path, header, boxes) => {
  const { axes, type } = header;
  if (!hasOnly(axes, ['time', 'page', 'channel', 'z', 'y', 'x'])) {
    return notWritable(path, 'TIFF', 'axes', axesText(axes));
  }
  const [width, height] = [axisSize(axes, 'x'), axisSize(axes, 'y')];
  const samples = axes.length === 3 && axes[0]?.name === 'channel' ? axisSize(axes, 'channel') : 1;
  const pixelBytes = samples * elementBytes[type];
  const isOneStrip = width <= TILE && height <= TILE;
  // A palette, a sum of compressed blocks: deflate makes nothing longer by more than a thousandth.
  const big = countOf(sizesOf(axes)) * elementBytes[type] * 1.001 > CLASSIC_BYTES;
  const outer =
    samples > 1 ? [] : PAGE_ORDER.slice(0, -2).filter((name) => axes.some((a) => a.name === name));
  const start = (first: number): Uint8Array => {
    const bytes = Buffer.from([
      0x49,
      0x49,
      big ? 43 : 42,
      0,
      ...(big ? [8, 0, 0, 0] : []),
      ...new Uint8Array(big ? 8 : 4),
    ]);
    if (big) bytes.writeBigUInt64LE(BigInt(first), 8);
    else bytes.writeUInt32LE(first, 4);
    return bytes;
  };
  const format = type.startsWith('float') ? 3 : type.startsWith('int') ? 2 : 1;
  const each = (value: number) => Array.from({ length: samples }, () => value);
  const fieldsOf = (page: number, blocks: readonly Block[]): Field[] => {
    const offsets = {
      type: big ? FieldType.long8 : FieldType.long,
      values: blocks.map(({ offset }) => offset),
    };
    const counts = blocks.map(({ bytes }) => bytes);
    return [
      long(Tag.imageWidth, width),
      long(Tag.imageLength, height),
      short(Tag.bitsPerSample, ...each(elementBytes[type] * 8)),
      short(Tag.compression, DEFLATE),
      ...(page === 0 && samples === 1
        ? [{ tag: Tag.imageDescription, type: FieldType.ascii, values: description(header) }]
        : []),
      short(Tag.samplesPerPixel, samples),
      ...(isOneStrip
        ? [
            { tag: Tag.stripOffsets, ...offsets },
            long(Tag.rowsPerStrip, height),
            long(Tag.stripByteCounts, ...counts),
          ]
        : [
            short(Tag.tileWidth, TILE),
            short(Tag.tileLength, TILE),
            { tag: Tag.tileOffsets, ...offsets },
            long(Tag.tileByteCounts, ...counts),
          ]),
      ...resolutionFields(header),
      short(Tag.planarConfiguration, 1),
      short(Tag.sampleFormat, ...each(format)),
      ...colourFields(header, samples),
    ];
  };
  let directories = 0;
  function* chunks(): Generator<Uint8Array> {
    const head = start(0);
    yield head;
    let at = head.length;
    const pages: Block[][] = [];
    for (const ranges of pagesOf(axes, outer)) {
      const blocks: Block[] = [];
      for (const block of blocksOf(header, boxes, { ...ranges }, { isOneStrip, pixelBytes })) {
        const packed = deflateSync(block);
        blocks.push({ offset: at, bytes: packed.length });
        yield packed;
        at += packed.length;
        // Blocks and directories begin at even offsets.
        if (packed.length % 2 === 1) yield new Uint8Array(1);
        at += packed.length % 2;
      }
      pages.push(blocks);
    }
    directories = at;
    for (const [page, blocks] of pages.entries()) {
      const bytes = directoryBytes(fieldsOf(page, blocks), at, { big, hasNext: page < pages.length - 1 });
      yield bytes;
      at += bytes.length;
    }
  }
  return { chunks: chunks(), start: () => start(directories) };
};

interface Block {
  readonly offset: number;
  readonly bytes: number;
}

/** The strip or the tiles of a page. */
function* blocksOf(
  header: ArrayHeader,
  boxes: BoxReader,
  page: Partial<Record<AxisName, readonly [number, number]>>,
  { isOneStrip, pixelBytes }: { readonly isOneStrip: boolean; readonly pixelBytes: number },
): Generator<Uint8Array> {
  const { axes } = header;
  const [width, height] = [axisSize(axes, 'x'), axisSize(axes, 'y')];
  const order: readonly AxisName[] = [...PAGE_ORDER.filter((name) => name !== 'channel'), 'channel'];
  const step = isOneStrip ? height : TILE;
  for (let from = 0; from < height; from += step) {
    const box = boxOf(axes, { ...page, y: [from, Math.min(height, from + step)] });
    const rows = bytesOfBox(header, boxes, box, order);
    if (isOneStrip) yield rows;
    else {
      const rowBytes = width * pixelBytes;
      for (let x = 0; x < width; x += TILE) yield tileOf(rows, rowBytes, x * pixelBytes, TILE * pixelBytes);
    }
  }
}
