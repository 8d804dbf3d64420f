import { Failure, failure } from '../../diagnostics/failure.js';
import { stridesOf } from '../../runtime/tensor.js';
import { commonOrder, reorderedAxes } from '../axis-order.js';
import { elementBytes, newData, type StoredData } from '../element.js';
import type { WorldGeometry } from '../geometry.js';
import { checkClaim, type OpenedArray } from '../open-array.js';
import type { ByteSource } from '../source.js';
import {
  type ArrayHeader,
  type ArrayNote,
  type Axis,
  countOf,
  type ReadOptions,
  samePalette,
  sizesOf,
} from '../stored-array.js';
import { readPageBySharp } from './by-sharp.js';
import { knowsPredictor } from './codecs/predictor.js';
import { type Directory, readStructure, Tag } from './directory.js';
import { describePage, type Page } from './page.js';
import { isSecondary, pageAxesOf } from './page-axes.js';
import type { PlaneAxes } from './plane-axes.js';
import {
  type BlockPlaces,
  blockPlaces,
  type PlacedPage,
  placeBlock,
  readBlocks,
  type Target,
} from './read-blocks.js';
import { regionReader } from './read-region.js';

const shapeOf = (page: Page) => [page.samples, page.height, page.width];

function isAlike(a: Page, b: Page): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.samples === b.samples &&
    a.type === b.type &&
    a.bits === b.bits &&
    (a.photometric === 0) === (b.photometric === 0) &&
    (a.colour === 'palette') === (b.colour === 'palette') &&
    samePalette(a.palette, b.palette)
  );
}

/** Describes one image and says whether it can be decoded. */
function locate(path: string, directory: Directory, index: number): PlacedPage | Failure {
  const page = describePage(path, directory);
  if (page instanceof Failure) return page;
  if (page.compression.by === undefined) {
    return failure('compression-unread', { path, format: 'TIFF', compression: page.compression.name });
  }
  if (page.compression.name === 'JPEG' && page.bits !== 8) {
    return failure('compression-unread', { path, format: 'TIFF', compression: `JPEG of ${page.bits} bits` });
  }
  if (!knowsPredictor(page)) {
    const compression = `${page.compression.name} with predictor ${page.predictor} of ${page.bits} bits`;
    return failure('compression-unread', { path, format: 'TIFF', compression });
  }
  const places = blockPlaces(page);
  if (places === undefined) return failure('header-damaged', { path, format: 'TIFF', problem: 'blocks' });
  return { page, places, index };
}

interface FoundPages {
  readonly first: PlacedPage;
  /** Each page, or why it is not read. */
  readonly pages: readonly (PlacedPage | Failure)[];
  /** How many smaller copies there are. */
  readonly reduced: number;
}

/** The images of the file that may be read: all full-size ones, or the page that was asked for. */
function locateAll(
  path: string,
  directories: readonly Directory[],
  wanted: number | undefined,
): FoundPages | Failure {
  const numbered = directories.map((directory, index) => ({ directory, index }));
  const primary = numbered.filter(({ directory, index }) => index === 0 || !isSecondary(directory));
  const reduced = numbered.length - primary.length;
  const chosen = wanted === undefined ? primary : primary.slice(wanted, wanted + 1);
  const pages = chosen.map(({ directory, index }) => locate(path, directory, index));
  const [first] = pages;
  if (first instanceof Failure) return first;
  if (first !== undefined) return { first, pages, reduced };
  return failure('page-missing', { path, page: wanted ?? 0, pages: primary.length });
}

/** The pages that make up the array, by their numbers; a failure if they are not alike. */
function alikePages(
  path: string,
  { first, pages }: FoundPages,
  planes: readonly number[],
): ReadonlyMap<number, PlacedPage> | Failure {
  const used = new Map<number, PlacedPage>();
  for (const number of new Set(planes)) {
    const page = pages[number] ?? first;
    if (page instanceof Failure) return page;
    if (!isAlike(first.page, page.page)) {
      return failure('pages-differ', {
        path,
        page: number,
        first: shapeOf(first.page),
        other: shapeOf(page.page),
      });
    }
    used.set(number, page);
  }
  return used;
}

function pageBytes({ width, height, samples, bits, planar }: Page): number {
  return planar
    ? Math.ceil((width * bits) / 8) * height * samples
    : Math.ceil((width * samples * bits) / 8) * height;
}

/** The spacing of the spatial axes, where the file states one for each of them. */
function geometryOf(axes: readonly Axis[], { spacing, unit }: PlaneAxes): WorldGeometry | undefined {
  if (unit === undefined) return undefined;
  const spatial = axes.filter(({ name }) => name === 'z' || name === 'y' || name === 'x');
  const values = spatial.flatMap(({ name }) => spacing[name] ?? []);
  if (values.length !== spatial.length) return undefined;
  return { affine: undefined, spacing: values, unit, orientation: undefined };
}

interface Arrangement {
  readonly axes: readonly Axis[];
  /** Where plane i of the file begins in the array, and how far apart the samples of a pixel are. */
  readonly startOf: (plane: number) => number;
  readonly sampleStride: number;
}

/** Places planes and samples so that the axes come in the common order. */
function arrange(page: Page, outer: readonly Axis[]): Arrangement {
  const samples: Axis[] = page.samples > 1 ? [{ name: 'channel', size: page.samples }] : [];
  const stored: Axis[] = [
    ...outer,
    ...samples,
    { name: 'y', size: page.height },
    { name: 'x', size: page.width },
  ];
  const order = commonOrder(stored);
  const sorted = reorderedAxes(stored, order);
  const strides = stridesOf(sizesOf(sorted));
  const strideOf = (position: number) => strides[order.indexOf(position)] ?? 0;
  const outerStrides = stridesOf(sizesOf(outer));
  const startOf = (plane: number) =>
    outer.reduce((start, { size }, i) => {
      const index = Math.floor(plane / (outerStrides[i] ?? 1)) % size;
      return start + index * strideOf(i);
    }, 0);
  // Channels of pages and samples of a pixel are one axis.
  const axes: Axis[] = [];
  for (const axis of sorted) {
    const last = axes.at(-1);
    if (last?.name === axis.name) axes.splice(-1, 1, { name: axis.name, size: last.size * axis.size });
    else axes.push(axis);
  }
  return { axes, startOf, sampleStride: samples.length > 0 ? strideOf(outer.length) : 0 };
}

/** Copies planes that follow each other without directories of their own. */
function readContiguous(
  source: ByteSource,
  { page, places }: PlacedPage,
  plane: number,
): { readonly page: Page; readonly places: BlockPlaces } {
  const offset = (places.offsets[0] ?? 0) + plane * pageBytes(page);
  const rows = { ...page.block, height: page.height };
  const planes = page.planar ? page.samples : 1;
  const bytes = pageBytes(page) / planes;
  return {
    page: { ...page, block: rows },
    places: {
      offsets: Array.from({ length: planes }, (_, i) => offset + i * bytes),
      counts: Array.from({ length: planes }, () => Math.min(bytes, source.size)),
      across: 1,
      down: 1,
    },
  };
}

/** Opens a TIFF: classic or BigTIFF, of either order of bytes. */
export async function openTiff(source: ByteSource, options: ReadOptions): Promise<OpenedArray | Failure> {
  const { path } = source;
  const structure = readStructure(source);
  if (structure instanceof Failure) return structure;
  const { directories, little } = structure;
  // A stack of ImageJ may have one directory for all of its pages.
  const all = locateAll(path, directories, directories.length > 1 ? options.page : undefined);
  if (all instanceof Failure) return all;
  const { first } = all;
  const { page } = first;
  const start = first.places.offsets[0] ?? 0;
  const room = (planes: number) => start + planes * pageBytes(page) <= source.size;
  const named = pageAxesOf(path, page, all.pages.length, room);
  if (named instanceof Failure) return named;
  const pageAxes = options.page === undefined ? named : onePageOf(named);
  const firstPlane = named.contiguous ? (options.page ?? 0) : 0;
  if (directories.length === 1 && (options.page ?? 0) >= Math.max(1, named.planes.length)) {
    return failure('page-missing', { path, page: options.page ?? 0, pages: named.planes.length });
  }
  const pages = alikePages(path, all, pageAxes.planes);
  if (pages instanceof Failure) return pages;
  const { axes, startOf, sampleStride } = arrange(page, pageAxes.axes);
  const notes: ArrayNote[] = [
    ...page.notes,
    ...pageAxes.notes,
    ...(all.reduced > 0 ? [{ kind: 'reduced-images', count: all.reduced } as const] : []),
    ...(page.directory.has(Tag.subIfds)
      ? [{ kind: 'reduced-images', count: page.directory.countOf(Tag.subIfds) } as const]
      : []),
  ];
  const geometry = geometryOf(axes, pageAxes);
  const header: ArrayHeader = {
    path,
    format: 'TIFF',
    axes,
    type: page.type,
    bits: page.bits,
    scale: undefined,
    colour: axes.some(({ name, size }) => name === 'channel' && size > page.samples)
      ? 'samples'
      : page.colour,
    ...(page.palette ? { palette: page.palette } : {}),
    ...(geometry ? { geometry } : {}),
    notes,
  };
  const storedOf = ({ places }: PlacedPage) =>
    places.counts.reduce((sum, count) => sum + Math.min(count, source.size), 0);
  const used = [...pages.values()];
  const sparse = used.some(({ places }) => places.counts.some((count) => count === 0));
  const stored = pageAxes.contiguous
    ? source.size - start
    : sparse
      ? source.size
      : used.reduce((sum, one) => sum + storedOf(one), 0);
  // Blocks that were never written stand for any number of zeros.
  const wrong = checkClaim(header, {
    stored,
    ratio: sparse ? 2 ** 22 : page.compression.ratio,
    packed: page.bits % 8 !== 0 || elementBytes[page.type] * 8 !== page.bits,
  });
  if (wrong) return wrong;
  const read = async (): Promise<StoredData | Failure> => {
    const data = newData(page.type, countOf(sizesOf(axes)));
    for (const [plane, index] of pageAxes.planes.entries()) {
      const located = pages.get(index) ?? first;
      const target = { data, start: startOf(plane), sampleStride };
      const problem = await readPlane(
        source,
        located,
        little,
        target,
        pageAxes.contiguous ? firstPlane + plane : undefined,
      );
      if (problem) return problem;
    }
    return data;
  };
  const readRegion = regionReader({ source, little, first, pages }, pageAxes, axes);
  return { header, read, ...(readRegion ? { readRegion } : {}) };
}

/** What remains where one page is read. */
function onePageOf(axes: PlaneAxes): PlaneAxes {
  const notes = axes.notes.filter(({ kind }) => kind !== 'axes-ignored');
  return { ...axes, axes: [], planes: [0], notes };
}

async function readPlane(
  source: ByteSource,
  located: PlacedPage,
  little: boolean,
  target: Target,
  contiguousPlane: number | undefined,
): Promise<Failure | undefined> {
  if (contiguousPlane !== undefined) {
    const { page, places } = readContiguous(source, located, contiguousPlane);
    return readBlocks(source, page, places, little, target);
  }
  const { page, places, index } = located;
  if (page.compression.by === 'blocks') return readBlocks(source, page, places, little, target);
  const elements = await readPageBySharp(source.path, index, page);
  if (elements instanceof Failure) return elements;
  placeBlock(page, elements, page, { x: 0, y: 0 }, target);
  return undefined;
}
