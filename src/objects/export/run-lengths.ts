import type { ObjectPlane } from './exported-objects.js';
import type { PixelBox } from './trace-rings.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every pixel.

/** The mask of an object in a plane. */
export interface RunLengths {
  readonly object: number;
  /**
   * The lengths of runs down the columns, from the left column to the right one: of pixels outside of the object (first
   * perhaps 0) and in it, in turn.
   */
  readonly counts: readonly number[];
  readonly area: number;
  readonly box: PixelBox;
}

interface Run {
  readonly counts: number[];
  area: number;
  /** The place after the last pixel of the object so far, counted down the columns. */
  end: number;
  top: number;
  bottom: number;
  readonly left: number;
  right: number;
}

/** The run lengths of all objects of a plane, by their numbers. */
export function runLengthsOf({ labels, height, width }: Omit<ObjectPlane, 'slice'>): readonly RunLengths[] {
  const runs = new Map<number, Run>();
  for (let x = 0; x < width; x++) {
    let y = 0;
    while (y < height) {
      const object = labels[y * width + x] as number;
      const from = y;
      do y++;
      while (y < height && labels[y * width + x] === object);
      if (object !== 0) addRun(runs, object, x, from, y, x * height);
    }
  }
  const all = [...runs].sort(([a], [b]) => a - b);
  return all.map(([object, { counts, area, end, ...box }]) => {
    const rest = height * width - end;
    return { object, counts: rest === 0 ? counts : [...counts, rest], area, box };
  });
}

function addRun(
  runs: Map<number, Run>,
  object: number,
  x: number,
  from: number,
  to: number,
  column: number,
): void {
  const start = column + from;
  const length = to - from;
  const known = runs.get(object);
  if (!known) {
    const box = { top: from, bottom: to, left: x, right: x + 1 };
    runs.set(object, { counts: [start, length], area: length, end: column + to, ...box });
    return;
  }
  // A run that ends at the foot of a column goes on at the head of the next.
  if (known.end === start) known.counts.push((known.counts.pop() ?? 0) + length);
  else known.counts.push(start - known.end, length);
  known.end = column + to;
  known.area += length;
  known.top = Math.min(known.top, from);
  known.bottom = Math.max(known.bottom, to);
  known.right = x + 1;
}
