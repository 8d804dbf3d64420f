import type { StackSize, ViewedImage } from '../viewed-image.js';

/** An axis of a stack. */
export type StackAxis = 'slices' | 'rows' | 'columns';

const AXES: readonly StackAxis[] = ['slices', 'rows', 'columns'];

/** A plane across one axis of a stack. */
export interface PlaneOfStack {
  /** Where the plane lies along its axis. */
  readonly index: number;
  readonly width: number;
  readonly height: number;
  /** The spacing along the width and the height. */
  readonly spacing: readonly [number, number];
  /** Whether the width and the height run against the stored axes. */
  readonly flips: readonly [boolean, boolean];
  /** The numbers of the plane, row-major and not flipped. */
  cut<T extends Uint8Array | Uint16Array | Uint32Array>(values: T): T;
}

/** Which axes of a volume are the width and the height of a plane, and which run backwards. */
interface PlaneAxes {
  readonly across: number;
  readonly down: number;
  readonly flips: readonly [boolean, boolean];
}

/** How each axis of the stack leads through the body, "S", "P", "R" and so on; undefined if the file does not tell. */
function directions({ geometry, kind }: ViewedImage): readonly string[] | undefined {
  const letters = geometry?.orientation;
  return kind === 'volume' && letters?.length === 3 ? [...letters].toReversed() : undefined;
}

/**
 * The axes of a plane as people look at bodies: right at the right, and up or, of an axial plane, the front at the top.
 * Without an orientation, columns lead to the right and the others down.
 */
function axesOf(image: ViewedImage, normal: number): PlaneAxes {
  const [first = 0, second = 2] = [0, 1, 2].filter((axis) => axis !== normal);
  const letters = directions(image);
  if (letters === undefined) return { across: second, down: first, flips: [false, false] };
  const isIn = (axis: number, pair: string) => pair.includes(letters[axis] ?? '?');
  // Left and right are the width, or front and back where there are no others; head and feet are the height.
  const across = [first, second].find((axis) => isIn(axis, 'LR')) ?? (isIn(first, 'PA') ? first : second);
  const down = across === first ? second : first;
  return { across, down, flips: [!'RA'.includes(letters[across] ?? ''), 'SA'.includes(letters[down] ?? '')] };
}

/** The plane at `index` across an axis; in the middle when left out. */
export function planeOf(image: ViewedImage, axis: StackAxis, index?: number): PlaneOfStack {
  const normal = AXES.indexOf(axis);
  const { size, spacing = [1, 1, 1], kind } = image;
  const strides: StackSize = [size[1] * size[2], size[2], 1];
  const along = (values: StackSize, at: number) => values[at === 0 ? 0 : at === 1 ? 1 : 2];
  const count = along(size, normal);
  const at = Math.min(count - 1, Math.max(0, index ?? Math.floor(count / 2)));
  const { across, down, flips } =
    kind === 'volume' ? axesOf(image, normal) : { across: 2, down: 1, flips: [false, false] as const };
  const [width, height] = [along(size, across), along(size, down)];
  return {
    ...{ index: at, width, height, flips },
    spacing: [along(spacing, across), along(spacing, down)],
    cut<T extends Uint8Array | Uint16Array | Uint32Array>(values: T): T {
      const result = values.slice(0, width * height);
      const start = at * along(strides, normal);
      const [stepX, stepY] = [along(strides, across), along(strides, down)];
      for (let y = 0, to = 0; y < height; y++) {
        // Every index is inside of the stack.
        for (let x = 0; x < width; x++, to++) result[to] = values[start + y * stepY + x * stepX] as number;
      }
      // `slice` of an array gives one of the same type.
      return result as T;
    },
  };
}

/** The name of the plane across an axis: "axial", or "slice" where the file does not tell how the body lies. */
export function planeName(image: ViewedImage, axis: StackAxis): string {
  const letter = directions(image)?.[AXES.indexOf(axis)];
  if (letter === undefined) return { slices: 'slice', rows: 'row', columns: 'column' }[axis];
  if ('SI'.includes(letter)) return 'axial';
  return 'PA'.includes(letter) ? 'coronal' : 'sagittal';
}
