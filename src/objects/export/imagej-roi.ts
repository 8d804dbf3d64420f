import { classOf, type ExportedObjects, type ObjectClass, planesOf } from './exported-objects.js';
import { type ObjectOutline, outlinesOf } from './outlines.js';
import { type ZippedFile, zipStored } from './stored-zip.js';

/** Offsets and sizes of ij.io.RoiEncoder (ImageJ 1.52i, version 228 of the format). Numbers are big-endian. */
const HEADER = 64;
const HEADER2 = 64;
const VERSION = 228;
const TYPE = { rectangle: 1, traced: 8 } as const;
const AT = {
  version: 4,
  type: 6,
  top: 8,
  left: 10,
  bottom: 12,
  right: 14,
  points: 16,
  shapeSize: 36,
  strokeColor: 40,
  position: 56,
  header2: 60,
} as const;
const AT2 = { nameOffset: 16, nameLength: 20 } as const;
/** Steps of a path (java.awt.geom.PathIterator). */
const [MOVE, LINE, CLOSE] = [0, 1, 4];

/** The most points of a polygon. */
const MOST_POINTS = 65_535;
/** The largest coordinate of a polygon: RoiDecoder reads larger ones as negative. */
const LARGEST = 60_535;

/**
 * A zip archive of `.roi` files as Fiji's ROI Manager saves it, in chunks. Each object is a selection along the edges of its
 * pixels, as the wand tool makes it, with the color of its class: a traced polygon, or a composite selection if it has holes or
 * several parts. An object of a volume is a selection in each slice that it is in.
 */
export function imageJRoiZip(objects: ExportedObjects): Generator<Uint8Array> {
  return zipStored(imageJRois(objects));
}

/** The files of the archive. */
export function* imageJRois(objects: ExportedObjects): Generator<ZippedFile> {
  for (const { slice, ...plane } of planesOf(objects)) {
    for (const outline of outlinesOf(plane)) {
      const shown = classOf(objects, outline.object);
      const number = `${outline.object}`.padStart(4, '0');
      const place = slice === undefined ? '' : `-z${`${slice + 1}`.padStart(4, '0')}`;
      const name = `${number}-${shown.name.replace(/[/\\:]/g, '_')}${place}`;
      yield { name: `${name}.roi`, bytes: roiBytes(outline, name, shown, slice) };
    }
  }
}

function roiBytes(
  { polygons }: ObjectOutline,
  name: string,
  { color }: ObjectClass,
  slice: number | undefined,
): Uint8Array {
  const rings = polygons.flatMap(({ outer, holes }) => [outer, ...holes]);
  const { left, top, right, bottom } = boundsOf(rings.flat());
  const [ring = []] = rings;
  const isPlain = rings.length === 1 && ring.length <= 2 * MOST_POINTS && Math.max(right, bottom) <= LARGEST;
  const path = isPlain ? [] : rings.flatMap(pathOf);
  const body = isPlain ? 2 * ring.length : 4 * path.length;
  const bytes = new Uint8Array(HEADER + body + HEADER2 + 2 * name.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('Iout'));
  view.setUint16(AT.version, VERSION);
  view.setUint8(AT.type, isPlain ? TYPE.traced : TYPE.rectangle);
  view.setUint16(AT.top, top);
  view.setUint16(AT.left, left);
  view.setUint16(AT.bottom, bottom);
  view.setUint16(AT.right, right);
  view.setUint32(AT.strokeColor, ((255 << 24) | (color[0] << 16) | (color[1] << 8) | color[2]) >>> 0);
  view.setUint32(AT.position, slice === undefined ? 0 : slice + 1);
  if (isPlain) {
    view.setUint16(AT.points, ring.length / 2);
    for (const [i, coordinate] of ring.entries()) {
      // All x, then all y, from the upper left corner of the bounds.
      const at = HEADER + i + (i % 2 === 0 ? 0 : ring.length - 1);
      view.setUint16(at, coordinate - (i % 2 === 0 ? left : top));
    }
  } else {
    view.setUint32(AT.shapeSize, path.length);
    for (const [i, value] of path.entries()) view.setFloat32(HEADER + 4 * i, value);
  }
  const header2 = HEADER + body;
  view.setUint32(AT.header2, header2);
  view.setUint32(header2 + AT2.nameOffset, header2 + HEADER2);
  view.setUint32(header2 + AT2.nameLength, name.length);
  for (let i = 0; i < name.length; i++) view.setUint16(header2 + HEADER2 + 2 * i, name.charCodeAt(i));
  return bytes;
}

function pathOf(ring: readonly number[]): number[] {
  const path: number[] = [];
  for (let i = 0; i < ring.length; i += 2) path.push(i === 0 ? MOVE : LINE, ring[i] ?? 0, ring[i + 1] ?? 0);
  return [...path, CLOSE];
}

function boundsOf(points: readonly number[]) {
  const bounds = { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: 0, bottom: 0 };
  for (let i = 0; i < points.length; i += 2) {
    const [x = 0, y = 0] = [points[i], points[i + 1]];
    bounds.left = Math.min(bounds.left, x);
    bounds.right = Math.max(bounds.right, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}
