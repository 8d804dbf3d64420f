import type { Page } from '../page.js';

const NONE = 1;
const DIFFERENCES = 2;
const FLOATS = 3;

/** Whether the reader can undo the predictor of a page. */
export function knowsPredictor({ predictor, bits, type }: Page): boolean {
  if (predictor === NONE) return true;
  if (predictor === DIFFERENCES) return bits === 8 || bits === 16 || bits === 32 || bits === 64;
  return predictor === FLOATS && type.startsWith('float');
}

type Sums = Uint8Array | Uint16Array | Uint32Array;

function addUp(row: Sums, samples: number): void {
  for (let i = samples; i < row.length; i++) row[i] = (row[i] ?? 0) + (row[i - samples] ?? 0);
}

function addUpBig(row: BigUint64Array, samples: number): void {
  for (let i = samples; i < row.length; i++) row[i] = (row[i] ?? 0n) + (row[i - samples] ?? 0n);
}

/** Adds up the differences of a row, whose bytes begin at a multiple of 8 or of their size. */
function undoDifferences(row: Uint8Array, bits: number, samples: number, little: boolean): void {
  const buffer = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
  const count = (row.length * 8) / bits;
  const swap = () => {
    if (bits === 16) buffer.swap16();
    if (bits === 32) buffer.swap32();
    if (bits === 64) buffer.swap64();
  };
  if (!little) swap();
  if (bits === 8) addUp(row, samples);
  else if (bits === 16) addUp(new Uint16Array(row.buffer, row.byteOffset, count), samples);
  else if (bits === 32) addUp(new Uint32Array(row.buffer, row.byteOffset, count), samples);
  else addUpBig(new BigUint64Array(row.buffer, row.byteOffset, count), samples);
  if (!little) swap();
}

/** The bytes of the numbers of a row lie apart, the highest of all numbers first, as differences (TIFF Technical Note 3). */
function undoFloats(row: Uint8Array, size: number, samples: number, little: boolean): void {
  addUp(row, samples);
  const planes = new Uint8Array(row);
  const count = row.length / size;
  for (let i = 0; i < count; i++) {
    for (let byte = 0; byte < size; byte++) {
      row[i * size + (little ? size - 1 - byte : byte)] = planes[byte * count + i] ?? 0;
    }
  }
}

/** Undoes the predictor of a decompressed block; the result is in the file's order of bytes. */
export function undoPredictor(
  page: Page,
  block: Uint8Array,
  { rowBytes, samples }: { readonly rowBytes: number; readonly samples: number },
  little: boolean,
): Uint8Array {
  if (page.predictor === NONE) return block;
  const bytes = new Uint8Array(block);
  for (let at = 0; at + rowBytes <= bytes.length; at += rowBytes) {
    const row = bytes.subarray(at, at + rowBytes);
    if (page.predictor === FLOATS) undoFloats(row, page.bits / 8, samples, little);
    else undoDifferences(row, page.bits, samples, little);
  }
  return bytes;
}
