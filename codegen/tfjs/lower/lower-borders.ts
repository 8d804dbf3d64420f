import type { Ends } from '../layers/config.js';
import type { LayerCall } from './layer-call.js';
import type { LayerPosition, TfjsLowering } from './lowering.js';

/** Zeros at both ends of each axis. */
export function zeroPadding(name: string, inputs: readonly string[], padding: readonly Ends[]): LayerCall {
  const base = { name, inputs, weights: [] };
  return padding.length === 2
    ? { ...base, source: 'tfjs', layer: 'zeroPadding2d', config: { padding } }
    : { ...base, source: 'unet', layer: 'padding', config: { padding, mode: 'zero' } };
}

/** Removes positions at both ends of each axis. tfjs's own layer takes a free size for 0 and gives a negative one. */
export function cropping(
  { inputs, dynamic }: LayerPosition,
  name: string,
  removed: readonly Ends[],
): LayerCall {
  const base = { name, inputs, weights: [] };
  return removed.length === 2 && !dynamic
    ? { ...base, source: 'tfjs', layer: 'cropping2D', config: { cropping: removed } }
    : { ...base, source: 'unet', layer: 'cropping', config: { cropping: removed } };
}

export const pad: TfjsLowering<'pad'> = (node, { name, inputs }) => {
  const { mode, before, after } = node.attributes;
  const padding = before.map((size, axis): Ends => [size, after[axis] ?? 0]);
  if (mode === 'zero') return [zeroPadding(name, inputs, padding)];
  return [{ name, inputs, weights: [], source: 'unet', layer: 'padding', config: { padding, mode } }];
};

export const crop: TfjsLowering<'crop'> = (node, place) => {
  const { before, after } = node.attributes;
  const removed = before.map((size, axis): Ends => [size, after[axis] ?? 0]);
  return [cropping(place, place.name, removed)];
};
