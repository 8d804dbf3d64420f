import { Failure } from '../../diagnostics/failure.js';
import { shapeText } from '../../runtime/tensor.js';

/** What a network takes and what it gives back, (...spatial) each. */
export interface PatchSize {
  readonly input: readonly number[];
  /** At most the input: smaller where the network's convolutions have no padding. */
  readonly output: readonly number[];
}

/** How far the label begins behind the image of a patch on each axis: half of what the network takes away. */
export function marginsOf({ input, output }: PatchSize): number[] {
  return input.map((size, axis) => Math.floor((size - (output[axis] ?? size)) / 2));
}

/** Why these are no sizes of a patch with `rank` axes, if so. */
export function patchProblem({ input, output }: PatchSize, rank: number): Failure | undefined {
  if (input.length !== rank || output.length !== rank) {
    return new Failure(
      `the images have ${rank} axes, but the network takes ${shapeText(input)} and gives ${shapeText(output)}`,
    );
  }
  const whole = (size: number) => Number.isInteger(size) && size > 0;
  if (!input.every(whole) || !output.every(whole)) {
    return new Failure(
      `the sizes of a patch are whole numbers above 0, not ${shapeText(input)} and ${shapeText(output)}`,
    );
  }
  const larger = output.some((size, axis) => size > (input[axis] ?? 0));
  return larger
    ? new Failure(
        `a patch of ${shapeText(input)} cannot have labels of ${shapeText(output)}: they would reach beyond it`,
      )
    : undefined;
}
