import { type Failure, failure } from '../../diagnostics/failure.js';
import { integerType, type StoredType } from '../element.js';
import { ByteSource } from '../source.js';
import {
  type Dataset,
  type DicomFile,
  decimalsOf,
  fragmentsOf,
  PIXEL_DATA,
  parseDicom,
  shortOf,
  textOf,
} from './elements.js';

export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** Bytes of the file that hold a text. */
export interface TextField {
  readonly offset: number;
  readonly length: number;
  /** What the library has to read there, so that it gives the numbers as they are stored. */
  readonly neutral: '0' | '1' | 'MONOCHROME2';
}

/** A plane of a file. */
export interface DicomFrame {
  /** The place of the first pixel in mm, towards left, posterior and superior. */
  readonly position: readonly number[] | undefined;
  readonly rescale: Rescale | undefined;
}

/** What a DICOM file says about its image. */
export interface DicomImage {
  readonly path: string;
  readonly series: string;
  readonly rows: number;
  readonly columns: number;
  readonly type: StoredType;
  readonly bits: number;
  readonly whiteIsZero: boolean;
  /** The name of the compression, where it changes numbers. */
  readonly lossy: string | undefined;
  /** The directions of x and of y. */
  readonly directions: readonly [readonly number[], readonly number[]] | undefined;
  /** The distances between pixels along y and x, in mm. */
  readonly pixelSpacing: readonly [number, number] | undefined;
  /** The distance between slices that the file states. */
  readonly sliceDistance: number | undefined;
  /** In the order of the file. */
  readonly frames: readonly DicomFrame[];
  /** What the pixels take in the file at most. */
  readonly pixelBytes: number;
  /** The texts for which the library changes numbers; undefined where they are compressed with the file. */
  readonly changing: readonly TextField[] | undefined;
}

/** Transfer syntaxes that were found to be decoded rightly. */
const SYNTAXES: Readonly<Record<string, { readonly lossy?: string; readonly most?: number }>> = {
  '1.2.840.10008.1.2': {},
  '1.2.840.10008.1.2.1': {},
  '1.2.840.10008.1.2.1.99': {},
  '1.2.840.10008.1.2.2': {},
  '1.2.840.10008.1.2.5': {},
  // The library returns wrong pixels for JPEG of 12 bits, without an error.
  '1.2.840.10008.1.2.4.50': { lossy: 'JPEG', most: 8 },
  '1.2.840.10008.1.2.4.51': { lossy: 'JPEG', most: 8 },
  '1.2.840.10008.1.2.4.57': {},
  '1.2.840.10008.1.2.4.70': {},
  '1.2.840.10008.1.2.4.80': {},
  '1.2.840.10008.1.2.4.81': { lossy: 'JPEG-LS' },
  '1.2.840.10008.1.2.4.90': {},
  '1.2.840.10008.1.2.4.91': { lossy: 'JPEG 2000' },
};

const SHARED = 0x52009229;
const PER_FRAME = 0x52009230;
const POSITION = { inside: 0x00209113, tag: 0x00200032 };
const DIRECTIONS = { inside: 0x00209116, tag: 0x00200037 };
const SPACING = { inside: 0x00289110, tag: 0x00280030 };
const DISTANCE = { inside: 0x00289110, tag: 0x00180088 };
const INTERCEPT = { inside: 0x00289145, tag: 0x00281052 };
const SLOPE = { inside: 0x00289145, tag: 0x00281053 };
const DOSE_SCALING = 0x3004000e;
const FRAME_OFFSETS = 0x3004000c;

interface Place {
  readonly inside: number;
  readonly tag: number;
}

const isFinite3 = (values: readonly number[] | undefined, count: number): values is readonly number[] =>
  values?.length === count && values.every(Number.isFinite);

/** Reads the header of one file. */
export async function readDicomImage(path: string): Promise<DicomImage | Failure> {
  return ByteSource.open(path, async (source) => {
    const file = parseDicom(source);
    if (file === undefined) return failure('header-damaged', { path, format: 'DICOM', problem: 'cut-off' });
    return imageOf(path, file);
  });
}

function imageOf(path: string, file: DicomFile): DicomImage | Failure {
  const format = 'DICOM';
  const { dataset, transferSyntax } = file;
  const invalid = (field: string) =>
    failure('header-damaged', { path, format, problem: 'field-invalid', field });
  const missing = (field: string) =>
    failure('header-damaged', { path, format, problem: 'field-missing', field });
  if (!dataset.has(PIXEL_DATA)) return missing('PixelData');
  const [rows = 0, columns = 0] = [shortOf(file, 0x00280010), shortOf(file, 0x00280011)];
  if (rows < 1 || columns < 1) return failure('header-damaged', { path, format, problem: 'sizes' });
  const allocated = shortOf(file, 0x00280100) ?? 0;
  const bits = shortOf(file, 0x00280101) ?? allocated;
  const signed = shortOf(file, 0x00280103) === 1;
  const photometric = textOf(file, dataset, 0x00280004) ?? '';
  const samples = shortOf(file, 0x00280002) ?? 1;
  if (samples !== 1 || !/^MONOCHROME[12]$/.test(photometric)) {
    return failure('element-type-unread', { path, format, type: `${photometric || 'unknown'} colour` });
  }
  const type = [8, 16, 32].includes(allocated) ? integerType(allocated / 8, signed) : undefined;
  if (type === undefined || bits < 1 || bits > allocated) {
    return failure('element-type-unread', { path, format, type: `${bits} of ${allocated} bits` });
  }
  const syntax = SYNTAXES[transferSyntax];
  if (syntax === undefined || bits > (syntax.most ?? 32)) {
    const compression = `transfer syntax ${transferSyntax || 'unknown'} (${bits} bits)`;
    return failure('compression-unread', { path, format, compression });
  }
  const count = decimalsOf(file, dataset, 0x00280008)?.[0] ?? 1;
  if (!(Number.isInteger(count) && count >= 1)) return invalid('NumberOfFrames');
  const cut = checkPixels(path, file, [count, rows, columns], allocated / 8);
  if (cut) return cut;
  const groups = dataset.get(PER_FRAME)?.items ?? [];
  if (groups.length > 0 && groups.length !== count) return invalid('PerFrameFunctionalGroupsSequence');
  const shared = dataset.get(SHARED)?.items[0];
  const first = (place: Place) => elementValue(file, [dataset, groups[0], shared], place);

  const cosines = first(DIRECTIONS);
  if (cosines !== undefined && !isFinite3(cosines, 6)) return invalid('ImageOrientationPatient');
  const differs = groups.some((group) => {
    const own = elementValue(file, [dataset, group, shared], DIRECTIONS);
    return own?.some((value, i) => !(Math.abs(value - (cosines?.[i] ?? Number.NaN)) < 1e-4));
  });
  if (differs) return failure('series-unread', { path, problem: { case: 'frame-directions' } });
  const spacing = first(SPACING);
  if (spacing !== undefined && !(isFinite3(spacing, 2) && spacing.every((one) => one > 0))) {
    return invalid('PixelSpacing');
  }
  const directions = cosines && ([cosines.slice(0, 3), cosines.slice(3)] as const);
  const frames = framesOf(file, groups, count, directions);
  if (typeof frames === 'string') return invalid(frames);
  const distance = first(DISTANCE)?.[0];
  return {
    path,
    series: textOf(file, dataset, 0x0020000e) ?? '',
    rows,
    columns,
    type,
    bits,
    whiteIsZero: photometric === 'MONOCHROME1',
    lossy: syntax.lossy,
    directions,
    pixelSpacing: spacing && [spacing[0] ?? 1, spacing[1] ?? 1],
    sliceDistance: distance !== undefined && distance > 0 ? distance : undefined,
    frames,
    pixelBytes: file.end - (dataset.get(PIXEL_DATA)?.offset ?? file.end),
    changing: file.deflated ? undefined : changingFields([dataset, ...groups, ...(shared ? [shared] : [])]),
  };
}

/** A value of the image, of a frame, or of all frames. */
function elementValue(
  file: DicomFile,
  [image, frame, shared]: readonly [Dataset, Dataset | undefined, Dataset | undefined],
  { inside, tag }: Place,
): readonly number[] | undefined {
  return (
    decimalsOf(file, frame?.get(inside)?.items[0], tag) ??
    decimalsOf(file, shared?.get(inside)?.items[0], tag) ??
    decimalsOf(file, image, tag)
  );
}

/** The places and scales of the frames, or the name of a field that is not valid. */
function framesOf(
  file: DicomFile,
  groups: readonly Dataset[],
  count: number,
  directions: DicomImage['directions'],
): readonly DicomFrame[] | string {
  const { dataset } = file;
  const shared = dataset.get(SHARED)?.items[0];
  const dose = decimalsOf(file, dataset, DOSE_SCALING)?.[0];
  const offsets = decimalsOf(file, dataset, FRAME_OFFSETS);
  const frames: DicomFrame[] = [];
  for (let i = 0; i < count; i++) {
    const sets = [dataset, groups[i], shared] as const;
    const position = elementValue(file, sets, POSITION);
    if (position !== undefined && !isFinite3(position, 3)) return 'ImagePositionPatient';
    const slope = dose ?? elementValue(file, sets, SLOPE)?.[0];
    const intercept = elementValue(file, sets, INTERCEPT)?.[0];
    const rescale = { slope: slope ?? 1, intercept: intercept ?? 0 };
    if (!(Number.isFinite(rescale.slope) && rescale.slope !== 0)) return 'RescaleSlope';
    if (!Number.isFinite(rescale.intercept)) return 'RescaleIntercept';
    const isScaled = rescale.slope !== 1 || rescale.intercept !== 0;
    frames.push({
      position: placed(position, { index: i, count, grouped: groups.length > 0, offsets, directions }),
      rescale: isScaled ? rescale : undefined,
    });
  }
  return frames;
}

/** The place of a frame: its own, or that of the file moved by an offset from the first frame. */
function placed(
  position: readonly number[] | undefined,
  {
    index,
    count,
    grouped,
    offsets,
    directions,
  }: {
    readonly index: number;
    readonly count: number;
    readonly grouped: boolean;
    readonly offsets: readonly number[] | undefined;
    readonly directions: DicomImage['directions'];
  },
): readonly number[] | undefined {
  if (count === 1 || grouped) return position;
  // Offsets that do not begin with 0 are positions of their own, for which nothing says where the first frame lies.
  const offset = offsets?.[0] === 0 ? offsets[index] : undefined;
  if (position === undefined || directions === undefined || offset === undefined) return undefined;
  const normal = normalOf(directions);
  return position.map((value, i) => value + offset * (normal[i] ?? 0));
}

/** The direction across the planes. */
export function normalOf([x, y]: readonly [readonly number[], readonly number[]]): readonly number[] {
  return [0, 1, 2].map((i) => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    return (x[j] ?? 0) * (y[k] ?? 0) - (x[k] ?? 0) * (y[j] ?? 0);
  });
}

/** The slopes, the intercepts, and that white is 0. */
function changingFields(datasets: readonly Dataset[]): readonly TextField[] {
  const fields: TextField[] = [];
  const places = [
    [INTERCEPT, '0'],
    [SLOPE, '1'],
  ] as const;
  const photometric = datasets[0]?.get(0x00280004);
  if (photometric?.length) {
    fields.push({ offset: photometric.offset, length: photometric.length, neutral: 'MONOCHROME2' });
  }
  for (const dataset of datasets) {
    for (const [{ inside, tag }, neutral] of places) {
      for (const element of [dataset.get(tag), dataset.get(inside)?.items[0]?.get(tag)]) {
        if (element?.length) fields.push({ offset: element.offset, length: element.length, neutral });
      }
    }
  }
  return fields;
}

/** Fails if the file ends before its pixels do: the library would fill them up with zeros. */
function checkPixels(
  path: string,
  file: DicomFile,
  sizes: readonly [number, number, number],
  bytes: number,
): Failure | undefined {
  const format = 'DICOM';
  const element = file.dataset.get(PIXEL_DATA);
  if (element === undefined) return undefined;
  const [count, rows, columns] = sizes;
  const { offset, length } = element;
  if (length === undefined) {
    const fragments = fragmentsOf(file, offset);
    if (fragments !== undefined && fragments > count) return undefined;
    return failure('elements-damaged', {
      path,
      format,
      reason: 'the file ends inside the compressed pixels',
    });
  }
  const needed = count * rows * columns * bytes;
  const found = Math.min(length, file.end - offset);
  return found < needed ? failure('elements-missing', { path, format, sizes, needed, found }) : undefined;
}
