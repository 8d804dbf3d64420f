import type { AxisMoves, ImageLayout } from '../images/image-layout.js';

/** The two ends of each axis of the world. */
const ENDS = ['LR', 'PA', 'IS'] as const;

/** Which axis of the world a letter names, and whether it is the far end. */
function endOf(letter: string | undefined): { axis: number; isFar: boolean } | undefined {
  const axis = ENDS.findIndex((ends) => letter !== undefined && ends.includes(letter));
  return axis < 0 ? undefined : { axis, isFar: ENDS[axis]?.[1] === letter };
}

/**
 * How the axes of an image, (z, y, x), are moved so that they lead where those of the network's images led. Both
 * orientations are of x, y and z: "RAS". Undefined if nothing is to be done: they are equal, one is unknown, or the images
 * are slices.
 */
export function movesTo(
  own: string | undefined,
  wanted: string | undefined,
  { axes }: Pick<ImageLayout, 'axes'>,
): AxisMoves | undefined {
  if (own === undefined || wanted === undefined || own === wanted || axes.join() !== 'z,y,x')
    return undefined;
  // The last axis of the image is x, the first letter.
  const letters = [...own].reverse().map(endOf);
  const targets = [...wanted].reverse().map(endOf);
  const order = targets.map((target) =>
    letters.findIndex((one) => one !== undefined && one.axis === target?.axis),
  );
  if (order.some((from) => from < 0)) return undefined;
  const back = targets.map((target, i) => letters[order[i] ?? 0]?.isFar !== target?.isFar);
  return { order, back };
}
