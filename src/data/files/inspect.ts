import type { PairDifference } from '../../diagnostics/codes/data-sets/files.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { readImageHeader } from '../../runtime/images/image.js';
import { readNpyShape } from '../../runtime/images/npy.js';
import { shapeText } from '../../runtime/tensor.js';
import { dataFormatOf, type FileFormat } from './file-names.js';
import { readNiftiHeader } from './nifti.js';
import type { NiftiHeader, SpacingUnit } from './nifti-header.js';
import type { FilePair } from './pairs.js';

/** What the headers of a pair of files say, if they agree. */
export interface InspectedPair {
  readonly pair: FilePair;
  /** (...spatial). */
  readonly spatial: readonly number[];
  /** How many images a file contains, one per page. */
  readonly pages: number;
  /** Whether the pages are the depth of one volume. */
  readonly stacked: boolean;
  /** Undefined for one image file, which can be read in gray or in colours. */
  readonly channels: number | undefined;
  readonly hasColours: boolean;
  /** The distance between positions on each axis; undefined if the file does not give it. */
  readonly spacing: readonly number[] | undefined;
  /** The unit of the spacing; undefined if the file does not give it. */
  readonly spacingUnit: SpacingUnit | undefined;
}

interface Header {
  readonly path: string;
  readonly format: FileFormat;
  /** Of the file: (H, W) of a page, or all axes. */
  readonly shape: readonly number[];
  readonly pages: number;
  readonly colours: 1 | 3;
  readonly nifti: NiftiHeader | undefined;
}

async function headerOf(path: string): Promise<Header | Failure> {
  const format = dataFormatOf(path) ?? 'image';
  switch (format) {
    case 'image': {
      const header = await readImageHeader(path);
      if (header instanceof Failure) return header;
      const { height, width, pages, colours } = header;
      return { path, format, shape: [height, width], pages, colours, nifti: undefined };
    }
    case 'npy': {
      const shape = readNpyShape(path);
      return shape instanceof Failure
        ? shape
        : { path, format, shape, pages: 1, colours: 1, nifti: undefined };
    }
    case 'nifti': {
      const nifti = readNiftiHeader(path);
      return nifti instanceof Failure
        ? nifti
        : { path, format, shape: nifti.shape, pages: 1, colours: 1, nifti };
    }
    default:
      return format satisfies never;
  }
}

/** The spatial axes of a file and the number of its channels; fails if it has other axes than `rank` and channels. */
function axesOf(header: Header, rank: number): { spatial: readonly number[]; channels: number } | Failure {
  const { path, format, shape, pages, nifti } = header;
  const whole = format === 'image' && rank === 3 ? [pages, ...shape] : shape;
  const spatial = whole.slice(-rank);
  const before = whole.slice(0, -rank);
  const [first = 1, second = 1] = before;
  const fits =
    (nifti === undefined || nifti.spatialRank === rank) && spatial.length === rank && before.length <= 2;
  if (!fits || spatial.includes(0) || (before.length === 2 && first !== 1)) {
    return failure('unexpected-axes', { path, shape: whole, rank });
  }
  return { spatial, channels: before.length === 2 ? second : first };
}

/** How many spatial axes a pair has unless a caller says it: as NIfTI has them, as an image has them, as the .npy mask has them. */
function rankOf(image: Header, mask: Header): number {
  for (const { nifti, format } of [image, mask]) {
    if (nifti !== undefined) return nifti.spatialRank;
    if (format === 'image') return 2;
  }
  return mask.shape.length;
}

function geometryDifference(image: NiftiHeader, mask: NiftiHeader): PairDifference | undefined {
  const differs = (a: readonly number[], b: readonly number[], most: number) =>
    a.some((value, i) => Math.abs(value - (b[i] ?? value)) > most * Math.max(1e-3, Math.abs(value)));
  if (differs(image.spacing, mask.spacing, 1e-3)) {
    return { case: 'spacing', image: image.spacing, mask: mask.spacing };
  }
  if (image.directions.length === 0 || mask.directions.length === 0) return undefined;
  const isTurned = image.directions.some((axis, k) =>
    axis.some((value, i) => Math.abs(value - (mask.directions[k]?.[i] ?? value)) > 1e-2),
  );
  return isTurned ? { case: 'directions' } : undefined;
}

/** Reads the headers of a pair; a failure for each thing that does not fit. */
export async function inspectPair(
  pair: FilePair,
  wantedRank: number | undefined,
): Promise<InspectedPair | readonly Failure[]> {
  const headers = await Promise.all([...pair.images, pair.mask].map(headerOf));
  const failures = headers.filter((one): one is Failure => one instanceof Failure);
  const [image, ...others] = headers.filter((one): one is Header => !(one instanceof Failure));
  const mask = others.pop();
  if (failures.length > 0 || image === undefined || mask === undefined) return failures;
  const rank = wantedRank ?? rankOf(image, mask);
  const maskAxes = axesOf(mask, rank);
  const problems: Failure[] = [];
  let channels = 0;
  if (maskAxes instanceof Failure) problems.push(maskAxes);
  else if (maskAxes.channels !== 1) {
    problems.push(failure('mask-channels', { path: mask.path, shape: mask.shape }));
  }
  for (const header of [image, ...others]) {
    const axes = axesOf(header, rank);
    if (axes instanceof Failure) {
      problems.push(axes);
      continue;
    }
    channels += axes.channels;
    if (maskAxes instanceof Failure) continue;
    const differ = (difference: PairDifference) =>
      problems.push(failure('pair-mismatch', { path: header.path, mask: mask.path, difference }));
    if (shapeText(axes.spatial) !== shapeText(maskAxes.spatial)) {
      differ({ case: 'size', image: axes.spatial, mask: maskAxes.spatial });
    } else if (rank !== 3 && header.pages !== mask.pages) {
      differ({ case: 'pages', image: header.pages, mask: mask.pages });
    }
    const difference = header.nifti && mask.nifti && geometryDifference(header.nifti, mask.nifti);
    if (difference !== undefined) differ(difference);
  }
  if (problems.length > 0 || maskAxes instanceof Failure) return problems;
  const stacked = rank === 3 && image.format === 'image';
  return {
    pair,
    spatial: maskAxes.spatial,
    pages: rank === 3 ? 1 : image.pages,
    stacked,
    channels: image.format === 'image' && others.length === 0 ? undefined : channels,
    hasColours: image.colours === 3,
    spacing: image.nifti?.spacing,
    spacingUnit: image.nifti?.unit,
  };
}

/**
 * The number of channels that images are read with, and a failure for each pair that has others. The number is `wanted`;
 * when left out, it is the number of the first volume or array, or else 3 if any image has colours, and 1 if none has.
 */
export function agreeOnChannels(
  inspected: readonly InspectedPair[],
  wanted: number | undefined,
): { channels: number; problems: readonly Failure[] } {
  const fixed = inspected.find(({ channels }) => channels !== undefined);
  const channels = wanted ?? fixed?.channels ?? (inspected.some(({ hasColours }) => hasColours) ? 3 : 1);
  const firstImage = inspected.find((one) => one.channels === undefined);
  const problems = inspected.flatMap((one) => {
    const path = one.pair.images[0] ?? '';
    if (one.channels === undefined) {
      // All image files have this problem: the first one stands for all.
      return [1, 3, 4].includes(channels) || one !== firstImage
        ? []
        : [failure('channel-count', { path, problem: { case: 'image-file', wanted: channels } })];
    }
    if (one.channels === channels) return [];
    const other = fixed?.pair.images[0];
    const own = one.channels;
    return [
      failure('channel-count', {
        path,
        problem:
          wanted === undefined && other !== undefined
            ? { case: 'other-file', channels: own, other, otherChannels: channels }
            : { case: 'wanted', channels: own, wanted: channels },
      }),
    ];
  });
  return { channels, problems };
}
