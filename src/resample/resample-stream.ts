import type { ImageValues } from '../normalize/normalize-image.js';
import type { PositionRange } from './axis-taps.js';
import { needsRanges, planeChain, type Resampling } from './plane-chain.js';
import { RangeMeter } from './range-meter.js';
import type { ValueRange } from './value-range.js';

/** What becomes of the planes of the result: one item for each, made from the values of all channels. */
interface Collection<Item> {
  /** The item of a plane with so many positions, before its first channel. */
  make(positions: number): Item;
  /** Channels come in their order. `values` is used again afterwards. */
  enter(item: Item, values: Float32Array, channel: number): void;
}

/** Resamples an image of any length, of which it keeps a fixed number of planes. */
export interface PlaneStream<Item> {
  /** Which planes of the input, along the first spatial axis, it takes. */
  readonly inputs: PositionRange;
  /**
   * Takes the next planes, (C, n, ...other spatial axes), and gives the planes of the result that are complete now, in
   * their order. All have come when the last of `inputs` was taken; throws for more.
   */
  push(band: ImageValues): readonly Item[];
}

function planeStream<Item>(
  channels: number,
  resampling: Resampling,
  ranges: readonly (readonly ValueRange[])[] | undefined,
  { make, enter }: Collection<Item>,
): PlaneStream<Item> {
  const count = (sizes: readonly number[]) => sizes.slice(1).reduce((product, size) => product * size, 1);
  const [plane, newPlane] = [count(resampling.from), count(resampling.to)];
  const room = new Float32Array(newPlane);
  let items: Item[] = [];
  let reached = 0;
  let taken = 0;
  const chains = Array.from({ length: channels }, (_, channel) =>
    planeChain(resampling, ranges?.[channel], {
      room: () => room,
      push: (values) => {
        if (reached === items.length) items.push(make(newPlane));
        // `as Item`: it was made above or for an earlier channel.
        enter(items[reached] as Item, values, channel);
        reached += 1;
      },
    }),
  );
  const inputs = chains[0]?.inputs ?? { first: 0, end: 0 };
  return {
    inputs,
    push: ({ data }) => {
      const planes = data.length / (channels * plane);
      taken += planes;
      if (taken > inputs.end - inputs.first) throw new Error(`${taken} planes for a stream that takes fewer`);
      items = [];
      for (const [channel, { sink }] of chains.entries()) {
        reached = 0;
        for (let i = 0; i < planes; i++) {
          const start = (channel * planes + i) * plane;
          sink.push(data.subarray(start, start + plane));
        }
      }
      return items;
    },
  };
}

/**
 * Resamples an image plane by plane along its first spatial axis; the items are planes (C, ...other spatial axes). The
 * result is that of `resampleImage`.
 *
 * It keeps up to 34 planes of each channel where the first axis is cubic, and two where it is linear.
 *
 * @param ranges what cubic interpolation is clipped to, from a RangeMeter over the whole image; not clipped when left out
 */
export function resampleStream(
  channels: number,
  resampling: Resampling,
  ranges?: readonly (readonly ValueRange[])[],
): PlaneStream<Float32Array> {
  return planeStream(channels, resampling, ranges, {
    make: (positions) => new Float32Array(channels * positions),
    enter: (item, values, channel) => item.set(values, channel * values.length),
  });
}

/** Classes of positions. */
export type LabelPlane = Uint8Array | Uint16Array;

/**
 * Resamples logits, (C, ...spatial), linearly, and gives the class with the largest one at each position of the new grid,
 * the first of equal ones: planes (...other spatial axes), of 16 bits for more than 256 classes.
 *
 * It keeps two planes of logits for each class.
 */
export function labelStream(classes: number, resampling: Omit<Resampling, 'order'>): PlaneStream<LabelPlane> {
  const stream = planeStream(classes, { ...resampling, order: 1 }, undefined, {
    make: (positions) => ({
      labels: classes > 256 ? new Uint16Array(positions) : new Uint8Array(positions),
      best: new Float32Array(positions).fill(Number.NEGATIVE_INFINITY),
    }),
    enter: ({ labels, best }, values, label) => {
      for (let k = 0; k < values.length; k++) {
        // `as number`: all three have the length of `values`.
        const value = values[k] as number;
        if (value <= (best[k] as number)) continue;
        best[k] = value;
        labels[k] = label;
      }
    },
  });
  return {
    inputs: stream.inputs,
    push: (band) => stream.push(band).map(({ labels }) => labels),
  };
}

/** Reads planes `first` to `end` - 1 of an image along its first spatial axis: (C, end - first, ...other spatial axes). */
export type ReadPlanes = (planes: PositionRange) => ImageValues | Promise<ImageValues>;

/**
 * `resampleStream` over an image that is read `bandSize` planes at a time, for as long as its planes are asked for. The
 * image is read twice if its ranges are needed and not given: they are those of the whole image, also for `rows`.
 */
export async function* resamplePlanes(
  read: ReadPlanes,
  channels: number,
  resampling: Resampling,
  {
    bandSize = 1,
    ranges,
  }: { readonly bandSize?: number; readonly ranges?: readonly (readonly ValueRange[])[] } = {},
): AsyncGenerator<Float32Array> {
  const clip = needsRanges(resampling)
    ? (ranges ?? (await measured(read, channels, resampling, bandSize)))
    : undefined;
  const stream = resampleStream(channels, resampling, clip);
  for (const band of bands(stream.inputs, bandSize)) yield* stream.push(await read(band));
}

async function measured(read: ReadPlanes, channels: number, resampling: Resampling, bandSize: number) {
  const meter = new RangeMeter(channels, resampling);
  const all = { first: 0, end: resampling.from[0] ?? 1 };
  for (const band of bands(all, bandSize)) meter.add(await read(band));
  return meter.ranges;
}

function* bands({ first, end }: PositionRange, size: number): Generator<PositionRange> {
  for (let at = first; at < end; at += size) yield { first: at, end: Math.min(end, at + size) };
}
