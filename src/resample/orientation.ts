import type { ImageValues } from '../normalize/normalize-image.js';

/** How the axes of an image are permuted and reversed. */
export interface Turn {
  /** Axis i of the result is axis `order[i]` of the source: 0 is the first, slowest one. */
  readonly order: readonly number[];
  /** Whether axis i of the result runs against its axis of the source. */
  readonly reversed: readonly boolean[];
}

/** The world's directions in pairs: R and L, A and P, S and I. */
const PAIRS = ['RL', 'AP', 'SI'] as const;

const pairOf = (letter: string) => PAIRS.findIndex((pair) => pair.includes(letter));

/**
 * The turn from a volume whose orientation is `from` to one whose orientation is `to`. The codes say where the index
 * axes x, y and z lead, as nibabel's do: in "RAS", x leads to the right, y to the front and z up. The arrays have the
 * opposite order, (z, y, x). Undefined where one of them is not an orientation in space.
 */
export function turnBetween(from: string, to: string): Turn | undefined {
  const letters = (code: string) => [...code.toUpperCase()].reverse();
  const [source, target] = [letters(from), letters(to)];
  const isCode = (code: readonly string[]) =>
    code.length === 3 && new Set(code.map(pairOf)).size === 3 && !code.some((letter) => pairOf(letter) < 0);
  if (!isCode(source) || !isCode(target)) return undefined;
  const order = target.map((letter) => source.findIndex((other) => pairOf(other) === pairOf(letter)));
  return { order, reversed: target.map((letter, i) => letter !== source[order[i] ?? 0]) };
}

/** The turn that leaves all axes where they are. */
export function noTurn(axes: number): Turn {
  const order = Array.from({ length: axes }, (_, i) => i);
  return { order, reversed: order.map(() => false) };
}

/** The turn back. */
export function inverseTurn({ order, reversed }: Turn): Turn {
  const back = order.map((_, axis) => order.indexOf(axis));
  return { order: back, reversed: back.map((i) => reversed[i] ?? false) };
}

/** Whether a turn leaves everything where it is. */
export function isNoTurn({ order, reversed }: Turn): boolean {
  return order.every((axis, i) => axis === i) && !reversed.includes(true);
}

/** Numbers by axis (sizes, spacing, axis names), after the turn. */
export function turnedAxes<Value>(values: readonly Value[], { order }: Turn): readonly Value[] {
  // `as Value`: `order` has the indices of `values`.
  return order.map((axis) => values[axis] as Value);
}

/** An axis of a row-major array: its size, and the distance in elements between two neighbours. */
export interface Step {
  readonly size: number;
  readonly stride: number;
}

/** The axes of an array after the turn, and the element of its new first position. */
export function turnedSteps<Axis extends Step>(
  steps: readonly Axis[],
  start: number,
  { order, reversed }: Turn,
): { readonly steps: readonly Axis[]; readonly start: number } {
  let first = start;
  const turned = turnedAxes(steps, { order, reversed }).map((step, i) => {
    if (!reversed[i]) return step;
    first += (step.size - 1) * step.stride;
    return { ...step, stride: -step.stride };
  });
  return { steps: turned, start: first };
}

type Numbers = Float32Array | Uint8Array | Uint16Array;

/** Copies one channel or label map, (...spatial) of `sizes`, turned. `target` has as many elements. */
export function turnInto<Values extends Numbers>(
  source: Values,
  sizes: readonly number[],
  turn: Turn,
  target: Values,
): void {
  let stride = source.length;
  const rows = sizes.map((size) => {
    stride /= size;
    return { size, stride };
  });
  const { steps, start } = turnedSteps(rows, 0, turn);
  let at = 0;
  const copy = (axis: number, from: number): void => {
    const { size = 1, stride: step = 1 } = steps[axis] ?? {};
    if (axis < steps.length - 1) {
      for (let i = 0; i < size; i++) copy(axis + 1, from + i * step);
    } else if (step === 1) {
      target.set(source.subarray(from, from + size), at);
      at += size;
    } else {
      // `as number`: the steps stay inside of the array.
      for (let i = 0; i < size; i++) target[at++] = source[from + i * step] as number;
    }
  };
  if (source.length > 0) copy(0, start);
}

/** An image, (C, ...spatial), turned. */
export function turnImage({ shape, data }: ImageValues, turn: Turn): ImageValues {
  const [channels = 0, ...sizes] = shape;
  const result = new Float32Array(data.length);
  const count = channels === 0 ? 0 : data.length / channels;
  for (let at = 0; at < data.length; at += count) {
    turnInto(data.subarray(at, at + count), sizes, turn, result.subarray(at, at + count));
  }
  return { shape: [channels, ...turnedAxes(sizes, turn)], data: result };
}

/**
 * The affine of a turned volume: each voxel stays where it is in the world.
 *
 * @param affine four rows of four, from the voxel (x, y, z) of the source to the world
 * @param sizes (z, y, x) of the source
 */
export function turnedAffine(
  affine: readonly (readonly number[])[],
  sizes: readonly number[],
  { order, reversed }: Turn,
): number[][] {
  const last = sizes.length - 1;
  return affine.map((row) => {
    let origin = row[last + 1] ?? 0;
    // Columns are x first, and the axes of `order` z first.
    const columns = order.map((axis, i) => {
      const step = row[last - axis] ?? 0;
      if (!reversed[i]) return step;
      origin += step * ((sizes[axis] ?? 1) - 1);
      return step === 0 ? 0 : -step;
    });
    return [...columns.reverse(), origin];
  });
}
