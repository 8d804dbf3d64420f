import type { SeriesProblem } from '../../diagnostics/codes/formats.js';
import type { WorldGeometry } from '../geometry.js';
import { itkGeometry } from '../volume/itk-geometry.js';
import { type DicomFrame, type DicomImage, normalOf } from './image.js';

/** A plane of a volume: frame `frame`, counted from 0, of image `image`. */
export interface DicomPlane extends DicomFrame {
  readonly image: number;
  readonly frame: number;
}

export interface DicomVolume {
  /** In the order in which they lie; in the order of the file where it does not place them. */
  readonly planes: readonly DicomPlane[];
  /** Whether the planes lie side by side along z; otherwise they are pages. */
  readonly placed: boolean;
  readonly geometry: WorldGeometry | undefined;
}

/** Planes may lie beside their place on the grid by so much of the distance between them, and so many mm. */
const TOLERANCE = { fraction: 0.01, length: 0.01 };
/** Planes less than so many mm apart are at the same place. */
const SAME_PLACE = 0.001;
/** Directions are texts of few digits. */
const COSINE = 1e-4;

const differs = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.length !== b.length || a.some((value, i) => !(Math.abs(value - (b[i] ?? Number.NaN)) <= COSINE));

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** The first pair of files that cannot be slices of one volume. */
function mismatch(images: readonly DicomImage[]): SeriesProblem | undefined {
  const [first] = images;
  if (first === undefined || images.length === 1) return undefined;
  const counts = new Map<string, { count: number; example: string }>();
  for (const { series, path } of images) {
    const known = counts.get(series);
    if (known) known.count++;
    else counts.set(series, { count: 1, example: path });
  }
  if (counts.size > 1) return { case: 'several', series: [...counts.values()] };
  for (const other of images) {
    const [path, size, otherSize] = [other.path, [first.rows, first.columns], [other.rows, other.columns]];
    if (differs(size, otherSize)) return { case: 'sizes', other: path, size, otherSize };
    const sameKind = other.type === first.type && other.whiteIsZero === first.whiteIsZero;
    if (!sameKind) return { case: 'types', other: path, type: first.type, otherType: other.type };
    if (other.frames.length > 1) return { case: 'frames', other: path, count: other.frames.length };
    const [own, others] = [first.directions?.flat(), other.directions?.flat()];
    if (own === undefined || others === undefined || other.frames[0]?.position === undefined) {
      return { case: 'unplaced', other: own === undefined ? first.path : path };
    }
    if (differs(own, others)) return { case: 'directions', other: path, own, others };
    if (differs(first.pixelSpacing, other.pixelSpacing)) {
      const [spacing, otherSpacing] = [first.pixelSpacing ?? [], other.pixelSpacing ?? []];
      return { case: 'spacings', other: path, spacing, otherSpacing };
    }
  }
  return undefined;
}

/** Puts the planes of files into the order in which they lie. Fails where they are not one volume on a regular grid. */
export function volumeOf(images: readonly DicomImage[]): DicomVolume | SeriesProblem {
  const wrong = mismatch(images);
  if (wrong) return wrong;
  const planes = images.flatMap(({ frames }, image) =>
    frames.map((frame, i): DicomPlane => ({ ...frame, image, frame: i })),
  );
  const [first] = images;
  const { directions, pixelSpacing } = first ?? {};
  if (first === undefined || directions === undefined || planes.some(({ position }) => !position)) {
    const spacing = pixelSpacing && [...(planes.length > 1 ? [1] : []), ...pixelSpacing];
    const flat = planes.length === 1 && spacing !== undefined;
    const geometry: WorldGeometry | undefined = flat
      ? { affine: undefined, spacing, unit: 'mm', orientation: undefined }
      : undefined;
    return { planes, placed: false, geometry };
  }
  const normal = normalOf(directions);
  const [x, y] = directions;
  const isUpright = [dot(x, x) - 1, dot(y, y) - 1, dot(x, y)].every((off) => Math.abs(off) < 1e-3);
  if (!isUpright) return { case: 'not-orthogonal', own: directions.flat() };
  const depth = ({ position = [] }: DicomPlane) => dot(position, normal);
  const sorted = planes.toSorted((a, b) => depth(a) - depth(b));
  const distance = distanceOf(sorted.map(depth), first.sliceDistance);
  const pathOf = (plane: DicomPlane | undefined) => images[plane?.image ?? 0]?.path ?? '';
  const twice = sorted.findIndex((plane, i) => {
    const before = sorted[i - 1];
    return before !== undefined && depth(plane) - depth(before) < SAME_PLACE;
  });
  if (twice > 0) {
    const [other, path] = [pathOf(sorted[twice - 1]), pathOf(sorted[twice])];
    return { case: 'same-place', other, path, frame: sorted[twice]?.frame ?? 0 };
  }
  const [lowest] = sorted;
  const origin = lowest?.position ?? [];
  for (const [i, plane] of sorted.entries()) {
    const moved = (plane.position ?? []).map((value, j) => value - (origin[j] ?? 0));
    const along = dot(moved, normal);
    const allowed = Math.max(TOLERANCE.length, TOLERANCE.fraction * distance);
    if (Math.abs(along - i * distance) > allowed) return uneven(sorted, images, depth);
    const aside = Math.hypot(...moved.map((value, j) => value - along * (normal[j] ?? 0)));
    const side = Math.min(...(pixelSpacing ?? [1, 1]));
    if (aside > Math.max(TOLERANCE.length, 0.02 * side)) {
      return { case: 'tilted', degrees: (Math.atan2(aside, along) * 180) / Math.PI };
    }
  }
  const [rowDistance, columnDistance] = pixelSpacing ?? [1, 1];
  const geometry = itkGeometry({
    sizes: [first.columns, first.rows, sorted.length],
    spacing: [columnDistance, rowDistance, distance],
    origin,
    direction: [x, y, normal],
  });
  return { planes: sorted, placed: true, geometry };
}

/** The mean distance of planes; that of a single one is what its file states, or 1 as ITK takes it. */
function distanceOf(depths: readonly number[], stated: number | undefined): number {
  if (depths.length < 2) return stated ?? 1;
  return ((depths.at(-1) ?? 0) - (depths[0] ?? 0)) / (depths.length - 1);
}

/** Where the distance between two planes is the widest, and the usual one. */
function uneven(
  planes: readonly DicomPlane[],
  images: readonly DicomImage[],
  depth: (plane: DicomPlane) => number,
): SeriesProblem {
  const gaps = planes.slice(1).map((plane, i) => depth(plane) - depth(planes[i] ?? plane));
  const sorted = gaps.toSorted((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const widest = sorted.at(-1) ?? 0;
  const at = gaps.indexOf(widest);
  const name = (i: number) => images[planes[i]?.image ?? 0]?.path ?? '';
  return {
    case: 'uneven',
    usual,
    least: sorted[0] ?? 0,
    most: widest,
    before: name(at),
    after: name(at + 1),
  };
}
