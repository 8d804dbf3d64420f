import type { NodeOf } from '../../../src/ir/graph.js';
import type { LayerWeight } from './layer-call.js';
import { plainWeight, type TfjsLowering } from './lowering.js';

type NormKind = 'batchNorm' | 'instanceNorm' | 'groupNorm' | 'layerNorm';

/** gamma and beta, if the norm has them. */
function affine(node: NodeOf<NormKind>): readonly LayerWeight[] {
  return [...plainWeight('gamma', node, 'scale'), ...plainWeight('beta', node, 'shift')];
}

/**
 * tfjs's momentum is the weight of the old statistics. Its own layer does not accept volumes, and cannot be trained
 * without scale and center.
 */
export const batchNorm: TfjsLowering<'batchNorm'> = (node, { name, inputs }) => {
  const { affine: scaled, momentum, eps } = node.attributes;
  const weights = [
    ...affine(node),
    ...plainWeight('moving_mean', node, 'mean'),
    ...plainWeight('moving_variance', node, 'variance'),
  ];
  // 1 - 0.9 is 0.09999999999999998 in binary: drop the digits of the rounding error.
  const kept = Number((1 - momentum).toPrecision(12));
  const config = { momentum: kept, epsilon: eps, center: scaled, scale: scaled };
  const base = { name, inputs, weights, layer: 'batchNormalization', config } as const;
  return [node.spatial.length === 2 && scaled ? { ...base, source: 'tfjs' } : { ...base, source: 'unet' }];
};

/** Each channel is a group of its own. */
export const instanceNorm: TfjsLowering<'instanceNorm'> = (node, position) =>
  grouped(node, node.channels, position);

export const groupNorm: TfjsLowering<'groupNorm'> = (node, position) =>
  grouped(node, node.attributes.groups, position);

function grouped(
  node: NodeOf<'instanceNorm' | 'groupNorm'>,
  groups: number,
  { name, inputs }: Parameters<TfjsLowering<'groupNorm'>>[1],
): ReturnType<TfjsLowering<'groupNorm'>> {
  const { affine: scaled, eps } = node.attributes;
  const config = { groups, epsilon: eps, center: scaled, scale: scaled };
  return [{ name, inputs, weights: affine(node), source: 'unet', layer: 'groupNormalization', config }];
}

/** tfjs's own layer does not accept volumes, and cannot be trained without scale and center. */
export const layerNorm: TfjsLowering<'layerNorm'> = (node, { name, inputs }) => {
  const { affine: scaled, eps } = node.attributes;
  const config = { epsilon: eps, center: scaled, scale: scaled };
  const base = { name, inputs, weights: affine(node), layer: 'layerNormalization' } as const;
  return [
    node.spatial.length === 2 && scaled
      ? { ...base, source: 'tfjs', config: { axis: -1, ...config } }
      : { ...base, source: 'unet', config },
  ];
};
