import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StoredData } from '../element.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import type { ArrayHeader, Axis, Colour, Palette, ReadOptions } from '../stored-array.js';
import { unpackBits } from '../unpack-bits.js';
import { decodeRunLengths } from './bmp-run-lengths.js';

/** BMP: indices of 1, 4 and 8 bits, colours of 16, 24 and 32 bits. */

const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BIT_FIELDS = 3;
const ALPHA_BIT_FIELDS = 6;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** The masks of red, green, blue and alpha, where the pixels are colours. */
  readonly masks: readonly number[];
  readonly palette: Palette | undefined;
  readonly offset: number;
}

/** The mask of each channel where the file has none of its own. */
const DEFAULT_MASKS: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x3e0, 0x1f],
  24: [0xff0000, 0xff00, 0xff],
  32: [0xff0000, 0xff00, 0xff],
};

function describe(bytes: Uint8Array, path: string): Picture | Failure {
  const damaged = (problem: 'cut-off' | 'sizes' | 'field-invalid' | 'palette' | 'signature') =>
    failure('header-damaged', { path, format: 'BMP', problem });
  if (bytes.length < 26) return damaged('cut-off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== 0x4d42) return damaged('signature');
  const headerSize = view.getUint32(14, true);
  if (bytes.length < 14 + headerSize) return damaged('cut-off');
  const old = headerSize === 12;
  if (!old && headerSize < 40) return damaged('field-invalid');
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? RGB : view.getUint32(30, true);
  const height = Math.abs(signedHeight);
  if (width < 1 || height < 1) return damaged('sizes');
  if (![RGB, RLE8, RLE4, BIT_FIELDS, ALPHA_BIT_FIELDS].includes(compression)) {
    return failure('compression-unread', { path, format: 'BMP', compression: `method ${compression}` });
  }
  if (![1, 4, 8, 16, 24, 32].includes(bits)) return damaged('field-invalid');
  if ((compression === RLE8 && bits !== 8) || (compression === RLE4 && bits !== 4))
    return damaged('field-invalid');
  const base = {
    width,
    height,
    topDown: signedHeight < 0,
    bits,
    compression,
    offset: view.getUint32(10, true),
  };
  if (bits <= 8) {
    const stated = old ? 0 : view.getUint32(46, true);
    const count = stated === 0 ? 2 ** bits : stated;
    const size = old ? 3 : 4;
    if (count > 2 ** bits || 14 + headerSize + count * size > bytes.length) return damaged('palette');
    const colours = Array.from({ length: count }, (_, i) => {
      const at = 14 + headerSize + i * size;
      return [bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0];
    });
    return { ...base, masks: [], palette: { bits: 8, colours } };
  }
  const fields = compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS;
  const count = compression === ALPHA_BIT_FIELDS || headerSize >= 56 ? 4 : 3;
  if (fields && 54 + 4 * count > bytes.length) return damaged('cut-off');
  const masks = fields
    ? Array.from({ length: count }, (_, i) => view.getUint32(54 + 4 * i, true)).filter(
        (mask, i) => i < 3 || mask !== 0,
      )
    : (DEFAULT_MASKS[bits] ?? []);
  return masks.some((mask) => mask === 0) ? damaged('field-invalid') : { ...base, masks, palette: undefined };
}

const bitsOfMask = (mask: number) => mask.toString(2).replaceAll('0', '').length;

function readColours(
  bytes: Uint8Array,
  { width, height, topDown, bits, masks, offset }: Picture,
): Uint8Array | Uint16Array {
  const wide = masks.some((mask) => bitsOfMask(mask) > 8);
  const plane = width * height;
  const data = wide ? new Uint16Array(plane * masks.length) : new Uint8Array(plane * masks.length);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const size = bits / 8;
  const fields = masks.map((mask) => ({ mask, shift: 31 - Math.clz32(mask & -mask) }));
  for (let row = 0; row < height; row++) {
    const to = (topDown ? row : height - 1 - row) * width;
    for (let x = 0; x < width; x++) {
      const at = offset + row * rowBytes + x * size;
      let value = 0;
      for (let byte = size - 1; byte >= 0; byte--) value = (value << 8) | (bytes[at + byte] ?? 0);
      for (const [channel, { mask, shift }] of fields.entries()) {
        data[channel * plane + to + x] = (value & mask) >>> shift;
      }
    }
  }
  return data;
}

function readIndices(bytes: Uint8Array, picture: Picture): Uint8Array | undefined {
  const { width, height, topDown, bits, compression, offset } = picture;
  const packed = bytes.subarray(offset);
  if (compression === RLE8 || compression === RLE4) {
    return decodeRunLengths(packed, width, height, bits);
  }
  const rows = unpackBits(packed, 'uint8', {
    bits,
    signed: false,
    rows: height,
    perRow: width,
    rowBytes: Math.ceil((width * bits) / 32) * 4,
  });
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const to = (topDown ? row : height - 1 - row) * width;
    // 1 to 8 bits are unpacked to a Uint8Array.
    data.set(rows.subarray(row * width, (row + 1) * width) as Uint8Array, to);
  }
  return data;
}

/** Opens a BMP. */
export async function openBmp(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const bytes = source.readAll();
  const picture = describe(bytes, path);
  if (!('width' in picture)) return picture;
  const { width, height, bits, masks, palette, compression, offset } = picture;
  const colour: Colour = palette ? 'palette' : masks.length === 4 ? 'rgba' : 'rgb';
  const axes: Axis[] = [
    ...(palette ? [] : [{ name: 'channel', size: masks.length } as const]),
    { name: 'y', size: height },
    { name: 'x', size: width },
  ];
  const most = Math.max(...masks.map(bitsOfMask));
  const header: ArrayHeader = {
    path,
    format: 'BMP',
    axes,
    type: most > 8 ? 'uint16' : 'uint8',
    bits: palette ? bits : most,
    scale: undefined,
    colour,
    ...(palette ? { palette } : {}),
    notes: masks.length === 4 ? [{ kind: 'alpha', index: 3, premultiplied: false }] : [],
  };
  const runs = compression === RLE8 || compression === RLE4;
  const needed = Math.ceil((width * bits) / 32) * 4 * height;
  const found = Math.max(0, bytes.length - offset);
  // Rows that a run-length file skips take no bytes.
  const wrong = runs
    ? checkClaim(header, { stored: found, ratio: 2 ** 16 })
    : found < needed
      ? failure('elements-missing', { path, format: 'BMP', sizes: [height, width], needed, found })
      : undefined;
  if (wrong) return wrong;
  const read = async (): Promise<StoredData | Failure> =>
    (palette ? readIndices(bytes, picture) : readColours(bytes, picture)) ??
    failure('elements-damaged', { path, format: 'BMP', reason: 'a run leads outside of the image' });
  return { header, read };
}
