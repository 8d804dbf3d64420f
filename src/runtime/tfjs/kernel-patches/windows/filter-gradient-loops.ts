import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../codegen/tfjs/tf.js';
import { computeOnHost } from '../host-values.js';
import type { WindowAxis } from '../window-axis.js';

/**
 * The gradient of a convolution in its filter, by plain loops over typed arrays, as the cpu engine computes everything.
 * It is as fast as the forward convolution. Images are volumes of one slice.
 *
 * @param x (N, ...spatial, C)
 * @param dy (N, ...out, O)
 * @returns (...kernel, C, O)
 */
export function filterGradientByLoops(tf: Tf, x: Tensor, dy: Tensor, windows: readonly WindowAxis[]): Tensor {
  const [channels = 0, outputs = 0] = [x.shape.at(-1), dy.shape.at(-1)];
  const single: WindowAxis = { size: 1, kernel: 1, stride: 1, dilation: 1, before: 0, out: 1 };
  const [depth = single, rows = single, columns = single] =
    windows.length === 2 ? [single, ...windows] : windows;
  const shape = [...windows.map(({ kernel }) => kernel), channels, outputs];
  const info = computeOnHost(tf.backend(), [x, dy], shape, (dw, [image, upstream]) => {
    if (!image || !upstream) throw new Error('an input is missing');
    // Sums over all positions of all samples are long, so they are kept in float64.
    const sums = new Float64Array(dw.length);
    const lines = { image, upstream, sums, channels, outputs, columns };
    for (let n = 0; n < (x.shape[0] ?? 0); n++) {
      forEachMeeting(depth, (slice, slicesOut, kd) => {
        forEachMeeting(rows, (row, rowOut, kh) => {
          const from = ((n * depth.size + slice) * rows.size + row) * columns.size;
          const out = ((n * depth.out + slicesOut) * rows.out + rowOut) * columns.out;
          addLine(lines, from, out, (kd * rows.kernel + kh) * columns.kernel);
        });
      });
    }
    dw.set(sums);
  });
  return tf.engine().makeTensorFromTensorInfo(info);
}

/** All positions of the output, with the positions of the input that each position of the filter meets there. */
function forEachMeeting(
  { size, kernel, stride, dilation, before, out }: WindowAxis,
  visit: (input: number, output: number, k: number) => void,
): void {
  for (let output = 0; output < out; output++) {
    for (let k = 0; k < kernel; k++) {
      const input = output * stride + k * dilation - before;
      if (input >= 0 && input < size) visit(input, output, k);
    }
  }
}

interface Lines {
  readonly image: Float32Array;
  readonly upstream: Float32Array;
  readonly sums: Float64Array;
  readonly channels: number;
  readonly outputs: number;
  readonly columns: WindowAxis;
}

/** One line of the input, one of the output, and one of the filter. */
function addLine(
  { image, upstream, sums, channels, outputs, columns }: Lines,
  lineFrom: number,
  lineOut: number,
  tap: number,
): void {
  const { size, kernel, stride, dilation, before, out } = columns;
  for (let x = 0; x < out; x++) {
    const start = (lineOut + x) * outputs;
    for (let k = 0; k < kernel; k++) {
      const column = x * stride + k * dilation - before;
      if (column < 0 || column >= size) continue;
      const from = (lineFrom + column) * channels;
      let to = (tap + k) * channels * outputs;
      // `as number`: every index is inside its array by construction, and checking each would take most of the time.
      for (let c = 0; c < channels; c++, to += outputs) {
        const value = image[from + c] as number;
        for (let o = 0; o < outputs; o++)
          sums[to + o] = (sums[to + o] as number) + value * (upstream[start + o] as number);
      }
    }
  }
}
