import type { OpKind } from '../../../src/ir/op-attributes.js';
import type { LayerCall } from './layer-call.js';
import { movedWeight, type TfjsLowering } from './lowering.js';

const LAST_AXIS = -1;

/** An op that tfjs has as a layer without arguments. */
function plain<K extends OpKind>(layer: 'add' | 'multiply' | 'reLU'): TfjsLowering<K> {
  return (_node, { name, inputs }) => [{ name, inputs, weights: [], source: 'tfjs', layer, config: {} }];
}

/** An op that tfjs has as a function of its activation layer. */
function activation<K extends OpKind>(name: 'sigmoid' | 'swish' | 'gelu'): TfjsLowering<K> {
  return (_node, position) => [
    { ...at(position), source: 'tfjs', layer: 'activation', config: { activation: name } },
  ];
}

function at({
  name,
  inputs,
}: Parameters<TfjsLowering<OpKind>>[1]): Pick<LayerCall, 'name' | 'inputs' | 'weights'> {
  return { name, inputs, weights: [] };
}

export const add = plain<'add'>('add');
export const mul = plain<'mul'>('multiply');
export const relu = plain<'relu'>('reLU');
export const sigmoid = activation<'sigmoid'>('sigmoid');
export const silu = activation<'silu'>('swish');
/** GELU with erf, as the language defines it; the tanh approximation is `gelu_new`. */
export const gelu = activation<'gelu'>('gelu');

export const concat: TfjsLowering<'concat'> = (_node, position) => [
  { ...at(position), source: 'tfjs', layer: 'concatenate', config: { axis: LAST_AXIS } },
];

export const softmax: TfjsLowering<'softmax'> = (_node, position) => [
  { ...at(position), source: 'tfjs', layer: 'softmax', config: { axis: LAST_AXIS } },
];

export const leakyRelu: TfjsLowering<'leakyRelu'> = (node, position) => [
  { ...at(position), source: 'tfjs', layer: 'leakyReLU', config: { alpha: node.attributes.slope } },
];

export const elu: TfjsLowering<'elu'> = (node, position) => {
  const { alpha } = node.attributes;
  return [
    alpha === 1
      ? { ...at(position), source: 'tfjs', layer: 'elu', config: {} }
      : { ...at(position), source: 'unet', layer: 'elu', config: { alpha } },
  ];
};

/** One slope per channel, shared along the spatial axes, or one slope shared along all axes. */
export const prelu: TfjsLowering<'prelu'> = (node, { name, inputs }) => {
  const spatial = node.spatial.map((_, axis) => axis + 1);
  const { shared } = node.attributes;
  const shape = [...spatial.map(() => 1), shared ? 1 : node.channels];
  const order = shape.map((_, axis) => axis);
  const slope = node.parameters[0]?.initializer;
  const start = slope?.kind === 'constant' ? slope.value : 0;
  return [
    {
      name,
      inputs,
      weights: movedWeight('alpha', node, 'slope', shape, order),
      source: 'tfjs',
      layer: 'prelu',
      config: {
        sharedAxes: shared ? [...spatial, spatial.length + 1] : spatial,
        alphaInitializer: { className: 'Constant', config: { value: start } },
      },
    },
  ];
};

/** Active in training only. */
export const dropout: TfjsLowering<'dropout'> = (node, position) => [
  { ...at(position), source: 'tfjs', layer: 'dropout', config: { rate: node.attributes.rate } },
];

export const sinusoid: TfjsLowering<'sinusoid'> = (node, position) => {
  const { channels, period } = node.attributes;
  return [{ ...at(position), source: 'unet', layer: 'sinusoid', config: { channels, period } }];
};
