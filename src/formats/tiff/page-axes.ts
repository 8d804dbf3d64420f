import { type Failure, failure } from '../../diagnostics/failure.js';
import type { ArrayNote, Axis, AxisName } from '../stored-array.js';
import { unitNamed } from '../unit-names.js';
import { type Directory, Tag } from './directory.js';
import { readOme } from './ome.js';
import type { Page } from './page.js';
import type { PlaneAxes } from './plane-axes.js';

const counted = (count: number) => Array.from({ length: count }, (_, i) => i);

function plainAxes(pages: number, notes: readonly ArrayNote[] = []): PlaneAxes {
  return {
    axes: pages > 1 ? [{ name: 'page', size: pages }] : [],
    planes: counted(pages),
    contiguous: false,
    spacing: {},
    unit: undefined,
    notes,
  };
}

/** The lines "name=value" of ImageJ's description. */
function imageJFields(text: string): ReadonlyMap<string, string> | undefined {
  if (!text.startsWith('ImageJ=')) return undefined;
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const] : [];
    }),
  );
}

const sizeIn = (fields: ReadonlyMap<string, string>, name: string): number => {
  const value = Number(fields.get(name) ?? '1');
  return Number.isSafeInteger(value) && value >= 1 ? value : 1;
};

/** ImageJ's pages are frames of slices of channels. */
function imageJAxes(
  fields: ReadonlyMap<string, string>,
  first: Page,
  pages: number,
  room: (planes: number) => boolean,
): PlaneAxes {
  const axes: Axis[] = [
    { name: 'time', size: sizeIn(fields, 'frames') },
    { name: 'z', size: sizeIn(fields, 'slices') },
    { name: 'channel', size: sizeIn(fields, 'channels') },
  ];
  const named = axes.reduce((product, { size }) => product * size, 1);
  const images = sizeIn(fields, 'images');
  // Without names for the axes the images are one.
  const total = named === 1 ? images : named;
  const contiguous = pages === 1 && total > 1 && first.compression.name === 'none' && room(total);
  if (total !== pages && !contiguous) return plainAxes(pages, [{ kind: 'axes-ignored', source: 'ImageJ' }]);
  const unit = unitNamed(fields.get('unit'));
  const resolution = (tag: number) => {
    const value = first.directory.number(tag);
    return unit !== undefined && value !== undefined && value > 0 && Number.isFinite(value)
      ? 1 / value
      : undefined;
  };
  const [x, y] = [resolution(Tag.xResolution), resolution(Tag.yResolution)];
  const z = Number(fields.get('spacing'));
  return {
    axes: named === 1 && total > 1 ? [{ name: 'page', size: total }] : axes.filter(({ size }) => size > 1),
    planes: contiguous ? Array.from({ length: total }, () => 0) : counted(total),
    contiguous,
    spacing: {
      ...(x === undefined ? {} : { x }),
      ...(y === undefined ? {} : { y }),
      ...(z > 0 && Number.isFinite(z) ? { z } : {}),
    },
    unit,
    notes: [],
  };
}

const LETTERS: Readonly<Record<string, AxisName>> = {
  T: 'time',
  Z: 'z',
  C: 'channel',
  I: 'page',
  Q: 'page',
  R: 'page',
};

interface Shaped {
  readonly shape: readonly number[];
  readonly axes?: string;
}

/** The JSON that tifffile writes: the shape of the whole array, and the names of its axes where it was given them. */
function shapedOf(text: string): Shaped | undefined {
  if (!text.startsWith('{"shape":')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('shape' in value) || !Array.isArray(value.shape)) {
      return undefined;
    }
    const shape = value.shape.filter((size): size is number => Number.isSafeInteger(size) && size >= 1);
    if (shape.length !== value.shape.length) return undefined;
    return 'axes' in value && typeof value.axes === 'string' ? { shape, axes: value.axes } : { shape };
  } catch {
    return undefined;
  }
}

function shapedAxes(
  { shape, axes: letters }: Shaped,
  first: Page,
  pages: number,
  room: (planes: number) => boolean,
): PlaneAxes {
  const total =
    shape.reduce((product, size) => product * size, 1) / (first.width * first.height * first.samples);
  const contiguous = pages === 1 && total > 1 && first.compression.name === 'none' && room(total);
  const ignored = plainAxes(
    pages,
    letters === undefined ? [] : [{ kind: 'axes-ignored', source: 'tifffile' }],
  );
  if (!contiguous && total !== pages) return ignored;
  const planes = contiguous ? Array.from({ length: total }, () => 0) : counted(total);
  const base = { planes, contiguous, spacing: {}, unit: undefined, notes: [] };
  const page: Axis[] = total > 1 ? [{ name: 'page', size: total }] : [];
  if (letters === undefined || letters.length !== shape.length) return { ...base, axes: page };
  const outer = [...letters].flatMap((letter, i) => {
    const size = shape[i] ?? 1;
    return 'YXS'.includes(letter) || size === 1 ? [] : [{ name: LETTERS[letter], size }];
  });
  const named = outer.flatMap(({ name, size }) => (name ? [{ name, size }] : []));
  const distinct = new Set(named.map(({ name }) => name)).size === outer.length;
  const product = named.reduce((result, { size }) => result * size, 1);
  return distinct && product === total ? { ...base, axes: named } : { ...base, axes: page };
}

/**
 * Names the axes that the pages form, by what ImageJ, OME or tifffile wrote into the description. `room` tells whether
 * the file has the bytes of so many planes after the first strip's offset.
 */
export function pageAxesOf(
  path: string,
  first: Page,
  pages: number,
  room: (planes: number) => boolean,
): PlaneAxes | Failure {
  const text = first.directory.text(Tag.imageDescription);
  const imageJ = imageJFields(text);
  if (imageJ !== undefined) return imageJAxes(imageJ, first, pages, room);
  const shaped = shapedOf(text);
  if (shaped !== undefined) return shapedAxes(shaped, first, pages, room);
  const ome = readOme(text, first, pages);
  if (ome === undefined) return plainAxes(pages);
  if (ome === 'contradictory') return plainAxes(pages, [{ kind: 'axes-ignored', source: 'OME' }]);
  if ('here' in ome) return failure('planes-elsewhere', { path, planes: ome.planes, here: ome.here });
  return ome;
}

/** Whether a directory is a smaller copy, or a mask, of another image of the file. */
export function isSecondary(directory: Directory): boolean {
  // Bit 0: of reduced resolution; bit 2: a mask of transparency.
  return ((directory.number(Tag.newSubfileType) ?? 0) & 0b101) !== 0;
}
