import type { PoolAttributes } from '../../../src/ir/op-attributes.js';
import type { NodeAttribute } from '../proto.js';
import { inputAt, type OnnxLowering } from './lowering.js';

/** The largest 64-bit integer: Slice takes it as the end of the axis. */
const END_OF_AXIS = 2n ** 63n - 1n;

export const maxPool: OnnxLowering<'maxPool'> = (node, inputs, to) =>
  to.result('MaxPool', [inputAt(inputs, 0).name], poolAttributes(node.attributes));

export const avgPool: OnnxLowering<'avgPool'> = (node, inputs, to) =>
  to.result('AveragePool', [inputAt(inputs, 0).name], poolAttributes(node.attributes));

function poolAttributes(attributes: PoolAttributes): Record<string, NodeAttribute> {
  return { kernel_shape: { ints: attributes.window }, strides: { ints: attributes.stride } };
}

/**
 * Resizes with constant scales, without a region of interest. `nearest` repeats: output i reads input floor(i /
 * factor).
 */
export const resize: OnnxLowering<'resize'> = (node, inputs, to) => {
  const { mode, factor, alignCorners } = node.attributes;
  const scales = to.float32s('scales', [1, 1, ...factor], [2 + factor.length]);
  const operands = [inputAt(inputs, 0).name, '', scales];
  if (mode === 'nearest') {
    return to.result('Resize', operands, {
      coordinate_transformation_mode: { text: 'asymmetric' },
      mode: { text: 'nearest' },
      nearest_mode: { text: 'floor' },
    });
  }
  return to.result('Resize', operands, {
    coordinate_transformation_mode: { text: alignCorners ? 'align_corners' : 'half_pixel' },
    mode: { text: 'linear' },
  });
};

/**
 * Resizes to the input's size plus `change`, which is 0 for batch and channels. The size comes from the tensor, so that
 * one node serves every input size; a scale would be rounded to a size.
 */
export const interpolate: OnnxLowering<'interpolate'> = (node, inputs, to) => {
  const { change } = node.attributes;
  const x = inputAt(inputs, 0).name;
  const rank = change.length + 2;
  const own = to.innerSizes('shape', 'Shape', [x], rank);
  const sizes = to.innerSizes('sizes', 'Add', [own, to.ints('change', [0, 0, ...change])], rank);
  return to.result('Resize', [x, '', '', sizes], {
    coordinate_transformation_mode: { text: 'half_pixel' },
    mode: { text: 'linear' },
  });
};

export const globalAverage: OnnxLowering<'globalAverage'> = (_node, inputs, to) =>
  to.result('GlobalAveragePool', [inputAt(inputs, 0).name]);

const padModes = { zero: 'constant', reflect: 'reflect', replicate: 'edge' } as const;

export const pad: OnnxLowering<'pad'> = (node, inputs, to) => {
  const { mode, before, after } = node.attributes;
  const pads = to.ints('pads', [0, 0, ...before, 0, 0, ...after]);
  return to.result('Pad', [inputAt(inputs, 0).name, pads], { mode: { text: padModes[mode] } });
};

/** Ends count from the back, so that one node serves every input size. Axes that are not cropped are left out. */
export const crop: OnnxLowering<'crop'> = (node, inputs, to) => {
  const { before, after } = node.attributes;
  const axes = before
    .map((start, axis) => ({ axis, start, lost: after[axis] ?? 0 }))
    .filter(({ start, lost }) => start > 0 || lost > 0);
  const input = inputAt(inputs, 0).name;
  if (axes.length === 0) return to.result('Identity', [input]);
  const starts = to.ints(
    'starts',
    axes.map(({ start }) => start),
  );
  const ends = to.ints(
    'ends',
    axes.map(({ lost }) => (lost > 0 ? -lost : END_OF_AXIS)),
  );
  const axisInputs = to.ints(
    'axes',
    axes.map(({ axis }) => axis + 2),
  );
  return to.result('Slice', [input, starts, ends, axisInputs]);
};
