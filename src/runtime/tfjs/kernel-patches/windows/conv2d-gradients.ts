import {
  engineNames,
  gradientPatch,
  type KernelPatch,
  kernelPatch,
  required,
  savedTensor,
} from '../kernel-patch.js';
import { type Dilations, isDilated, type KernelPadding, windowAxes } from '../window-axis.js';
import { filterGradient2d, inputGradient2d, type Windows2d } from './convolution-2d.js';

/**
 * The filter gradient of conv2d; conv2dTranspose uses it too.
 *
 * - wasm: the kernel is missing, so no network with a 2D convolution can be trained.
 * - cpu: correct, but about 50 times slower than the forward convolution, because it reads each element through a
 *   function with bounds checks and index arithmetic.
 */
const filterGradient = kernelPatch({
  kernel: 'Conv2DBackpropFilter',
  engines: ['cpu', 'wasm'],
  patches:
    'missing on wasm: 2D convolutions could not be trained; about 50 times slower than the forward on cpu',
  run: (tf, { inputs, attrs, stock }) => {
    if (attrs.dataFormat === 'NCHW') return stock();
    const [x, dy] = [required(inputs, 'x'), required(inputs, 'dy')];
    const { filterShape, strides, pad, dimRoundingMode } = attrs;
    return filterGradient2d(tf, x, dy, windows2d(x.shape, filterShape, strides, 1, pad, dimRoundingMode));
  },
});

/** The input gradient of conv2d, which is the forward of conv2dTranspose: on wasm three nested loops without SIMD. */
const inputGradient = kernelPatch({
  kernel: 'Conv2DBackpropInput',
  engines: ['wasm'],
  patches: 'several times slower than the forward convolution',
  run: (tf, { inputs, attrs, stock }) => {
    if (attrs.dataFormat === 'NCHW') return stock();
    const [dy, filter] = [required(inputs, 'dy'), required(inputs, 'filter')];
    const { inputShape, strides, pad, dimRoundingMode } = attrs;
    return inputGradient2d(
      tf,
      dy,
      filter,
      windows2d(inputShape, filter.shape, strides, 1, pad, dimRoundingMode),
    );
  },
});

/** Both gradients of a dilated conv2d, which tfjs-core refuses on every engine. */
const dilatedGradients = gradientPatch({
  kernel: 'Conv2D',
  engines: engineNames,
  patches: 'with a dilation over 1 it threw: dilated convolutions could not be trained',
  gradient: (tf, { dy, saved, attrs, stock }) => {
    if (!isDilated(attrs.dilations) || attrs.dataFormat === 'NCHW') return stock();
    const [x, filter] = [savedTensor(saved, 0), savedTensor(saved, 1)];
    const { strides, dilations, pad, dimRoundingMode } = attrs;
    const windows = windows2d(x.shape, filter.shape, strides, dilations, pad, dimRoundingMode);
    return {
      x: () => inputGradient2d(tf, dy, filter, windows),
      filter: () => filterGradient2d(tf, x, dy, windows),
    };
  },
});

export const conv2dGradients: readonly KernelPatch[] = [filterGradient, inputGradient, dilatedGradients];

type Sizes = readonly number[];

/** @param shape (N, H, W, C) @param filterShape (kh, kw, ...) */
export function windows2d(
  shape: Sizes,
  filterShape: Sizes,
  strides: number | Sizes,
  dilations: Dilations,
  padding: KernelPadding,
  rounding?: 'floor' | 'round' | 'ceil',
): Windows2d {
  const axes = windowAxes(shape.slice(1, 3), filterShape.slice(0, 2), strides, dilations, padding, rounding);
  const [rows, columns] = axes;
  if (!rows || !columns) throw new Error(`${shape.length} axes are not those of images`);
  return [rows, columns];
}
