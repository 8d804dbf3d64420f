import { NOT_FINITE, windowTable } from '../coded-values.js';
import { bytesOf, type LoadedChannel, type LoadedPage } from './read-page.js';
import type { ViewState } from './view-state.js';

/** Where a header of NIfTI-1 has the type of its numbers, the bits of one, and their scale. */
const AT = { type: 70, bits: 72, slope: 112, intercept: 116 } as const;
const RGBA = 2304;

/** A NIfTI file of numbers in the place that a header gives them. */
function niftiFile(header: Uint8Array, numbers: Uint8Array | Uint16Array): ArrayBuffer {
  const file = new Uint8Array(header.length + numbers.byteLength);
  file.set(header);
  file.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), header.length);
  return file.buffer;
}

/** A header of red, green, blue and alpha in the place of another header's numbers. */
function colourHeader(header: Uint8Array): Uint8Array {
  const result = header.slice();
  const view = new DataView(result.buffer);
  view.setInt16(AT.type, RGBA, true);
  view.setInt16(AT.bits, 32, true);
  view.setFloat32(AT.slope, 1, true);
  view.setFloat32(AT.intercept, 0, true);
  return result;
}

function headerOf(page: LoadedPage, channel: number): Uint8Array {
  return bytesOf(page.channels[channel]?.nifti ?? '');
}

/** Codes in which those without a number are the least, which is black. */
function withoutGaps({ codes, hasGaps }: LoadedChannel): Uint8Array | Uint16Array {
  return hasGaps ? codes.map((code) => (code === NOT_FINITE ? 0 : code)) : codes;
}

/** The NIfTI file of the channel that is shown, or of its colours. */
export function imageFile({ page, channel, low, high }: ViewState): ArrayBuffer {
  const shown = page.channels[channel];
  if (shown === undefined) throw new Error(`the page has no channel ${channel}`);
  if (!page.colour) return niftiFile(headerOf(page, channel), withoutGaps(shown));
  const colours = new Uint8Array(4 * shown.codes.length).fill(255);
  for (const [sample, { codes, hasGaps }] of page.channels.entries()) {
    const table = windowTable({ codes, hasGaps }, low[0] ?? 0, high[0] ?? 255);
    // `as number`: codes are indices of the table.
    for (let i = 0; i < codes.length; i++) colours[4 * i + sample] = table[codes[i] as number] as number;
  }
  return niftiFile(colourHeader(headerOf(page, 0)), colours);
}

/** The file of the colours that lie over the image, all transparent at first. */
export function overlayFile({ page }: ViewState): ArrayBuffer {
  const count = page.size[0] * page.size[1] * page.size[2];
  return niftiFile(colourHeader(headerOf(page, 0)), new Uint8Array(4 * count));
}

// `as number`: every index is within its array, and a check would cost time at every voxel.

/** Whether a voxel of a label has a neighbour with another one along an axis. */
function isSurface(
  labels: Uint8Array | Uint16Array | Uint32Array,
  at: number,
  strides: readonly number[],
): boolean {
  const label = labels[at];
  for (const stride of strides) {
    const [before, after] = [labels[at - stride], labels[at + stride]];
    if ((before !== undefined && before !== label) || (after !== undefined && after !== label)) return true;
  }
  return false;
}

/** Whether the column, row and slice of a voxel have an even or an odd sum: 0 or 1. */
function parity(at: number, columns: number, rows: number): number {
  const line = Math.floor(at / columns);
  return ((at % columns) + (line % rows) + Math.floor(line / rows)) & 1;
}

/** Writes the labels that are shown now into `target`: red, green, blue and alpha of each voxel. */
export function paintOverlay(state: ViewState, target: Uint8Array): void {
  const [, rows, columns] = state.page.size;
  // Outlines run within the slices of the file, and between them.
  const strides = [1, columns, rows * columns];
  target.fill(0);
  for (const { labels, colours, shown, fill, outline, dashed } of state.overlays()) {
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number;
      if (shown[label] !== 1) continue;
      // A dashed surface leaves out every second voxel.
      const hasOutline = outline && (!dashed || parity(i, columns, rows) === 0);
      const share = hasOutline && isSurface(labels, i, strides) ? 1 : fill ? state.opacity : 0;
      if (share === 0) continue;
      const at = 4 * i;
      target[at] = colours[3 * label] as number;
      target[at + 1] = colours[3 * label + 1] as number;
      target[at + 2] = colours[3 * label + 2] as number;
      target[at + 3] = Math.round(255 * share);
    }
  }
}
