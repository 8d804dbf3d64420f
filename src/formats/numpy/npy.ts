import { Failure, failure } from '../../diagnostics/failure.js';
import { reordered } from '../axis-order.js';
import { boxReader } from '../box-of-bytes.js';
import { decodeElements, elementBytes, type StoredData } from '../element.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import { type ArrayHeader, countOf, type ReadOptions, sizesOf } from '../stored-array.js';
import { decodeNpyHeader, type NpyLayout, npyHeaderLength } from './npy-header.js';

export function npyArrayHeader(path: string, format: 'NPY' | 'NPZ', { axes, type }: NpyLayout): ArrayHeader {
  return {
    path,
    format,
    axes,
    type,
    bits: type === 'bool' ? 1 : elementBytes[type] * 8,
    scale: undefined,
    colour: 'none',
    notes: [],
  };
}

/** The elements in row-major order, whatever the file's own order is. */
export function npyElements(
  bytes: Uint8Array,
  { axes, type, littleEndian, fortranOrder }: NpyLayout,
): StoredData {
  const sizes = sizesOf(axes);
  const data = decodeElements(bytes, type, countOf(sizes), littleEndian);
  // In Fortran's order the file has the axes in reverse.
  return fortranOrder ? reordered(data, type, sizes.toReversed(), sizes.map((_, i) => i).reverse()) : data;
}

/** Opens .npy, versions 1 to 3. */
export async function openNpy(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const length = npyHeaderLength(source.read(0, 12)) ?? 12;
  const layout = decodeNpyHeader(path, 'NPY', source.read(0, length));
  if (layout instanceof Failure) return layout;
  const header = npyArrayHeader(path, 'NPY', layout);
  const wrong = checkClaim(header, { stored: source.size - layout.offset, ratio: 1 });
  if (wrong) return wrong;
  const bytes = countOf(sizesOf(layout.axes)) * elementBytes[layout.type];
  const read = async (): Promise<StoredData | Failure> => {
    const elements = source.read(layout.offset, bytes);
    return elements.length === bytes
      ? npyElements(elements, layout)
      : failure('elements-missing', {
          path,
          format: 'NPY',
          sizes: sizesOf(layout.axes),
          needed: bytes,
          found: elements.length,
        });
  };
  const after = source.size - layout.offset - bytes;
  const { axes, type, littleEndian, offset } = layout;
  const part = async (at: number, count: number) => source.read(offset + at, count);
  // In Fortran's order, few rows are spread over the whole file.
  const regions = layout.fortranOrder
    ? {}
    : { readRegion: boxReader({ header, axes, type, littleEndian, bytes: part }) };
  return {
    header: after > 0 ? { ...header, notes: [{ kind: 'more-bytes', count: after }] } : header,
    read,
    ...regions,
  };
}
