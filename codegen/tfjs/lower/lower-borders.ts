import type { Ends } from '../layers/config.js';
import type { LayerCall, LayerPart } from './layer-call.js';
import type { LayerPosition, TfjsLowering } from './lowering.js';

/** Zeros at both ends of each axis. */
export function zeroPadding(
  { name, inputs }: Pick<LayerPosition, 'name' | 'inputs'>,
  padding: readonly Ends[],
  part?: LayerPart,
): LayerCall {
  const base = { ...partOf(name, part), inputs, weights: [] };
  return padding.length === 2
    ? { ...base, source: 'tfjs', layer: 'zeroPadding2d', config: { padding } }
    : { ...base, source: 'unet', layer: 'padding', config: { padding, mode: 'zero' } };
}

/**
 * Removes positions at both ends of each axis. tfjs's own layer treats a free size as 0, and so makes a negative size.
 */
export function cropping(
  { name, inputs, dynamic }: LayerPosition,
  removed: readonly Ends[],
  part?: LayerPart,
): LayerCall {
  const base = { ...partOf(name, part), inputs, weights: [] };
  return removed.length === 2 && !dynamic
    ? { ...base, source: 'tfjs', layer: 'cropping2D', config: { cropping: removed } }
    : { ...base, source: 'unet', layer: 'cropping', config: { cropping: removed } };
}

/** The name of a node's layer, or of its extra layer. */
function partOf(name: string, part: LayerPart | undefined): Pick<LayerCall, 'name' | 'part'> {
  return part === undefined ? { name } : { name: `${name}.${part}`, part };
}

export const pad: TfjsLowering<'pad'> = (node, position) => {
  const { name, inputs } = position;
  const { mode, before, after } = node.attributes;
  const padding = before.map((size, axis): Ends => [size, after[axis] ?? 0]);
  if (mode === 'zero') return [zeroPadding(position, padding)];
  return [{ name, inputs, weights: [], source: 'unet', layer: 'padding', config: { padding, mode } }];
};

export const crop: TfjsLowering<'crop'> = (node, position) => {
  const { before, after } = node.attributes;
  const removed = before.map((size, axis): Ends => [size, after[axis] ?? 0]);
  return [cropping(position, removed)];
};
