import { Failure } from '../../diagnostics/failure.js';
import { readImageHeader } from '../../runtime/images/image.js';
import { readNpyShape } from '../../runtime/images/npy.js';
import { shapeText } from '../../runtime/tensor.js';
import { dataFormatOf, type FileFormat } from './file-names.js';
import { readNiftiHeader } from './nifti.js';
import type { NiftiHeader, SpacingUnit } from './nifti-header.js';
import type { FilePair } from './pairs.js';

/** What the headers of a pair say, when they agree. */
export interface InspectedPair {
  readonly pair: FilePair;
  /** (...spatial). */
  readonly spatial: readonly number[];
  /** How many images a file holds, one a page. */
  readonly pages: number;
  /** Whether the pages are the depth of one volume. */
  readonly stacked: boolean;
  /** Undefined for one image file, which is read in gray or in colours as wanted. */
  readonly channels: number | undefined;
  readonly hasColours: boolean;
  /** The distance between positions on each axis; undefined where the file does not say it. */
  readonly spacing: readonly number[] | undefined;
  /** What the spacing is in; undefined where the file does not say it. */
  readonly spacingUnit: SpacingUnit | undefined;
}

interface Header {
  readonly path: string;
  readonly format: FileFormat;
  /** Of the file: (H, W) a page, or all axes. */
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

/** The spatial axes of a file and the number of its channels, or why it has other axes than `rank` and channels. */
function axesOf(header: Header, rank: number): { spatial: readonly number[]; channels: number } | Failure {
  const { path, format, shape, pages, nifti } = header;
  const whole = format === 'image' && rank === 3 ? [pages, ...shape] : shape;
  const spatial = whole.slice(-rank);
  const before = whole.slice(0, -rank);
  const [first = 1, second = 1] = before;
  const fits =
    (nifti === undefined || nifti.spatialRank === rank) && spatial.length === rank && before.length <= 2;
  if (!fits || spatial.includes(0) || (before.length === 2 && first !== 1)) {
    const axes = rank === 2 ? 'height x width' : 'depth x height x width';
    return new Failure(`${path}: its shape is ${shapeText(whole)}, where channels x ${axes} was expected`);
  }
  return { spatial, channels: before.length === 2 ? second : first };
}

/** How many spatial axes a pair has, where nobody says it: those of NIfTI, of an image, of the mask as .npy. */
function rankOf(image: Header, mask: Header): number {
  for (const { nifti, format } of [image, mask]) {
    if (nifti !== undefined) return nifti.spatialRank;
    if (format === 'image') return 2;
  }
  return mask.shape.length;
}

function placeProblem(image: NiftiHeader, mask: NiftiHeader): string | undefined {
  const apart = (a: readonly number[], b: readonly number[], most: number) =>
    a.some((value, i) => Math.abs(value - (b[i] ?? value)) > most * Math.max(1e-3, Math.abs(value)));
  if (apart(image.spacing, mask.spacing, 1e-3)) {
    return `the spacing is ${shapeText(image.spacing)}, but that of its mask is ${shapeText(mask.spacing)}`;
  }
  if (image.directions.length === 0 || mask.directions.length === 0) return undefined;
  const turned = image.directions.some((axis, k) =>
    axis.some((value, i) => Math.abs(value - (mask.directions[k]?.[i] ?? value)) > 1e-2),
  );
  return turned
    ? 'its axes point elsewhere than those of its mask: one of them is turned or mirrored'
    : undefined;
}

/** Reads the headers of a pair; gives a line about each thing that does not fit. */
export async function inspectPair(
  pair: FilePair,
  wantedRank: number | undefined,
): Promise<InspectedPair | readonly string[]> {
  const headers = await Promise.all([...pair.images, pair.mask].map(headerOf));
  const failures = headers.filter((one): one is Failure => one instanceof Failure).map((one) => one.message);
  const [image, ...others] = headers.filter((one): one is Header => !(one instanceof Failure));
  const mask = others.pop();
  if (failures.length > 0 || image === undefined || mask === undefined) return failures;
  const rank = wantedRank ?? rankOf(image, mask);
  const maskAxes = axesOf(mask, rank);
  const problems: string[] = [];
  let channels = 0;
  if (maskAxes instanceof Failure) problems.push(maskAxes.message);
  else if (maskAxes.channels !== 1) {
    problems.push(
      `${mask.path}: a mask has one number a position, but its shape is ${shapeText(mask.shape)}`,
    );
  }
  for (const header of [image, ...others]) {
    const axes = axesOf(header, rank);
    if (axes instanceof Failure) {
      problems.push(axes.message);
      continue;
    }
    channels += axes.channels;
    if (maskAxes instanceof Failure) continue;
    if (shapeText(axes.spatial) !== shapeText(maskAxes.spatial)) {
      problems.push(
        `${header.path}: the size is ${shapeText(axes.spatial)}, but that of its mask ${mask.path} is ${shapeText(maskAxes.spatial)}`,
      );
    } else if (rank !== 3 && header.pages !== mask.pages) {
      problems.push(
        `${header.path}: it has ${header.pages} pages, but its mask ${mask.path} has ${mask.pages}`,
      );
    }
    const place = header.nifti && mask.nifti && placeProblem(header.nifti, mask.nifti);
    if (place !== undefined) problems.push(`${header.path}: ${place}`);
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
 * The number of channels that images are read with, and a line about each pair that has others: as wanted; else as
 * the first volume or array has them; else 3 where any image has colours, and 1.
 */
export function agreeOnChannels(
  inspected: readonly InspectedPair[],
  wanted: number | undefined,
): { channels: number; problems: readonly string[] } {
  const fixed = inspected.find(({ channels }) => channels !== undefined);
  const channels = wanted ?? fixed?.channels ?? (inspected.some(({ hasColours }) => hasColours) ? 3 : 1);
  const problems = inspected.flatMap((one) => {
    const path = one.pair.images[0] ?? '';
    // Of files that all have it, it is said once.
    if (one.channels === undefined) {
      return [1, 3, 4].includes(channels) || one !== inspected.find((other) => other.channels === undefined)
        ? []
        : [
            `${path}: PNG, JPEG and TIFF give 1, 3 or 4 channels, not ${channels}: files a_0000, a_0001, ... of one image a, ` +
              'NIfTI and .npy have others',
          ];
    }
    if (one.channels === channels) return [];
    const others = wanted === undefined ? `${fixed?.pair.images[0] ?? 'others'} has` : 'wanted are';
    return [`${path}: its channels are ${one.channels}, but ${others} ${channels}`];
  });
  return { channels, problems };
}
