import type { UPicture as Picture } from '../picture.js';

/** From channels to the width of a box and from sizes to its height: bounded and monotone. */
export interface Scale {
  width(channels: number): number;
  height(spatial: readonly number[]): number;
}

const WIDTH = { least: 6, span: 40 } as const;
const HEIGHT = { least: 14, span: 186 } as const;

/** The geometric mean over the axes, so that all axes have equal weight. */
function extent(spatial: readonly number[]): number {
  const product = spatial.reduce((value, size) => value * Math.max(size, 0), 1);
  return product ** (1 / Math.max(spatial.length, 1));
}

/** Scales with the square roots of channels and sizes: on a linear scale, the smallest boxes would be invisible. */
export function scaleOf(picture: Picture): Scale {
  const maps = picture.levels.flatMap(({ encoder, decoder }) => [...encoder, ...decoder]);
  const mostChannels = maps.reduce((most, { channels }) => Math.max(most, channels), 1);
  const largest = maps.reduce((most, { spatial }) => Math.max(most, extent(spatial)), 1);
  return {
    width: (channels) => WIDTH.least + WIDTH.span * Math.sqrt(channels / mostChannels),
    height: (spatial) => HEIGHT.least + HEIGHT.span * Math.sqrt(extent(spatial) / largest),
  };
}
