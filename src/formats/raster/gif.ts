import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StoredData } from '../element.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import type { ArrayHeader, ArrayNote, Axis, Palette, ReadOptions } from '../stored-array.js';
import { decodeGifLzw } from './gif-lzw.js';

/** GIF 87a and 89a: indices into a palette. */

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Palette | undefined;
  readonly transparent: number | undefined;
  readonly codeWidth: number;
  /** The data sub-blocks: [start, end). */
  readonly blocks: readonly (readonly [number, number])[];
}

interface Contents {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Frame[];
  /** Whether the file ends inside of a frame. */
  readonly cut: boolean;
}

function paletteAt(bytes: Uint8Array, at: number, count: number): Palette {
  const colours = Array.from({ length: count }, (_, i) => [...bytes.subarray(at + 3 * i, at + 3 * i + 3)]);
  return { bits: 8, colours };
}

/** The sub-blocks from `at` on, and where they end; undefined where the file ends before. */
function subBlocks(bytes: Uint8Array, at: number): { blocks: [number, number][]; end: number } | undefined {
  const blocks: [number, number][] = [];
  while (at < bytes.length) {
    const length = bytes[at] ?? 0;
    if (length === 0) return { blocks, end: at + 1 };
    if (at + 1 + length > bytes.length) return undefined;
    blocks.push([at + 1, at + 1 + length]);
    at += 1 + length;
  }
  return undefined;
}

function contentsOf(bytes: Uint8Array): Contents | undefined {
  if (bytes.length < 13) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, flags] = [view.getUint16(6, true), view.getUint16(8, true), view.getUint8(10)];
  const tableLength = (bits: number) => 2 << (bits & 7);
  let at = 13;
  let global: Palette | undefined;
  if (flags & 0x80) {
    global = paletteAt(bytes, at, tableLength(flags));
    at += 3 * tableLength(flags);
  }
  const frames: Frame[] = [];
  let transparent: number | undefined;
  while (at < bytes.length) {
    const mark = bytes[at];
    if (mark === 0x3b) return { width, height, frames, cut: false };
    if (mark === 0x21) {
      const read = subBlocks(bytes, at + 2);
      if (read === undefined) break;
      const [start] = read.blocks[0] ?? [0];
      if (bytes[at + 1] === 0xf9 && start > 0) {
        transparent = (bytes[start] ?? 0) & 1 ? bytes[start + 3] : undefined;
      }
      at = read.end;
      continue;
    }
    if (mark !== 0x2c || at + 11 > bytes.length) break;
    const local = view.getUint8(at + 9);
    let data = at + 10;
    const palette = local & 0x80 ? paletteAt(bytes, data, tableLength(local)) : global;
    if (local & 0x80) data += 3 * tableLength(local);
    const read = subBlocks(bytes, data + 1);
    if (read === undefined) break;
    frames.push({
      x: view.getUint16(at + 1, true),
      y: view.getUint16(at + 3, true),
      width: view.getUint16(at + 5, true),
      height: view.getUint16(at + 7, true),
      interlaced: (local & 0x40) !== 0,
      palette,
      transparent,
      codeWidth: bytes[data] ?? 0,
      blocks: read.blocks,
    });
    transparent = undefined;
    at = read.end;
  }
  return { width, height, frames, cut: true };
}

/** The rows of an interlaced frame in the order in which they are stored. */
function rowsOf({ height, interlaced }: Frame): number[] {
  const rows = Array.from({ length: height }, (_, i) => i);
  if (!interlaced) return rows;
  return [
    ...rows.filter((row) => row % 8 === 0),
    ...rows.filter((row) => row % 8 === 4),
    ...rows.filter((row) => row % 4 === 2),
    ...rows.filter((row) => row % 2 === 1),
  ];
}

function samePalette(a: Palette | undefined, b: Palette | undefined): boolean {
  return a === b || JSON.stringify(a?.colours) === JSON.stringify(b?.colours);
}

/** Opens a GIF: one frame, or all of them as pages. */
export async function openGif(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  const bytes = source.readAll();
  const damaged = (problem: 'cut-off' | 'palette' | 'sizes' | 'signature') =>
    failure('header-damaged', { path, format: 'GIF', problem });
  if (!/^GIF8[79]a/.test(String.fromCharCode(...bytes.subarray(0, 6)))) return damaged('signature');
  const contents = contentsOf(bytes);
  if (contents === undefined) return damaged('cut-off');
  const { width, height } = contents;
  if (contents.cut)
    return failure('elements-damaged', { path, format: 'GIF', reason: 'the file is cut off' });
  const { page } = options;
  const frames = page === undefined ? contents.frames : contents.frames.slice(page, page + 1);
  const [first] = frames;
  if (first === undefined) {
    return failure('page-missing', { path, page: page ?? 0, pages: contents.frames.length });
  }
  if (width < 1 || height < 1) return damaged('sizes');
  if (first.palette === undefined) return damaged('palette');
  const other = frames.findIndex((frame) => !samePalette(frame.palette, first.palette));
  if (other > 0) {
    return failure('pages-differ', { path, page: other, first: [height, width], other: [height, width] });
  }
  const partial = frames.filter((frame) => frame.width !== width || frame.height !== height).length;
  const axes: Axis[] = [
    ...(frames.length > 1 ? [{ name: 'page', size: frames.length } as const] : []),
    { name: 'y', size: height },
    { name: 'x', size: width },
  ];
  const notes: ArrayNote[] = [
    ...(first.transparent === undefined
      ? []
      : [{ kind: 'transparent', values: [first.transparent] } as const]),
    ...(partial > 0 ? [{ kind: 'partial-frames', count: partial } as const] : []),
  ];
  const header: ArrayHeader = {
    path,
    format: 'GIF',
    axes,
    type: 'uint8',
    bits: 8,
    scale: undefined,
    colour: 'palette',
    palette: first.palette,
    notes,
  };
  // A code of 12 bits stands for at most 4,096 indices; what a partial frame leaves out takes no bytes.
  const wrong = checkClaim(header, { stored: bytes.length, ratio: partial > 0 ? 2 ** 22 : 2731 });
  if (wrong) return wrong;
  return { header, read: async () => readFrames(path, bytes, frames, width, height) };
}

function readFrames(
  path: string,
  bytes: Uint8Array,
  frames: readonly Frame[],
  width: number,
  height: number,
): StoredData | Failure {
  const damaged = (block: number, reason: string) =>
    failure('elements-damaged', { path, format: 'GIF', block, reason });
  const data = new Uint8Array(frames.length * width * height);
  for (const [index, frame] of frames.entries()) {
    if (frame.x + frame.width > width || frame.y + frame.height > height) {
      return damaged(index, 'its frame is larger than its screen');
    }
    if (frame.codeWidth < 1 || frame.codeWidth > 8) return damaged(index, 'its code size is not 1 to 8');
    const packed = Buffer.concat(frame.blocks.map(([start, end]) => bytes.subarray(start, end)));
    const indices = new Uint8Array(frame.width * frame.height);
    const written = decodeGifLzw(packed, frame.codeWidth, indices);
    if (written < indices.length) return damaged(index, `${written} of ${indices.length} pixels`);
    for (const [i, row] of rowsOf(frame).entries()) {
      const to = (index * height + frame.y + row) * width + frame.x;
      data.set(indices.subarray(i * frame.width, (i + 1) * frame.width), to);
    }
  }
  return data;
}
