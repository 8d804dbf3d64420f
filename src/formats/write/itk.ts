import type { StoredType } from '../element.js';
import { columnLengths, flipXY, type WorldAffine } from '../geometry.js';
import type { ArrayHeader } from '../stored-array.js';
import { deflatePieces } from './deflate-pieces.js';
import { axesText, axisSize, type Encoder, elementsIn, hasOnly, notWritable } from './encoder.js';

const META_TYPES: Readonly<Partial<Record<StoredType, string>>> = {
  bool: 'MET_UCHAR',
  uint8: 'MET_UCHAR',
  int8: 'MET_CHAR',
  uint16: 'MET_USHORT',
  int16: 'MET_SHORT',
  uint32: 'MET_UINT',
  int32: 'MET_INT',
  uint64: 'MET_ULONG_LONG',
  int64: 'MET_LONG_LONG',
  float32: 'MET_FLOAT',
  float64: 'MET_DOUBLE',
};

const NRRD_TYPES: Readonly<Partial<Record<StoredType, string>>> = {
  bool: 'uint8',
  float32: 'float',
  float64: 'double',
};

interface Placed {
  readonly sizes: readonly number[];
  readonly channels: number;
  readonly time: boolean;
  /** In LPS, x first. */
  readonly columns: readonly (readonly number[])[];
  readonly origin: readonly number[];
  readonly spacing: readonly number[];
}

/** The order of elements of both formats, slowest first. */
const ORDER = ['time', 'z', 'y', 'x', 'channel'] as const;

/** Where both formats place the array. */
function place({ axes, geometry }: ArrayHeader): Placed {
  const has = (name: string) => axes.some((axis) => axis.name === name);
  const names = (['x', 'y', 'z', 'time'] as const).filter((name) => has(name));
  const stated = geometry?.spacing.toReversed() ?? [];
  const spacings = [0, 1, 2].map((i) => stated[i] ?? 1);
  const plain: WorldAffine = [0, 1, 2, 3].map((i) =>
    [0, 1, 2, 3].map((j) => (i === j ? (spacings[i] ?? 1) : 0)),
  );
  const lps = geometry?.affine ? flipXY(geometry.affine) : plain;
  const lengths = columnLengths(lps);
  const rank = has('z') ? 3 : 2;
  return {
    sizes: names.map((name) => axisSize(axes, name)),
    channels: axisSize(axes, 'channel'),
    time: has('time'),
    columns: Array.from({ length: rank }, (_, j) => Array.from({ length: rank }, (_, i) => lps[i]?.[j] ?? 0)),
    origin: Array.from({ length: rank }, (_, i) => lps[i]?.[3] ?? 0),
    spacing: lengths.slice(0, rank),
  };
}

/** A MetaImage in one file, compressed. */
export const encodeMeta: Encoder = (path, header, boxes) => {
  const { axes, type } = header;
  if (!hasOnly(axes, ['channel', 'time', 'z', 'y', 'x']))
    return notWritable(path, 'MetaImage', 'axes', axesText(axes));
  const name = META_TYPES[type];
  if (name === undefined) return notWritable(path, 'MetaImage', 'element-type', type);
  const { sizes, channels, time, columns, origin, spacing } = place(header);
  const rank = sizes.length;
  const directions = columns.map((column, j) => column.map((value) => value / (spacing[j] || 1)));
  // Time is a further axis at right angles to the others.
  const matrix = Array.from({ length: rank * rank }, (_, k) => {
    const [j, i] = [Math.floor(k / rank), k % rank];
    return directions[j]?.[i] ?? (i === j ? 1 : 0);
  });
  const startOf = (length: number) => {
    const fields = fieldsOf(length);
    return Buffer.from(`${fields.join('\n')}\n`);
  };
  const fieldsOf = (length: number) => [
    'ObjectType = Image',
    `NDims = ${rank}`,
    'BinaryData = True',
    'BinaryDataByteOrderMSB = False',
    'CompressedData = True',
    // Of one width, since it is known only when all is compressed.
    `CompressedDataSize = ${String(length).padStart(SIZE_DIGITS)}`,
    `TransformMatrix = ${matrix.join(' ')}`,
    `Offset = ${[...origin, ...(time ? [0] : [])].join(' ')}`,
    `ElementSpacing = ${[...spacing, ...(time ? [1] : [])].join(' ')}`,
    `DimSize = ${sizes.join(' ')}`,
    ...(channels > 1 ? [`ElementNumberOfChannels = ${channels}`] : []),
    `ElementType = ${name}`,
    'ElementDataFile = LOCAL',
  ];
  let length = 0;
  function* chunks(): Generator<Uint8Array> {
    yield startOf(0);
    for (const packed of deflatePieces(elementsIn(header, boxes, ORDER), 'zlib')) {
      length += packed.length;
      yield packed;
    }
  }
  return { chunks: chunks(), start: () => startOf(length) };
};

/** As many digits as the largest exact number has. */
const SIZE_DIGITS = 16;

/** A NRRD in one file, compressed. */
export const encodeNrrd: Encoder = (path, header, boxes) => {
  const { axes, type, geometry } = header;
  if (!hasOnly(axes, ['channel', 'time', 'z', 'y', 'x']))
    return notWritable(path, 'NRRD', 'axes', axesText(axes));
  if (type === 'float16') return notWritable(path, 'NRRD', 'element-type', type);
  const { sizes, channels, time, columns, origin, spacing } = place(header);
  const vector = (values: readonly number[]) => `(${values.join(',')})`;
  const before = channels > 1 ? ['none'] : [];
  const after = time ? ['none'] : [];
  const placed = geometry?.affine !== undefined && columns.length === 3;
  const kinds = [
    ...(channels > 1 ? ['vector'] : []),
    ...columns.map(() => 'domain'),
    ...(time ? ['time'] : []),
  ];
  const fields = [
    'NRRD0004',
    `type: ${NRRD_TYPES[type] ?? type}`,
    `dimension: ${kinds.length}`,
    ...(placed ? ['space: left-posterior-superior'] : []),
    `sizes: ${[...(channels > 1 ? [channels] : []), ...sizes].join(' ')}`,
    placed
      ? `space directions: ${[...before, ...columns.map(vector), ...after].join(' ')}`
      : `spacings: ${[...before, ...spacing, ...after].join(' ').replaceAll('none', 'NaN')}`,
    `kinds: ${kinds.join(' ')}`,
    'endian: little',
    'encoding: gzip',
    ...(placed ? [`space origin: ${vector(origin)}`] : []),
  ];
  function* chunks(): Generator<Uint8Array> {
    yield Buffer.from(`${fields.join('\n')}\n\n`);
    yield* deflatePieces(elementsIn(header, boxes, ORDER), 'gzip');
  }
  return { chunks: chunks() };
};
