import type { Overlay } from '../render/render-plane.js';
import type { LoadedChannel } from './read-page.js';

type Codes = Uint8Array | Uint16Array;

/** One slice at half, a quarter, ... of its rows and columns. */
interface Level<T> {
  readonly width: number;
  readonly height: number;
  readonly values: T;
}

// `as number`: every index is within its array, and a check would cost time at every number.

function halvedCodes({ width, height, values }: Level<Codes>): Level<Codes> {
  const [w, h] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
  const result = values instanceof Uint8Array ? new Uint8Array(w * h) : new Uint16Array(w * h);
  const [right, down] = [width > 1 ? 1 : 0, height > 1 ? width : 0];
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++, at++) {
      const from = 2 * y * width + 2 * x;
      const sum =
        (values[from] as number) +
        (values[from + right] as number) +
        (values[from + down] as number) +
        (values[from + down + right] as number);
      result[at] = (sum + 2) >> 2;
    }
  }
  return { width: w, height: h, values: result };
}

function halvedLabels({ width, height, values }: Level<Overlay['labels']>): Level<Overlay['labels']> {
  const [w, h] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
  const result = new Uint32Array(w * h);
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++, at++) result[at] = values[2 * y * width + 2 * x] as number;
  }
  return { width: w, height: h, values: result };
}

/** Slices at smaller sizes, for pictures where several positions share a pixel. The last slice's are kept. */
export class PlaneLevels {
  private readonly codes = new WeakMap<LoadedChannel, { slice: number; levels: Level<Codes>[] }>();
  private readonly labels = new WeakMap<
    Overlay['labels'],
    { slice: number; levels: Level<Overlay['labels']>[] }
  >();

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {}

  private grown<K extends object, T extends { subarray(from: number, to: number): T }>(
    kept: WeakMap<K, { slice: number; levels: Level<T>[] }>,
    key: K,
    values: T,
    slice: number,
    level: number,
    halve: (level: Level<T>) => Level<T>,
  ): T {
    const [width, height] = [this.width, this.height];
    const start = slice * width * height;
    let entry = kept.get(key);
    if (entry?.slice !== slice) {
      entry = { slice, levels: [{ width, height, values: values.subarray(start, start + width * height) }] };
      kept.set(key, entry);
    }
    for (let next = entry.levels.at(-1); next && entry.levels.length <= level; next = entry.levels.at(-1)) {
      entry.levels.push(halve(next));
    }
    return entry.levels[level]?.values ?? values;
  }

  /** The codes of a slice, with 2^level rows and columns in one. */
  codesOf(channel: LoadedChannel, slice: number, level: number): Codes {
    return this.grown<LoadedChannel, Codes>(this.codes, channel, channel.codes, slice, level, halvedCodes);
  }

  labelsOf(labels: Overlay['labels'], slice: number, level: number): Overlay['labels'] {
    return this.grown<Overlay['labels'], Overlay['labels']>(
      this.labels,
      labels,
      labels,
      slice,
      level,
      halvedLabels,
    );
  }
}
