import type { Failure } from '../../diagnostics/failure.js';
import type { ArrayHeader } from '../../formats/stored-array.js';
import { checkWritable } from '../../formats/write.js';
import { pagesAsDepth } from '../../images/scatter.js';

/** An array as the format of a file has it: without pages, which only TIFF has, but with depth. */
export function asFormat<Held extends { readonly header: ArrayHeader }>(path: string, array: Held): Held {
  return /\.tiff?$/i.test(path) ? array : pagesAsDepth(array);
}

/** Why a file of this format cannot hold such results; undefined if it can. Ask before they are computed. */
export function checkOutput(path: string, header: ArrayHeader): Failure | undefined {
  return checkWritable(path, asFormat(path, { header }).header);
}
