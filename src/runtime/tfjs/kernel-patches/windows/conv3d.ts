import {
  type EngineName,
  engineNames,
  gradientPatch,
  type KernelCall,
  type KernelPatch,
  kernelPatch,
  required,
  savedTensor,
} from '../kernel-patch.js';
import {
  type Dilations,
  isDilated,
  isPaddedWrongIn3d,
  type KernelPadding,
  windowAxes,
} from '../window-axis.js';
import { convolve3d, filterGradient3d, inputGradient3d, type Windows3d } from './convolution-3d.js';

const wrongPadding =
  "with 'same' padding and a kernel smaller than the stride the windows were shifted: wrong numbers without a word";

/**
 * conv3d, forward.
 *
 * - wasm: a naive loop, 20 to 90 times slower than the same work as 2D convolutions.
 * - all engines but tfjs-node: in 3D, the `same` padding of tfjs-core is negative if the kernel is smaller than the
 *   stride, which shifts the windows into the volume. The stock kernel computes all other cases there.
 */
const forward = [
  kernelPatch({
    kernel: 'Conv3D',
    engines: ['wasm'],
    patches: `20 to 90 times slower than the same work as 2D convolutions; ${wrongPadding}`,
    run: (tf, call) =>
      convolve3d(tf, required(call.inputs, 'x'), required(call.inputs, 'filter'), windowsOf(call)),
  }),
  kernelPatch({
    kernel: 'Conv3D',
    engines: ['cpu', 'webgl', 'webgpu'],
    patches: wrongPadding,
    run: (tf, call) => {
      const windows = windowsOf(call);
      if (!isPaddedWrongIn3d(windows, call.attrs.pad)) return call.stock();
      return convolve3d(tf, required(call.inputs, 'x'), required(call.inputs, 'filter'), windows);
    },
  }),
];

/**
 * The input gradient of conv3d, which is the forward of conv3dTranspose.
 *
 * - wasm: wrong in every case, zeros or garbage: **conv3dTranspose was silently wrong**.
 * - all engines but tfjs-node: the wrong padding, as in `forward`.
 */
const inputGradient = (
  [
    [['wasm'], `wrong in every case: conv3dTranspose gave wrong numbers without a word`],
    [['cpu', 'webgl', 'webgpu'], wrongPadding],
  ] satisfies [EngineName[], string][]
).map(([engines, patches]) =>
  kernelPatch({
    kernel: 'Conv3DBackpropInputV2',
    engines,
    patches,
    run: (tf, { inputs, attrs, stock }) => {
      const [dy, filter] = [required(inputs, 'dy'), required(inputs, 'filter')];
      const windows = windows3d(attrs.inputShape, filter.shape, attrs.strides, 1, attrs.pad);
      if (tf.getBackend() !== 'wasm' && !isPaddedWrongIn3d(windows, attrs.pad)) return stock();
      return inputGradient3d(tf, dy, filter, windows);
    },
  }),
);

/**
 * The filter gradient of conv3d.
 *
 * - wasm: wrong for strides over 1.
 * - cpu: correct, but several times slower than the forward convolution.
 * - all engines but tfjs-node: the wrong padding, as in `forward`.
 */
const filterGradient = (
  [
    [['wasm'], `wrong for a stride over 1; ${wrongPadding}`],
    [['cpu'], `several times slower than the forward convolution; ${wrongPadding}`],
    [['webgl', 'webgpu'], wrongPadding],
  ] satisfies [EngineName[], string][]
).map(([engines, patches]) =>
  kernelPatch({
    kernel: 'Conv3DBackpropFilterV2',
    engines,
    patches,
    run: (tf, { inputs, attrs, stock }) => {
      const [x, dy] = [required(inputs, 'x'), required(inputs, 'dy')];
      const windows = windows3d(x.shape, attrs.filterShape, attrs.strides, 1, attrs.pad);
      const onHost = tf.getBackend() === 'wasm' || tf.getBackend() === 'cpu';
      if (!onHost && !isPaddedWrongIn3d(windows, attrs.pad)) return stock();
      return filterGradient3d(tf, x, dy, windows);
    },
  }),
);

/** Both gradients of a dilated conv3d, which tfjs-core refuses on every engine. */
const dilatedGradients = gradientPatch({
  kernel: 'Conv3D',
  engines: engineNames,
  patches: 'with a dilation over 1 it threw: dilated convolutions could not be trained',
  gradient: (tf, { dy, saved, attrs, stock }) => {
    if (!isDilated(attrs.dilations)) return stock();
    const [x, filter] = [savedTensor(saved, 0), savedTensor(saved, 1)];
    const windows = windows3d(x.shape, filter.shape, attrs.strides, attrs.dilations, attrs.pad);
    return {
      x: () => inputGradient3d(tf, dy, filter, windows),
      filter: () => filterGradient3d(tf, x, dy, windows),
    };
  },
});

/**
 * The gradients of conv3dTranspose, which tfjs-core lacks on every engine. The forward is the input gradient of a
 * convolution, so it is linear in both inputs. Its gradients are that convolution and the filter gradient of that
 * convolution.
 */
const transposeGradients = gradientPatch({
  kernel: 'Conv3DBackpropInputV2',
  engines: engineNames,
  patches: 'there was none: networks with conv3dTranspose could not be trained',
  saves: { inputsToSave: ['dy', 'filter'] },
  gradient: (tf, { dy: upstream, saved, attrs }) => {
    const [dy, filter] = [savedTensor(saved, 0), savedTensor(saved, 1)];
    const { strides, pad } = attrs;
    const run = tf.engine();
    return {
      dy: () =>
        run.runKernel(
          'Conv3D',
          { x: upstream, filter },
          { strides, pad, dataFormat: 'NDHWC', dilations: [1, 1, 1] },
        ),
      filter: () =>
        run.runKernel(
          'Conv3DBackpropFilterV2',
          { x: upstream, dy },
          { strides, pad, filterShape: filter.shape },
        ),
    };
  },
});

export const conv3d: readonly KernelPatch[] = [
  ...forward,
  ...inputGradient,
  ...filterGradient,
  dilatedGradients,
  transposeGradients,
];

type Sizes = readonly number[];

function windowsOf({ inputs, attrs }: KernelCall<'Conv3D'>): Windows3d {
  const [x, filter] = [required(inputs, 'x'), required(inputs, 'filter')];
  return windows3d(x.shape, filter.shape, attrs.strides, attrs.dilations, attrs.pad);
}

/** @param shape (N, D, H, W, C) @param filterShape (kd, kh, kw, ...) */
export function windows3d(
  shape: Sizes,
  filterShape: Sizes,
  strides: number | Sizes,
  dilations: Dilations,
  padding: KernelPadding,
  rounding?: 'floor' | 'round' | 'ceil',
): Windows3d {
  const axes = windowAxes(shape.slice(1, 4), filterShape.slice(0, 3), strides, dilations, padding, rounding);
  const [depth, rows, columns] = axes;
  if (!depth || !rows || !columns) throw new Error(`${shape.length} axes are not those of volumes`);
  return [depth, rows, columns];
}
