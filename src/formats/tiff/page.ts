import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StoredType } from '../element.js';
import type { ArrayNote, Colour, Palette } from '../stored-array.js';
import { type Compression, compressionOf } from './compression.js';
import { type Directory, Tag } from './directory.js';

/** One image of a TIFF as its directory describes it. */
export interface Page {
  readonly directory: Directory;
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly bits: number;
  readonly type: StoredType;
  readonly signed: boolean;
  readonly compression: Compression;
  readonly photometric: number;
  readonly predictor: number;
  readonly planar: boolean;
  readonly reversedBits: boolean;
  /** The sizes of a strip or tile. */
  readonly block: { readonly width: number; readonly height: number; readonly tiled: boolean };
  readonly colour: Colour;
  readonly palette?: Palette;
  readonly notes: readonly ArrayNote[];
}

export const Photometric = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  mask: 4,
  separated: 5,
  ycbcr: 6,
  cielab: 8,
} as const;

const UINT = 1;
const INT = 2;
const FLOAT = 3;
/** Sample formats that say nothing, and some writers' 0. */
const UNKNOWN = new Set([0, 4]);

/** The type of an array that holds the samples. */
function typeOf(format: number, bits: number): StoredType | undefined {
  if (format === FLOAT) {
    return bits === 16 ? 'float16' : bits === 32 ? 'float32' : bits === 64 ? 'float64' : undefined;
  }
  if (format !== UINT && format !== INT) return undefined;
  const signed = format === INT;
  if (bits < 1 || !Number.isInteger(bits) || (bits > 32 && bits !== 64)) return undefined;
  if (bits <= 8) return signed ? 'int8' : 'uint8';
  if (bits <= 16) return signed ? 'int16' : 'uint16';
  if (bits <= 32) return signed ? 'int32' : 'uint32';
  return signed ? 'int64' : 'uint64';
}

function formatText(format: number, bits: number): string {
  const names: Readonly<Record<number, string>> = {
    1: 'uint',
    2: 'int',
    3: 'float',
    5: 'complex int',
    6: 'complex',
  };
  return `${names[format] ?? `format ${format}, `}${bits}`;
}

/** The colours by index: the reds, then the greens, then the blues, of 16 bits each. */
function paletteOf(directory: Directory, bits: number): Palette | undefined {
  const values = directory.numbers(Tag.colorMap);
  const count = values.length / 3;
  if (!Number.isInteger(count) || count < 1 || count > 2 ** bits) return undefined;
  return {
    bits: 16,
    colours: Array.from({ length: count }, (_, i) => [0, 1, 2].map((c) => values[c * count + i] ?? 0)),
  };
}

/** What the samples of a pixel are. */
function colourOf(
  photometric: number,
  samples: number,
  extra: readonly number[],
  ycbcrDecoded: boolean,
): Colour {
  const colours = samples - extra.length;
  if (photometric === Photometric.palette && samples === 1) return 'palette';
  if (photometric === Photometric.rgb || (photometric === Photometric.ycbcr && ycbcrDecoded)) {
    if (samples === 3) return 'rgb';
    // A fourth sample that its writer does not call alpha is a channel, near-infrared as a rule.
    return samples === 4 && isAlpha(extra[0]) ? 'rgba' : 'samples';
  }
  if (photometric === Photometric.ycbcr && samples === 3) return 'ycbcr';
  if (photometric === Photometric.separated && colours === 4 && samples === 4) return 'cmyk';
  if (photometric === Photometric.cielab && samples === 3) return 'cielab';
  if (samples === 1) return 'none';
  return samples === 2 && isAlpha(extra[0]) ? 'gray-alpha' : 'samples';
}

/** Whether a value of ExtraSamples stands for alpha: 1, multiplied into the colours, or 2. */
const isAlpha = (kind: number | undefined) => kind === 1 || kind === 2;

function notesOf(page: {
  photometric: number;
  samples: number;
  extra: readonly number[];
  orientation: number;
  compression: Compression;
}): ArrayNote[] {
  const { photometric, samples, extra, orientation, compression } = page;
  const firstExtra = samples - extra.length;
  return [
    ...(photometric === Photometric.whiteIsZero ? [{ kind: 'white-is-zero' } as const] : []),
    ...(compression.lossy ? [{ kind: 'lossy', compression: compression.name } as const] : []),
    ...(orientation > 1 && orientation <= 8 ? [{ kind: 'turned-when-shown', orientation } as const] : []),
    ...extra.flatMap((kind, i) =>
      isAlpha(kind) ? [{ kind: 'alpha', index: firstExtra + i, premultiplied: kind === 1 } as const] : [],
    ),
  ];
}

const isSize = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value >= 1 && value < 2 ** 32;

function blockOf(directory: Directory, width: number, height: number): Page['block'] | undefined {
  if (directory.has(Tag.tileOffsets)) {
    const [tileWidth, tileHeight] = [directory.number(Tag.tileWidth), directory.number(Tag.tileLength)];
    if (!isSize(tileWidth) || !isSize(tileHeight)) return undefined;
    return { width: tileWidth, height: tileHeight, tiled: true };
  }
  const rows = directory.number(Tag.rowsPerStrip) ?? height;
  return rows < 1 ? undefined : { width, height: Math.min(rows, height), tiled: false };
}

/** Describes the image of a directory, or says what about it is damaged or not read. */
export function describePage(path: string, directory: Directory): Page | Failure {
  const damaged = (problem: 'sizes' | 'field-invalid' | 'palette' | 'blocks', field?: string) =>
    failure('header-damaged', { path, format: 'TIFF', problem, ...(field ? { field } : {}) });
  const [width, height] = [directory.number(Tag.imageWidth), directory.number(Tag.imageLength)];
  if (!isSize(width) || !isSize(height)) return damaged('sizes');
  const samples = directory.number(Tag.samplesPerPixel) ?? 1;
  if (samples < 1 || samples > 65535) return damaged('field-invalid', 'SamplesPerPixel');
  const allBits = directory.has(Tag.bitsPerSample) ? directory.numbers(Tag.bitsPerSample) : [1];
  const allFormats = directory.has(Tag.sampleFormat) ? directory.numbers(Tag.sampleFormat) : [UINT];
  const bits = allBits[0] ?? 1;
  const format = UNKNOWN.has(allFormats[0] ?? UINT) ? UINT : (allFormats[0] ?? UINT);
  const differs = (values: readonly number[]) =>
    values.slice(0, samples).some((value) => value !== values[0]);
  if (differs(allBits) || differs(allFormats)) {
    return failure('layout-unread', { path, format: 'TIFF', layout: 'component-sizes' });
  }
  const type = typeOf(format, bits);
  if (type === undefined) {
    return failure('element-type-unread', { path, format: 'TIFF', type: formatText(format, bits) });
  }
  if ((directory.number(Tag.imageDepth) ?? 1) > 1) {
    return failure('layout-unread', { path, format: 'TIFF', layout: 'volume-tiles' });
  }
  const compression = compressionOf(directory.number(Tag.compression) ?? 1);
  const photometric = directory.number(Tag.photometric) ?? Photometric.blackIsZero;
  const decoded = compression.name === 'JPEG';
  const subsampling = directory.numbers(Tag.chromaSubsampling);
  const subsampled = (subsampling.length === 0 ? [2, 2] : subsampling).some((factor) => factor !== 1);
  if (photometric === Photometric.ycbcr && !compression.wholeColours && samples === 3 && subsampled) {
    return failure('layout-unread', { path, format: 'TIFF', layout: 'chroma-subsampling' });
  }
  const palette = photometric === Photometric.palette ? paletteOf(directory, bits) : undefined;
  if (photometric === Photometric.palette && palette === undefined) return damaged('palette');
  const block = blockOf(directory, width, height);
  if (block === undefined) return damaged('blocks');
  const planarConfiguration = directory.number(Tag.planarConfiguration) ?? 1;
  if (planarConfiguration !== 1 && planarConfiguration !== 2) {
    return damaged('field-invalid', 'PlanarConfiguration');
  }
  const extra = directory.numbers(Tag.extraSamples).slice(0, samples);
  const orientation = directory.number(Tag.orientation) ?? 1;
  return {
    directory,
    width,
    height,
    samples,
    bits,
    type,
    signed: format === INT,
    compression,
    photometric,
    predictor: directory.number(Tag.predictor) ?? 1,
    planar: planarConfiguration === 2 && samples > 1,
    reversedBits: directory.number(Tag.fillOrder) === 2,
    block,
    colour: colourOf(photometric, samples, extra, decoded),
    ...(palette ? { palette } : {}),
    notes: notesOf({ photometric, samples, extra, orientation, compression }),
  };
}
