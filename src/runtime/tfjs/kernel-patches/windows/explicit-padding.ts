import type { KernelPatch } from '../kernel-patch.js';
import { kernelPatch, required } from '../kernel-patch.js';
import { positionsAfter, windowAxes } from '../window-axis.js';

/**
 * 2D convolutions with `same` padding on wasm. XNNPACK subtracts sizes as unsigned numbers when it computes this padding
 * itself. If the kernel is smaller than the stride along one axis, and the other axis needs padding, it refuses the
 * shape. The engine ignores that, and **the result is whatever was in memory, mostly zeros**. With the same padding as
 * explicit numbers the result is correct.
 */
export const explicitPadding: readonly KernelPatch[] = (
  ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D'] as const
).map((kernel) =>
  kernelPatch({
    kernel,
    engines: ['wasm'],
    patches:
      "with 'same' padding and a kernel smaller than the stride along one axis: zeros or garbage without a word",
    run: (_tf, { inputs, attrs, stock }) => {
      if (attrs.pad !== 'same' || attrs.dataFormat === 'NCHW') return stock();
      const [x, filter] = [required(inputs, 'x'), required(inputs, 'filter')];
      const [image, kernelSizes] = [x.shape.slice(1, 3), filter.shape.slice(0, 2)];
      const axes = windowAxes(image, kernelSizes, attrs.strides, attrs.dilations, 'same');
      // Positions that no window reaches need no padding.
      const pads = axes.map((axis): [number, number] => [axis.before, Math.max(positionsAfter(axis), 0)]);
      const [rows = [0, 0], columns = [0, 0]] = pads;
      const none = [...rows, ...columns].every((pad) => pad === 0);
      return stock({ attrs: { pad: none ? 'valid' : [[0, 0], rows, columns, [0, 0]] } });
    },
  }),
);
