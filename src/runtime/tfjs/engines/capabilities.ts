import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../../codegen/tfjs/tf.js';

/** The numbers of spatial axes that an engine supports. */
export interface Capabilities {
  readonly runs: readonly number[];
  readonly trains: readonly number[];
}

/** The three operations that every U-Net needs, for a number of spatial axes. */
interface Operations {
  conv(x: Tensor, filter: Tensor, stride: number): Tensor;
  maxPool(x: Tensor): Tensor;
  transposed(x: Tensor, filter: Tensor): Tensor;
}

/** The size of an axis of the images, and of the filters and windows, whose stride equals their size. */
const [SIZE, WINDOW] = [4, 2];

function operationsOf(tf: Tf, rank: number): Operations {
  const out = [1, ...Array.from({ length: rank }, () => SIZE), 1];
  // The ranks of the tensors are correct by construction; TensorFlow.js types each rank as a class.
  return rank === 2
    ? {
        conv: (x, filter, stride) => tf.conv2d(x as never, filter as never, stride, 'valid'),
        maxPool: (x) => tf.maxPool(x as never, WINDOW, WINDOW, 'valid'),
        transposed: (x, filter) =>
          tf.conv2dTranspose(x as never, filter as never, out as never, WINDOW, 'valid'),
      }
    : {
        conv: (x, filter, stride) => tf.conv3d(x as never, filter as never, stride, 'valid'),
        maxPool: (x) => tf.maxPool3d(x as never, WINDOW, WINDOW, 'valid'),
        transposed: (x, filter) =>
          tf.conv3dTranspose(x as never, filter as never, out as never, WINDOW, 'valid'),
      };
}

/** All positions of a cube, the last axis fastest. */
function positions(rank: number, size: number): readonly (readonly number[])[] {
  return Array.from({ length: size ** rank }, (_, i) =>
    Array.from({ length: rank }, (_, axis) => Math.floor(i / size ** (rank - 1 - axis)) % size),
  );
}

/** The flat index of a position in a cube whose axes have `size` positions. */
function flat(position: readonly number[], size: number): number {
  return position.reduce((index, p) => index * size + p, 0);
}

/** Runs `work` and compares its values; false if an operation is missing or throws. */
async function gives(
  tf: Tf,
  work: () => Tensor[],
  expected: readonly (readonly number[])[],
): Promise<boolean> {
  let results: Tensor[] = [];
  try {
    results = tf.tidy(work);
    for (const [i, values] of expected.entries()) {
      const found = await results[i]?.data();
      const equal = values.every(
        (value, j) => Math.abs((found?.[j] ?? Number.NaN) - value) <= 1e-3 * (1 + Math.abs(value)),
      );
      if (!equal) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    tf.dispose(results);
  }
}

/**
 * What the current engine of `tf` can do with two and with three spatial axes. It is tried on small inputs whose results
 * are known in closed form, because a release may lack a kernel or have a wrong one.
 */
export async function capabilitiesOf(tf: Tf): Promise<Capabilities> {
  const runs: number[] = [];
  const trains: number[] = [];
  for (const rank of [2, 3]) {
    const { conv, maxPool, transposed } = operationsOf(tf, rank);
    const [big, small] = [positions(rank, SIZE), positions(rank, WINDOW)];
    const cube = (size: number) => [1, ...Array.from({ length: rank }, () => size), 1];
    const filterShape = [...Array.from({ length: rank }, () => WINDOW), 1, 1];
    // 0, 1, 2, ... and their negatives: every element has a different value.
    const image = () =>
      tf.tensor(
        big.map((_, i) => i),
        cube(SIZE),
      );
    const negative = () =>
      tf.tensor(
        big.map((_, i) => -1 - i),
        cube(SIZE),
      );
    const coarse = () =>
      tf.tensor(
        small.map((_, i) => i + 1),
        cube(WINDOW),
      );
    const filter = () =>
      tf.tensor(
        small.map((_, i) => i + 1),
        filterShape,
      );
    const ofFilter = (offset: readonly number[]) => flat(offset, WINDOW) + 1;
    const offsetOf = (position: readonly number[]) => position.map((p) => p % WINDOW);
    const windowOf = (position: readonly number[]) => position.map((p) => Math.floor(p / WINDOW));
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const at = (window: readonly number[], offset: readonly number[]) =>
      flat(
        window.map((p, axis) => WINDOW * p + (offset[axis] ?? 0)),
        SIZE,
      );

    const forward =
      (await gives(tf, () => [conv(image(), filter(), WINDOW)], [
        small.map((window) => sum(small.map((offset) => at(window, offset) * ofFilter(offset)))),
      ])) &&
      // The numbers fall, so the largest of each window is its first.
      (await gives(tf, () => [maxPool(negative())], [
        small.map(
          (window) =>
            -1 -
            at(
              window,
              window.map(() => 0),
            ),
        ),
      ])) &&
      (await gives(tf, () => [transposed(coarse(), filter())], [
        big.map((position) => (flat(windowOf(position), WINDOW) + 1) * ofFilter(offsetOf(position))),
      ]));
    if (!forward) continue;
    runs.push(rank);

    const backward =
      (await gives(tf, () => tf.grads((x, f) => conv(x, f, WINDOW).sum())([image(), filter()]), [
        big.map((position) => ofFilter(offsetOf(position))),
        small.map((offset) => sum(small.map((window) => at(window, offset)))),
      ])) &&
      (await gives(tf, () => [tf.grad((x) => maxPool(x).sum())(negative())], [
        big.map((position) => (offsetOf(position).every((offset) => offset === 0) ? 1 : 0)),
      ])) &&
      (await gives(tf, () => tf.grads((x, f) => transposed(x, f).sum())([coarse(), filter()]), [
        small.map(() => sum(small.map(ofFilter))),
        small.map(() => sum(small.map((_, i) => i + 1))),
      ]));
    if (backward) trains.push(rank);
  }
  return { runs, trains };
}
