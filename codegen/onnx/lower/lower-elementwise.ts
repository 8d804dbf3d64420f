import { sinusoidFrequencies } from '../../../src/ir/sinusoid.js';
import { channelShape, inputAt, type OnnxLowering } from './lowering.js';

const CHANNEL_AXIS = { axis: { int: 1 } } as const;

/** Ops that ONNX has too. */
function plain(opType: string): OnnxLowering<'add' | 'mul' | 'relu' | 'sigmoid'> {
  return (_node, inputs, to) =>
    to.result(
      opType,
      inputs.map((input) => input.name),
    );
}

export const add = plain('Add');
export const mul = plain('Mul');
export const relu = plain('Relu');
export const sigmoid = plain('Sigmoid');

export const concat: OnnxLowering<'concat'> = (_node, inputs, to) =>
  to.result(
    'Concat',
    inputs.map((input) => input.name),
    CHANNEL_AXIS,
  );

export const softmax: OnnxLowering<'softmax'> = (_node, inputs, to) =>
  to.result('Softmax', [inputAt(inputs, 0).name], CHANNEL_AXIS);

export const leakyRelu: OnnxLowering<'leakyRelu'> = (node, inputs, to) =>
  to.result('LeakyRelu', [inputAt(inputs, 0).name], { alpha: { float: node.attributes.slope } });

export const elu: OnnxLowering<'elu'> = (node, inputs, to) =>
  to.result('Elu', [inputAt(inputs, 0).name], { alpha: { float: node.attributes.alpha } });

export const prelu: OnnxLowering<'prelu'> = (node, inputs, to) => {
  const slopes = node.attributes.shared ? 1 : node.channels;
  const slope = to.parameter('slope', channelShape(slopes, node.spatial.length));
  return to.result('PRelu', [inputAt(inputs, 0).name, slope]);
};

/** The sines of the angles, then their cosines. */
export const sinusoid: OnnxLowering<'sinusoid'> = (node, inputs, to) => {
  const frequencies = sinusoidFrequencies(node.attributes);
  const half = frequencies.length;
  const rest = node.spatial.map(() => 1);
  const shape = [to.shape[0] ?? 1, half, ...to.shape.slice(2)];
  const constant = to.floats('frequencies', frequencies, [half, ...rest]);
  const angles = to.inner('angles', 'Mul', [inputAt(inputs, 0).name, constant], {}, shape);
  const sines = to.inner('sin', 'Sin', [angles.name], {}, shape);
  const cosines = to.inner('cos', 'Cos', [angles.name], {}, shape);
  return to.result('Concat', [sines.name, cosines.name], CHANNEL_AXIS);
};

/** x sigmoid(x). */
export const silu: OnnxLowering<'silu'> = (_node, inputs, to) => {
  const x = inputAt(inputs, 0).name;
  const gate = to.inner('sigmoid', 'Sigmoid', [x], {}, to.shape);
  return to.result('Mul', [x, gate.name]);
};

/** x (1 + erf(x / sqrt 2)) / 2, as the sequence of ops that onnxruntime fuses into one kernel. */
export const gelu: OnnxLowering<'gelu'> = (_node, inputs, to) => {
  const x = inputAt(inputs, 0).name;
  const root = to.floats('sqrt2', [Math.SQRT2], []);
  const scaled = to.inner('scaled', 'Div', [x, root], {}, to.shape);
  const erf = to.inner('erf', 'Erf', [scaled.name], {}, to.shape);
  const shifted = to.inner('shifted', 'Add', [erf.name, to.floats('one', [1], [])], {}, to.shape);
  const product = to.inner('product', 'Mul', [x, shifted.name], {}, to.shape);
  return to.result('Mul', [product.name, to.floats('half', [0.5], [])]);
};
