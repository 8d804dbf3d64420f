import { type Failure, failure } from '../../diagnostics/failure.js';
import { commonOrder, inCommonOrder, reorderedAxes } from '../axis-order.js';
import { decodeElements, elementBytes, type StoredData, type StoredType } from '../element.js';
import { affineOf, finiteAffine, orientationOf } from '../geometry.js';
import { DEFLATE_RATIO } from '../inflate.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import { type ArrayHeader, type Axis, countOf, type ReadOptions, sizesOf } from '../stored-array.js';
import { bytesAt, firstBytes, isGzip } from './nifti.js';

/** FreeSurfer's MGH: big-endian, its voxels after 284 bytes. */
const DATA_START = 284;

const TYPES: Readonly<Record<number, StoredType>> = {
  0: 'uint8',
  1: 'int32',
  3: 'float32',
  4: 'int16',
  10: 'uint16',
};

const UNREAD_TYPES: Readonly<Record<number, string>> = { 2: 'long', 5: 'bitmap', 6: 'tensor' };

/** Opens .mgh or .mgz. */
export async function openMgh(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  const format = 'MGH';
  const damaged = (problem: 'signature' | 'cut-off' | 'sizes' | 'element-type') =>
    failure('header-damaged', { path, format, problem });
  if (options.page) return failure('page-missing', { path, page: options.page, pages: 1 });
  const start = await firstBytes(source, DATA_START);
  if (start.length < DATA_START) return damaged('cut-off');
  const view = new DataView(start.buffer, start.byteOffset, DATA_START);
  if (view.getInt32(0) !== 1) return damaged('signature');
  const sizes = [4, 8, 12, 16].map((at) => view.getInt32(at));
  if (sizes.some((size) => size < 1)) return damaged('sizes');
  const code = view.getInt32(20);
  const type = TYPES[code];
  if (type === undefined) {
    const name = UNREAD_TYPES[code];
    return name === undefined
      ? damaged('element-type')
      : failure('element-type-unread', { path, format, type: name });
  }
  const [width = 1, height = 1, depth = 1, frames = 1] = sizes;
  const axes: Axis[] = [
    ...(frames > 1 ? [{ name: 'time', size: frames } as const] : []),
    { name: 'z', size: depth },
    { name: 'y', size: height },
    { name: 'x', size: width },
  ];
  const rasGood = view.getInt16(28) > 0;
  const float = (index: number) => view.getFloat32(30 + 4 * index);
  // Without its own geometry a volume is coronal, of 1 mm.
  const spacing = rasGood ? [0, 1, 2].map(float) : [1, 1, 1];
  const columns = rasGood
    ? [0, 1, 2].map((axis) => [0, 1, 2].map((i) => float(3 + 3 * axis + i) * (spacing[axis] ?? 1)))
    : [
        [-1, 0, 0],
        [0, 0, -1],
        [0, 1, 0],
      ];
  const centre = rasGood ? [12, 13, 14].map(float) : [0, 0, 0];
  // The header gives the place of the centre; the first voxel is half of the sizes before it.
  const origin = [0, 1, 2].map((i) =>
    columns.reduce((sum, column, axis) => sum - ((column[i] ?? 0) * (sizes[axis] ?? 1)) / 2, centre[i] ?? 0),
  );
  const affine = finiteAffine(affineOf(columns, origin));
  const header: ArrayHeader = {
    path,
    format,
    axes: reorderedAxes(axes, commonOrder(axes)),
    type,
    bits: elementBytes[type] * 8,
    scale: undefined,
    colour: 'none',
    geometry: {
      affine,
      spacing: spacing.toReversed(),
      unit: 'mm',
      orientation: affine && orientationOf(affine),
      native: { form: 'mgh', header: start.slice(0, DATA_START), rasGood },
    },
    notes: [],
  };
  const packed = isGzip(source.read(0, 2));
  const wrong = checkClaim(header, {
    stored: packed ? source.size : source.size - DATA_START,
    ratio: packed ? DEFLATE_RATIO : 1,
  });
  if (wrong) return wrong;
  const count = countOf(sizesOf(axes));
  const length = count * elementBytes[type];
  const read = async (): Promise<StoredData | Failure> => {
    const bytes = await bytesAt(source, DATA_START, length);
    if (!(bytes instanceof Uint8Array))
      return failure('elements-damaged', { path, format, reason: bytes.reason });
    if (bytes.length < length) {
      return failure('elements-missing', {
        path,
        format,
        sizes: sizesOf(axes),
        needed: length,
        found: bytes.length,
      });
    }
    return inCommonOrder(decodeElements(bytes, type, count, false), type, axes);
  };
  return { header, read };
}
