import type { ConvAttributes } from '../../ir/op-attributes.js';
import { elementCount } from '../../ir/parameter.js';
import { at, kernelOffsets, type Rule, spatialAxes } from '../rule.js';
import type { StepBuilder } from '../step/step-builder.js';
import type { StepValue } from '../step/step-value.js';

/**
 * With y[o] = sum over k of x[o stride + k dilation - before] w[k], the gradient by x is a transposed convolution of dy
 * with w. For a stride of 1, it is a plain convolution with the reversed kernel, which is faster in engines. The gradient by
 * w[k] is the product of dy with x shifted by k.
 */
export const conv: Rule<'conv'> = {
  backward({ node, inputs, dy, builder, wants, parameter }) {
    const x = at(inputs, 0);
    const weight = parameter('weight');
    if (!weight) throw new Error('a convolution has weights');
    const { attributes } = node;
    const plain = attributes.stride.every((size) => size === 1);
    const dx = plain ? byReversedKernel : byTransposedConv;
    return {
      inputs: [wants(0) ? dx(builder, dy, weight, x, attributes) : undefined],
      parameters: {
        weight: byShifts(builder, dy, x, weight, attributes),
        ...(attributes.bias ? { bias: sumOverPositions(builder, dy) } : {}),
      },
    };
  },
};

/** The gradient by a bias, (C): the sum of a gradient over samples and positions. */
function sumOverPositions(builder: StepBuilder, dy: StepValue): StepValue {
  return builder.reshape(builder.sum(dy, [0, ...spatialAxes(dy)]), [dy.shape[1] ?? 0]);
}

function byReversedKernel(
  builder: StepBuilder,
  dy: StepValue,
  weight: StepValue,
  x: StepValue,
  attributes: ConvAttributes,
): StepValue {
  const { kernel, dilation, before, after, groups } = attributes;
  const [channels = 0, inputs = 0] = weight.shape;
  const extent = kernel.map((size, axis) => (size - 1) * (dilation[axis] ?? 1));
  const { value, begins, ends } = bordered(
    builder,
    dy,
    extent.map((size, axis) => size - (before[axis] ?? 0)),
    extent.map((size, axis) => size - (after[axis] ?? 0)),
  );
  const apart = builder.reshape(reversed(builder, weight), [groups, channels / groups, inputs, ...kernel]);
  const exchanged = builder.transpose(apart, [0, 2, 1, ...kernel.map((_, axis) => axis + 3)]);
  const reversedWeight = builder.reshape(exchanged, [groups * inputs, channels / groups, ...kernel]);
  return builder.op('Conv', [value, reversedWeight], x.shape, {
    dilations: { ints: dilation },
    group: { int: groups },
    kernel_shape: { ints: kernel },
    pads: { ints: [...begins, ...ends] },
  });
}

/** A kernel in reverse order along each of its axes. */
function reversed(builder: StepBuilder, weight: StepValue): StepValue {
  const axes = spatialAxes(weight).filter((axis) => weight.shape[axis] !== 1);
  if (axes.length === 0) return weight;
  const sizes = axes.map((axis) => weight.shape[axis] ?? 1);
  const inputs = [
    weight,
    builder.ints(sizes.map((size) => size - 1)),
    builder.ints(sizes.map((size) => -size - 1)),
    builder.ints(axes),
    builder.ints(axes.map(() => -1)),
  ];
  return builder.op('Slice', inputs, weight.shape);
}

/** Borders as the padding of an op if they are positive; a negative border cuts the value. */
function bordered(
  builder: StepBuilder,
  value: StepValue,
  before: readonly number[],
  after: readonly number[],
) {
  const axes = spatialAxes(value);
  const starts = before.map((amount) => Math.max(0, -amount));
  const ends = axes.map((axis, i) => (value.shape[axis] ?? 0) - Math.max(0, -(after[i] ?? 0)));
  return {
    value: builder.slice(value, axes, starts, ends),
    begins: before.map((amount) => Math.max(0, amount)),
    ends: after.map((amount) => Math.max(0, amount)),
  };
}

function byTransposedConv(
  builder: StepBuilder,
  dy: StepValue,
  weight: StepValue,
  x: StepValue,
  attributes: ConvAttributes,
): StepValue {
  const { kernel, stride, dilation, before, after, groups } = attributes;
  const rest = spatialAxes(x).map((axis, i) => {
    const covered =
      ((dy.shape[axis] ?? 0) - 1) * (stride[i] ?? 1) + ((kernel[i] ?? 1) - 1) * (dilation[i] ?? 1) + 1;
    return (x.shape[axis] ?? 0) - (covered - (before[i] ?? 0) - (after[i] ?? 0));
  });
  return builder.op('ConvTranspose', [dy, weight], x.shape, {
    dilations: { ints: dilation },
    group: { int: groups },
    kernel_shape: { ints: kernel },
    output_padding: { ints: rest },
    pads: { ints: [...before, ...after] },
    strides: { ints: stride },
  });
}

/** The gradient by the kernel, (channels, inputs / groups, ...kernel): one product of matrices for each of its elements. */
function byShifts(
  builder: StepBuilder,
  dy: StepValue,
  x: StepValue,
  weight: StepValue,
  attributes: ConvAttributes,
): StepValue {
  const { kernel, stride, dilation, before, after, groups } = attributes;
  const [channels = 0, inputs = 0] = weight.shape;
  const [batch = 1] = x.shape;
  const isPadded = [...before, ...after].some((amount) => amount !== 0);
  // One more row of zeros makes the last window as long as all rows, so the gradient need not be copied to be cut.
  const [first = 0, ...others] = after;
  const padded = isPadded ? builder.pad(x, [0, 0, ...before], [0, 0, first + 1, ...others]) : x;
  const windows = stride.every((size) => size === 1)
    ? contiguousWindows(builder, padded, dy, kernel, dilation)
    : steppedWindows(builder, padded, dy, stride, dilation);
  const length = windows.dy.shape[2] ?? 1;
  const left = builder.reshape(windows.dy, [batch, groups, channels / groups, length]);
  const products = kernelOffsets(kernel).map((offset) => {
    const right = builder.reshape(windows.at(offset), [batch, groups, inputs, length]);
    return builder.reshape(builder.matMul(left, builder.transposed(right)), [1, batch, channels, inputs]);
  });
  const sums = builder.sum(builder.concat(products, 0), [1]);
  const elements = builder.reshape(sums, [products.length, channels, inputs]);
  return builder.reshape(builder.transpose(elements, [1, 2, 0]), weight.shape);
}

/** The parts of an input that each element of a kernel meets, and the gradient that they are multiplied with, (N, C, L). */
interface Windows {
  readonly dy: StepValue;
  at(offset: readonly number[]): StepValue;
}

/**
 * If the rows of the gradient are as long as the rows of the input, a shift is an offset along one flat axis, and each
 * element of the kernel meets one contiguous part of the input. Zeros fill the shorter rows of the gradient, so that the
 * input there does not count.
 */
function contiguousWindows(
  builder: StepBuilder,
  x: StepValue,
  dy: StepValue,
  kernel: readonly number[],
  dilation: readonly number[],
): Windows {
  const sizes = x.shape.slice(2);
  const given = dy.shape.slice(2);
  // The distance of neighbours along each axis, in positions of the flat axis.
  const steps = sizes.map((_, axis) => elementCount(sizes.slice(axis + 1)));
  const start = (offset: readonly number[]) =>
    offset.reduce((sum, index, axis) => sum + index * (dilation[axis] ?? 1) * (steps[axis] ?? 1), 0);
  const added = given.map((size, axis) => (axis === 0 ? 0 : (sizes[axis] ?? 0) - size));
  const zeros = given.map(() => 0);
  const wide = builder.pad(dy, [0, 0, ...zeros], [0, 0, ...added]);
  const flatDy = flattened(builder, wide);
  const flat = flattened(builder, x);
  // If x has no row to spare, only zeros are cut off the gradient.
  const last = start(kernel.map((size) => size - 1));
  const length = Math.min(elementCount(wide.shape.slice(2)), elementCount(sizes) - last);
  return {
    dy: builder.slice(flatDy, [2], [0], [length]),
    at: (offset) => builder.slice(flat, [2], [start(offset)], [start(offset) + length]),
  };
}

function steppedWindows(
  builder: StepBuilder,
  x: StepValue,
  dy: StepValue,
  stride: readonly number[],
  dilation: readonly number[],
): Windows {
  const given = dy.shape.slice(2);
  return {
    dy: flattened(builder, dy),
    at: (offset) =>
      everyStride(
        builder,
        x,
        offset.map((index, axis) => index * (dilation[axis] ?? 1)),
        given,
        stride,
      ),
  };
}

/** `counts` positions along each axis, from `starts` on, `strides` apart, as (N, C, L). */
function everyStride(
  builder: StepBuilder,
  x: StepValue,
  starts: readonly number[],
  counts: readonly number[],
  strides: readonly number[],
): StepValue {
  const ends = starts.map((start, axis) => start + ((counts[axis] ?? 1) - 1) * (strides[axis] ?? 1) + 1);
  return flattened(builder, builder.slice(x, spatialAxes(x), starts, ends, strides));
}

/** (N, C, ...spatial) as (N, C, L). */
function flattened(builder: StepBuilder, value: StepValue): StepValue {
  const [batch = 1, channels = 1, ...sizes] = value.shape;
  return builder.reshape(value, [batch, channels, elementCount(sizes)]);
}

/**
 * With y[i stride + k - before] += x[i] w[k], the gradient by x is the convolution of dy with w, and the gradient by w[k] is
 * the product of x with every stride-th position of dy from k on.
 */
export const convTranspose: Rule<'convTranspose'> = {
  forward({ node, inputs, shape, builder, parameter }) {
    const { kernel, stride, before, after } = node.attributes;
    const grown = (amounts: readonly number[]) => amounts.map((amount) => Math.max(0, -amount));
    const removed = (amounts: readonly number[]) => amounts.map((amount) => Math.max(0, amount));
    const [begins, ends] = [grown(before), grown(after)];
    const plain = shape.map((size, axis) =>
      axis < 2 ? size : size - (begins[axis - 2] ?? 0) - (ends[axis - 2] ?? 0),
    );
    const bias = parameter('bias');
    // The added positions contain only the bias.
    const whole = [...begins, ...ends].every((amount) => amount === 0);
    const value = builder.op(
      'ConvTranspose',
      [at(inputs, 0), parameter('weight'), ...(whole ? [bias] : [])],
      plain,
      {
        kernel_shape: { ints: kernel },
        pads: { ints: [...removed(before), ...removed(after)] },
        strides: { ints: stride },
      },
    );
    if (whole) return { output: value };
    const padded = builder.pad(value, [0, 0, ...begins], [0, 0, ...ends]);
    return {
      output: bias
        ? builder.add(padded, builder.reshape(bias, [node.channels, ...kernel.map(() => 1)]))
        : padded,
    };
  },
  backward({ node, inputs, dy, builder, wants, parameter }) {
    const x = at(inputs, 0);
    const weight = parameter('weight');
    if (!weight) throw new Error('a transposed convolution has weights');
    const { kernel, stride, before, after, bias } = node.attributes;
    const [, channels = 1, ...sizes] = x.shape;
    const whole = bordered(builder, dy, before, after);
    const padded = builder.pad(whole.value, [0, 0, ...whole.begins], [0, 0, ...whole.ends]);
    const rows = flattened(builder, x);
    const products = kernelOffsets(kernel).map((offset) => {
      const product = builder.matMul(
        rows,
        builder.transposed(everyStride(builder, padded, offset, sizes, stride)),
      );
      return builder.reshape(product, [1, ...product.shape]);
    });
    const sums = builder.sum(builder.concat(products, 0), [1]);
    const elements = builder.reshape(sums, [products.length, channels, node.channels]);
    return {
      inputs: [
        wants(0)
          ? builder.op('Conv', [whole.value, weight], x.shape, {
              kernel_shape: { ints: kernel },
              pads: { ints: [...whole.begins, ...whole.ends] },
              strides: { ints: stride },
            })
          : undefined,
      ],
      parameters: {
        weight: builder.reshape(builder.transpose(elements, [1, 2, 0]), weight.shape),
        ...(bias ? { bias: sumOverPositions(builder, dy) } : {}),
      },
    };
  },
};
