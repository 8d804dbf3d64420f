import { connectedComponents } from '../components/connected-components.js';
import type { ObjectPlane } from './exported-objects.js';
import { ringsOf } from './trace-rings.js';

/** A closed line along the edges of pixels: x, y, x, y, ... of its corners. The first is not repeated at the end. */
export type Ring = readonly number[];

/** An area without the holes in it. */
export interface OutlinePolygon {
  /** Clockwise on a screen, whose y axis points down: its area by the shoelace formula is positive. */
  readonly outer: Ring;
  /** Counterclockwise on a screen. */
  readonly holes: readonly Ring[];
}

/** An object as polygons that cover exactly its pixels: pixel (x, y) is the square from (x, y) to (x + 1, y + 1). */
export interface ObjectOutline {
  readonly object: number;
  readonly polygons: readonly OutlinePolygon[];
  /** How many pixels it has. */
  readonly area: number;
}

/**
 * The outlines of all objects of a plane, by their numbers. Every part that is connected through edges of pixels is a polygon
 * of its own, and no ring touches itself, so that the polygons are valid as OGC Simple Features defines it: rings meet
 * in single points only.
 */
export function outlinesOf({ labels, height, width }: Omit<ObjectPlane, 'slice'>): readonly ObjectOutline[] {
  const parts = connectedComponents(labels, [height, width], 'faces');
  const outlines = new Map<number, { object: number; polygons: OutlinePolygon[]; area: number }>();
  for (let part = 1; part <= parts.count; part++) {
    const [top = 0, bottom = 0, left = 0, right = 0] = parts.boxes.subarray(4 * part, 4 * part + 4);
    const rings = ringsOf(parts.labels, width, part, { top, bottom, left, right });
    const outer = rings.find((ring) => twiceArea(ring) > 0);
    if (!outer) throw new Error('a part of an object has no outline');
    const object = parts.values[part] ?? 0;
    const outline = outlines.get(object) ?? { object, polygons: [], area: 0 };
    outline.polygons.push({ outer, holes: rings.filter((ring) => ring !== outer) });
    outline.area += parts.sizes[part] ?? 0;
    outlines.set(object, outline);
  }
  return [...outlines.values()].sort((a, b) => a.object - b.object);
}

/** Twice the area by the shoelace formula: positive if it runs from the x axis to the y axis. */
function twiceArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const [x = 0, y = 0] = [ring[i], ring[i + 1]];
    const [nextX = 0, nextY = 0] = i + 2 < ring.length ? [ring[i + 2], ring[i + 3]] : ring;
    sum += x * nextY - nextX * y;
  }
  return sum;
}
