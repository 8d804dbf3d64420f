import type { LabelArray } from '../label-array.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every pixel.

/** A part of a plane, in pixels: the first row and column, and those after the last. */
export interface PixelBox {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Steps along the edges of pixels, each a right turn after the one before: to the right, down, to the left, up. */
const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;
/** Set at a point of the current path that the path comes to again. */
const AWAITED = 16;

/**
 * The rings around the pixels of a number, which lie in a box: x, y, x, y, ... of their corners. The pixels are to the right
 * of a ring on a screen. A path that comes to one of its points again is cut there into two rings, so none touches itself.
 */
export function ringsOf(
  labels: LabelArray,
  width: number,
  number: number,
  { top, bottom, left, right }: PixelBox,
): number[][] {
  const columns = right - left + 1;
  // By point of the grid between pixels, a bit for each step that leaves it: 1, 2, 4, 8 as in STEPS.
  const edges = new Uint8Array(columns * (bottom - top + 1));
  const mark = (at: number, step: number) => {
    edges[at] = (edges[at] as number) | (1 << step);
  };
  const isOut = (x: number, y: number) =>
    x < left || x >= right || y < top || y >= bottom || labels[y * width + x] !== number;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (labels[y * width + x] !== number) continue;
      const corner = (y - top) * columns + x - left;
      if (isOut(x, y - 1)) mark(corner, 0);
      if (isOut(x + 1, y)) mark(corner + 1, 1);
      if (isOut(x, y + 1)) mark(corner + columns + 1, 2);
      if (isOut(x - 1, y)) mark(corner + columns, 3);
    }
  }
  const rings: number[][] = [];
  const close = (points: readonly number[]) => {
    rings.push(points.flatMap((at) => [(at % columns) + left, Math.floor(at / columns) + top]));
  };
  for (let start = 0; start < edges.length; start++) {
    while (edges[start] !== 0) walk(edges, start, columns, close);
  }
  return rings;
}

/** Walks from a point until it comes back to it, and takes the edges on its way. Calls `close` with the corners of each ring. */
function walk(
  edges: Uint8Array,
  start: number,
  columns: number,
  close: (points: readonly number[]) => void,
): void {
  const path: number[] = [];
  /** Where in the path the points are that it comes to again. */
  const awaited = new Map<number, number>();
  let [at, step] = [start, -1];
  do {
    const leaving = edges[at] as number;
    const place = (leaving & AWAITED) === 0 ? undefined : awaited.get(at);
    if (place !== undefined) {
      const ring = path.splice(place + 1);
      for (const point of ring) awaited.delete(point);
      close([at, ...ring]);
    }
    const next = nextStep(leaving, step);
    // The path turns wherever it comes to a point again, so such a point is in it already.
    if (next !== step && place === undefined) path.push(at);
    const hasMore = (leaving & 15 & ~(1 << next)) !== 0;
    if (hasMore && at !== start) awaited.set(at, path.length - 1);
    edges[at] = (leaving & 15 & ~(1 << next)) | (hasMore ? AWAITED : 0);
    const [dx, dy] = STEPS[next] as (typeof STEPS)[number]; // `next` is 0 to 3
    at += dy * columns + dx;
    step = next;
  } while (at !== start);
  close(path);
  edges[start] = (edges[start] as number) & 15;
}

/** The step that leaves a point: a right turn where two do, so that the path stays at its pixel. The first one at the start. */
function nextStep(leaving: number, step: number): number {
  const turned = (step + 1) % 4;
  if (step >= 0 && (leaving & (1 << turned)) !== 0) return turned;
  return 31 - Math.clz32(leaving & 15 & -(leaving & 15));
}
