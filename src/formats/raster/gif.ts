import { type Failure, failure } from '../../diagnostics/failure.js';
import type { StoredData } from '../element.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import {
  type ArrayHeader,
  type ArrayNote,
  type Axis,
  type Palette,
  type ReadOptions,
  samePalette,
} from '../stored-array.js';
import { decodeGifLzw, gifLzwLength } from './gif-lzw.js';

/** GIF 87a and 89a: indices into a palette. */

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Palette | undefined;
  readonly transparent: number | undefined;
  /** What happens to the frame before the next one is drawn: 2 clears its rectangle, 3 puts back what was there. */
  readonly disposal: number;
  readonly codeWidth: number;
  /** The data sub-blocks: [start, end). */
  readonly blocks: readonly (readonly [number, number])[];
}

interface Contents {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Frame[];
  /** The index of the background. */
  readonly background: number;
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
  const background = view.getUint8(11);
  const tableLength = (bits: number) => 2 << (bits & 7);
  let at = 13;
  let global: Palette | undefined;
  if (flags & 0x80) {
    global = paletteAt(bytes, at, tableLength(flags));
    at += 3 * tableLength(flags);
  }
  const frames: Frame[] = [];
  let transparent: number | undefined;
  let disposal = 0;
  while (at < bytes.length) {
    const mark = bytes[at];
    if (mark === 0x3b) return { width, height, frames, background, cut: false };
    if (mark === 0x21) {
      const read = subBlocks(bytes, at + 2);
      if (read === undefined) break;
      const [start] = read.blocks[0] ?? [0];
      if (bytes[at + 1] === 0xf9 && start > 0) {
        transparent = (bytes[start] ?? 0) & 1 ? bytes[start + 3] : undefined;
        disposal = ((bytes[start] ?? 0) >> 2) & 7;
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
      disposal,
      codeWidth: bytes[data] ?? 0,
      blocks: read.blocks,
    });
    [transparent, disposal] = [undefined, 0];
    at = read.end;
  }
  return { width, height, frames, background, cut: true };
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

/** A screen that is larger than its frames by more than this is a mistake: nothing in the file would fill it. */
const MOST_EMPTY = 64;

/** The frames that a page is drawn from: itself, and those before it that show through. */
function framesFor({ frames, width, height }: Contents, page: number): readonly Frame[] {
  const isWhole = (frame: Frame | undefined) =>
    frame?.transparent === undefined && frame?.width === width && frame.height === height;
  let first = page;
  while (first > 0 && !isWhole(frames[first])) first -= 1;
  return frames.slice(first, page + 1);
}

/** Opens a GIF: one frame, or all of them as pages. A frame that shows only what has changed is drawn on those before it. */
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
  const frames = page === undefined ? contents.frames : framesFor(contents, page);
  const shown = page === undefined ? frames.length : 1;
  const [first] = frames;
  if (first === undefined || (page ?? 0) >= contents.frames.length) {
    return failure('page-missing', { path, page: page ?? 0, pages: contents.frames.length });
  }
  if (width < 1 || height < 1) return damaged('sizes');
  if (first.palette === undefined) return damaged('palette');
  const other = frames.findIndex((frame) => !samePalette(frame.palette, first.palette));
  if (other > 0) {
    return failure('pages-differ', { path, page: other, first: [height, width], other: [height, width] });
  }
  const partial = frames.some((frame) => frame.width !== width || frame.height !== height);
  const largest = frames.reduce((most, frame) => Math.max(most, frame.width * frame.height), 0);
  if (width * height > MOST_EMPTY * largest) return damaged('sizes');
  const axes: Axis[] = [
    ...(shown > 1 ? [{ name: 'page', size: shown } as const] : []),
    { name: 'y', size: height },
    { name: 'x', size: width },
  ];
  const { transparent } = frames.at(-shown) ?? first;
  const notes: ArrayNote[] =
    transparent === undefined ? [] : [{ kind: 'transparent', values: [transparent] } as const];
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
  const wrong = checkClaim(header, { stored: bytes.length, ratio: partial ? 2 ** 22 : 2731 });
  if (wrong) return wrong;
  return { header, read: async () => readFrames(path, bytes, { ...contents, frames }, shown) };
}

const packedOf = (bytes: Uint8Array, { blocks }: Frame) =>
  Buffer.concat(blocks.map(([start, end]) => bytes.subarray(start, end)));

/** Why a frame cannot be decoded; undefined if it can. Takes no memory for its pixels. */
function frameProblem(bytes: Uint8Array, frame: Frame, { width, height }: Contents): string | undefined {
  if (frame.x + frame.width > width || frame.y + frame.height > height) {
    return 'its frame is larger than its screen';
  }
  if (frame.codeWidth < 1 || frame.codeWidth > 8) return 'its code size is not 1 to 8';
  const pixels = frame.width * frame.height;
  const found = gifLzwLength(packedOf(bytes, frame), frame.codeWidth, pixels);
  return found < pixels ? `${found} of ${pixels} pixels` : undefined;
}

/** The indices of a frame without a problem, row by row. */
function decodeFrame(bytes: Uint8Array, frame: Frame): Uint8Array {
  const stored = new Uint8Array(frame.width * frame.height);
  decodeGifLzw(packedOf(bytes, frame), frame.codeWidth, stored);
  if (!frame.interlaced) return stored;
  const indices = new Uint8Array(stored.length);
  for (const [i, row] of rowsOf(frame).entries()) {
    indices.set(stored.subarray(i * frame.width, (i + 1) * frame.width), row * frame.width);
  }
  return indices;
}

/** Draws a frame: where it is transparent, what is there stays. */
function draw(screen: Uint8Array, indices: Uint8Array, frame: Frame, width: number): void {
  for (let row = 0, from = 0; row < frame.height; row++) {
    const to = (frame.y + row) * width + frame.x;
    for (let i = 0; i < frame.width; i++, from++) {
      const index = indices[from] ?? 0;
      if (index !== frame.transparent) screen[to + i] = index;
    }
  }
}

/** The last `shown` of the frames, each drawn on those before it. */
function readFrames(
  path: string,
  bytes: Uint8Array,
  contents: Contents,
  shown: number,
): StoredData | Failure {
  const { width, height, frames, background } = contents;
  for (const [number, frame] of frames.entries()) {
    const reason = frameProblem(bytes, frame, contents);
    if (reason !== undefined)
      return failure('elements-damaged', { path, format: 'GIF', block: number, reason });
  }
  const plane = width * height;
  const data = new Uint8Array(shown * plane);
  let screen = new Uint8Array(plane).fill(frames[0]?.transparent ?? 0);
  for (const [number, frame] of frames.entries()) {
    const indices = decodeFrame(bytes, frame);
    const before = frame.disposal === 3 ? screen.slice() : undefined;
    draw(screen, indices, frame, width);
    const index = number - (frames.length - shown);
    if (index >= 0) data.set(screen, index * plane);
    if (before) screen = before;
    else if (frame.disposal === 2) {
      for (let y = frame.y; y < frame.y + frame.height; y++) {
        const from = y * width + frame.x;
        screen.fill(frame.transparent ?? background, from, from + frame.width);
      }
    }
  }
  return data;
}
