import type { PoolAttributes } from '../../../src/ir/op-attributes.js';
import type { LayerPosition, TfjsLowering } from './lowering.js';

/** Windows lie inside the input, so `valid` suffices. */
export const maxPool: TfjsLowering<'maxPool'> = (node, position) => {
  const call = pooling(node.attributes, position);
  return [
    node.spatial.length === 2 ? { ...call, layer: 'maxPooling2d' } : { ...call, layer: 'maxPooling3d' },
  ];
};

export const avgPool: TfjsLowering<'avgPool'> = (node, position) => {
  const call = pooling(node.attributes, position);
  return [
    node.spatial.length === 2
      ? { ...call, layer: 'averagePooling2d' }
      : { ...call, layer: 'averagePooling3d' },
  ];
};

function pooling({ window, stride }: PoolAttributes, { name, inputs }: LayerPosition) {
  const config = { poolSize: window, strides: stride, padding: 'valid' } as const;
  return { name, inputs, weights: [], source: 'tfjs', config } as const;
}

/** tfjs has `nearest` in 2D. Its bilinear mode uses neither pixel centres nor corners. */
export const resize: TfjsLowering<'resize'> = (node, { name, inputs }) => {
  const { mode, factor, alignCorners } = node.attributes;
  const base = { name, inputs, weights: [] };
  if (mode === 'nearest' && factor.length === 2) {
    return [
      {
        ...base,
        source: 'tfjs',
        layer: 'upSampling2d',
        config: { size: factor, interpolation: 'nearest' },
      },
    ];
  }
  const corners = mode === 'linear' && alignCorners ? { alignCorners } : {};
  const config = { size: factor, interpolation: mode, ...corners };
  return [{ ...base, source: 'unet', layer: 'upSampling', config }];
};

export const interpolate: TfjsLowering<'interpolate'> = (node, { name, inputs }) => {
  const { change } = node.attributes;
  return [{ name, inputs, weights: [], source: 'unet', layer: 'interpolation', config: { change } }];
};

/** tfjs's own layer drops the spatial axes, and does not exist in 3D. */
export const globalAverage: TfjsLowering<'globalAverage'> = (_node, { name, inputs }) => [
  { name, inputs, weights: [], source: 'unet', layer: 'globalAverage', config: {} },
];
