import { movedWeight, type TfjsLowering } from './lowering.js';

export const attention: TfjsLowering<'attention'> = (node, { name, inputs }) => {
  const { heads } = node.attributes;
  return [{ name, inputs, weights: [], source: 'unet', layer: 'attention', config: { heads } }];
};

/** The table of positions, with its channels last. */
export const positions: TfjsLowering<'positions'> = (node, { name, inputs }) => {
  const { size } = node.attributes;
  const order = [...size.map((_, axis) => axis + 1), 0];
  const weights = movedWeight('table', node, 'position', [node.channels, ...size], order);
  return [{ name, inputs, weights, source: 'unet', layer: 'positions', config: {} }];
};
