import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PairDifference } from '../../diagnostics/codes/data-sets/files.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { lastPart } from '../../formats/choose-array.js';
import { eachTime, type FileReader } from '../../formats/file-reader.js';
import { isScreenUnit, type LengthUnit, type WorldGeometry } from '../../formats/geometry.js';
import {
  type ArrayHeader,
  type ArrayNote,
  type AxisName,
  type FormatName,
  sizesOf,
} from '../../formats/stored-array.js';
import { fixedChannels, sampleKind } from '../../images/channels.js';
import { type ImageLayout, layoutOf, type SliceAxis, storedRank } from '../../images/image-layout.js';
import { shapeText } from '../../runtime/tensor.js';
import { isMaskWord } from './file-names.js';
import { placeDifference } from './pair-geometry.js';
import type { FilePair } from './pairs.js';
import type { FilePart } from './read-part.js';

/** What the headers of a pair of files say, if they agree: plain data, which threads can send to each other. */
export interface PairFacts {
  /** (...spatial). */
  readonly spatial: readonly number[];
  /** How many images a file contains. */
  readonly images: number;
  /** The axis along which they lie: pages, slices. */
  readonly along: string;
  /** Undefined for pictures, which can be read in gray or in colours. */
  readonly channels: number | undefined;
  readonly hasColours: boolean;
  readonly part: { readonly image: Omit<FilePart, 'image'>; readonly mask: Omit<FilePart, 'image'> };
  /** The distance between positions on each axis; undefined if the file does not give it. */
  readonly spacing: readonly number[] | undefined;
  /** The unit of the spacing; undefined if the file does not give it. */
  readonly spacingUnit: LengthUnit | undefined;
  /** The file that numbers the cells, if there is one. */
  readonly instances: string | undefined;
  /** Of the first file of the image. */
  readonly image: ImageFacts;
}

/** What a set tells about how an image is read. */
export interface ImageFacts {
  /** Stored numbers per position. */
  readonly samples: number;
  readonly notes: readonly ArrayNote[];
  readonly geometry: WorldGeometry | undefined;
}

/** A pair of files and what their headers say. */
export interface InspectedPair extends PairFacts {
  readonly pair: FilePair;
}

/**
 * A pair with its facts. The fields are named one by one: V8 gives each copy by `...` of what came from another thread a
 * shape of its own, which takes more memory than the fields.
 *
 * @param instances in place of those of the facts, which alike pairs share
 */
export function inspectedPair(
  pair: FilePair,
  { spatial, images, along, channels, hasColours, part, spacing, spacingUnit, image }: PairFacts,
  instances: string | undefined,
): InspectedPair {
  return { spatial, images, along, channels, hasColours, part, spacing, spacingUnit, instances, image, pair };
}

export interface InspectOptions {
  /** Spatial axes, 2 or 3; as the files have them when left out. */
  readonly rank?: 2 | 3;
  readonly sliceAxis?: SliceAxis;
}

/** A file's header, and the images in it. */
interface Inspected {
  readonly header: ArrayHeader;
  readonly layout: ImageLayout;
}

/** Files of several arrays. */
const ARRAYS = /\.(h5|hdf5?|npz)$/i;

/** The names of the arrays of a file, if a failure tells them. */
function arraysOf({ code, args }: Failure): readonly string[] | undefined {
  if (code !== 'array-not-chosen' || !('arrays' in args) || !Array.isArray(args.arrays)) return undefined;
  return args.arrays.map(String);
}

/**
 * The header of a mask, and which array of its file it is: `label`, the only array that is named as a mask, or the only array.
 * An image in the same file, or `raw` beside other arrays, is never taken for the mask.
 */
async function maskHeader(
  path: string,
  images: readonly string[],
  files: FileReader,
): Promise<{ header: ArrayHeader; array: string | undefined } | Failure> {
  if (ARRAYS.test(path)) {
    const label = await files.header(path, { array: 'label' });
    if (!(label instanceof Failure)) return { header: label, array: 'label' };
    const arrays = arraysOf(label);
    if (arrays === undefined) return label;
    const [array, ...others] = arrays.filter((name) => isMaskWord(lastPart(name)));
    if (array !== undefined && others.length === 0) {
      const header = await files.header(path, { array });
      return header instanceof Failure ? header : { header, array };
    }
    if (arrays.length !== 1 || images.includes(path)) return label;
  }
  const header = await files.header(path);
  return header instanceof Failure ? header : { header, array: undefined };
}

/** The header of an image; of a file that contains its mask as well, only an array that is named as an image. */
async function imageHeader(
  path: string,
  masks: readonly string[],
  files: FileReader,
): Promise<ArrayHeader | Failure> {
  if (!ARRAYS.test(path) || !masks.includes(path)) return files.header(path);
  const raw = await files.header(path, { array: 'raw' });
  // Of several arrays, those that are named as images count.
  return raw instanceof Failure && (arraysOf(raw)?.length ?? 0) > 1 ? files.header(path) : raw;
}

/**
 * How many spatial axes a pair has unless a caller says it, 2 or 3: as its files name them, or else as many as the one with
 * fewer axes. Of a mask with more, those before are of size 1, or it is not a mask.
 */
function rankOf(image: ArrayHeader, mask: ArrayHeader): 2 | 3 {
  return storedRank(image) ?? storedRank(mask) ?? (Math.min(image.axes.length, mask.axes.length) > 2 ? 3 : 2);
}

/** Whether a page of the file can be read without the others. */
function readsPages({ header, layout }: Inspected): boolean {
  const isPaged = header.format === 'TIFF' || header.format === 'GIF';
  return isPaged && layout.images > 1 && layout.along.join() === 'page' && header.axes[0]?.name === 'page';
}

/** The distances between positions, where the file states them for each axis of its images. */
function spacingOf({ header, layout }: Inspected): readonly number[] | undefined {
  const { geometry, axes } = header;
  if (geometry === undefined || (geometry.unit && isScreenUnit(geometry.unit))) return undefined;
  const names: readonly AxisName[] = axes
    .map(({ name }) => name)
    .filter((name) => name === 'z' || name === 'y' || name === 'x');
  const spacing = layout.axes.map((name) => geometry.spacing[names.indexOf(name)]);
  return spacing.every((one) => one !== undefined) ? spacing : undefined;
}

/** Reads the headers of a pair; a failure for each thing that does not fit. */
export async function inspectPair(
  pair: FilePair,
  options: InspectOptions = {},
  from: FileReader = eachTime,
): Promise<PairFacts | readonly Failure[]> {
  const maskPaths = pair.parts?.map(({ path }) => path) ?? [pair.mask];
  const images = await Promise.all(pair.images.map((path) => imageHeader(path, maskPaths, from)));
  const masks = await Promise.all(maskPaths.map((path) => maskHeader(path, pair.images, from)));
  const failures = [...images, ...masks].filter((one): one is Failure => one instanceof Failure);
  const [image, ...others] = images.filter((one): one is ArrayHeader => !(one instanceof Failure));
  const [mask, ...otherMasks] = masks.filter(
    (one): one is Exclude<typeof one, Failure> => !(one instanceof Failure),
  );
  if (failures.length > 0 || image === undefined || mask === undefined) return failures;
  const form = images.length + masks.length === 2 ? pairForm(image, mask.header, options) : undefined;
  const known = form === undefined ? undefined : knownForms.get(form);
  if (known) return { ...known, instances: instancesOf(pair.mask) };
  const rank = options.rank ?? rankOf(image, mask.header);
  const { sliceAxis } = options;
  const inspected = (header: ArrayHeader): Inspected | Failure => {
    const layout = layoutOf(header, { rank, ...(sliceAxis ? { sliceAxis } : {}) });
    return layout instanceof Failure ? layout : { header, layout };
  };
  const problems: Failure[] = [];
  const labels = inspected(mask.header);
  if (labels instanceof Failure) problems.push(labels);
  const files: Inspected[] = [];
  for (const header of [image, ...others]) {
    const file = inspected(header);
    if (file instanceof Failure) problems.push(file);
    else files.push(file);
  }
  if (!(labels instanceof Failure)) {
    for (const header of otherMasks.map((one) => one.header)) {
      const file = inspected(header);
      problems.push(...(file instanceof Failure ? [file] : pairProblems(file, labels)));
    }
    for (const file of files) problems.push(...pairProblems(file, labels));
  }
  const [first] = files;
  if (problems.length > 0 || labels instanceof Failure || first === undefined) return problems;
  const fixed = files.map(({ header, layout }) => fixedChannels(header, layout.samples));
  const own = fixed.length === 1 ? fixed[0] : fixed.reduce((sum: number, one) => sum + (one ?? 1), 0);
  const sliced = sliceAxis ? { sliceAxis } : {};
  const facts: PairFacts = {
    spatial: labels.layout.spatial,
    images: first.layout.images,
    along: first.layout.along.join(' x '),
    channels: own,
    hasColours: files.some(({ header, layout }) =>
      ['rgb', 'rgba'].includes(sampleKind(header, layout.samples)),
    ),
    part: {
      image: { isPage: files.every(readsPages), ...sliced },
      mask: { isPage: readsPages(labels), ...(mask.array ? { array: mask.array } : {}), ...sliced },
    },
    spacing: spacingOf(first),
    spacingUnit: first.header.geometry?.unit,
    instances: instancesOf(pair.mask),
    image: { samples: first.layout.samples, notes: image.notes, geometry: image.geometry },
  };
  if (form !== undefined && knownForms.size < MOST_FORMS) knownForms.set(form, facts);
  return facts;
}

/** What pairs of files say whose headers are alike: most sets have one kind of files. */
const knownForms = new Map<string, PairFacts>();
const MOST_FORMS = 64;

/** All that inspectPair looks at, as text; undefined for files that have more than sizes and a type. */
function pairForm(
  image: ArrayHeader,
  mask: ArrayHeader,
  { rank, sliceAxis }: InspectOptions,
): string | undefined {
  const [first, second] = [formOf(image), formOf(mask)];
  return first && second && `${rank} ${sliceAxis} ${first} ${second}`;
}

function formOf({ format, axes, type, bits, scale, colour, palette, geometry, notes }: ArrayHeader) {
  if (ARRAYS_FORMATS.includes(format) || scale || palette || geometry || notes.length > 0) return undefined;
  let text = `${format} ${type} ${bits} ${colour}`;
  for (const { name, size } of axes) text += ` ${name} ${size}`;
  return text;
}

/** A file of these has several arrays, of which one is chosen by its name. */
const ARRAYS_FORMATS: readonly FormatName[] = ['NPZ', 'HDF5', 'OME-Zarr'];

/** The map of instances that belongs to a mask: `instances/a.png` beside `masks/a.png`. */
function instancesOf(mask: string): string | undefined {
  const path = join(dirname(dirname(mask)), 'instances', basename(mask));
  return existsSync(path) ? path : undefined;
}

/** The path of a file without names of its axes that has these sizes if its last axis is its channels. */
function channelsLast({ axes, path }: ArrayHeader, spatial: readonly number[]): string | undefined {
  const sizes = sizesOf(axes).slice(0, -1);
  return axes.every(({ name }) => name === 'unnamed') && shapeText(sizes) === shapeText(spatial)
    ? path
    : undefined;
}

/** In what a file of an image does not fit its mask. */
function pairProblems(image: Inspected, mask: Inspected): readonly Failure[] {
  const differ = (difference: PairDifference) => [
    failure('pair-mismatch', { path: image.header.path, mask: mask.header.path, difference }),
  ];
  const [own, other] = [image.layout, mask.layout];
  if (shapeText(own.spatial) !== shapeText(other.spatial)) {
    const last = channelsLast(image.header, other.spatial) ?? channelsLast(mask.header, own.spatial);
    return differ({
      ...{ case: 'size', image: own.spatial, mask: other.spatial },
      ...(last === undefined ? {} : { channelsLast: last }),
    });
  }
  if (own.images !== other.images) return differ({ case: 'pages', image: own.images, mask: other.images });
  const difference = placeDifference(image.header, mask.header);
  return difference === undefined ? [] : differ(difference);
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
