import { error } from '../definition.js';

/** What is wrong in a block. */
export const blockCodes = {
  'not-a-layer': error(
    'The text after `->` is not a layer or a block.',
    (a: { found: string }) => `\`${a.found}\` is not a layer of a pipeline`,
  ),
  'not-a-map': error(
    'Something that is not a feature map is used as one.',
    (a: { found: string }) => `\`${a.found}\` is not a feature map`,
  ),
  'channels-not-equal': error(
    'Two maps that are joined element by element have different numbers of channels.',
    (a: { op: string; left: number; right: number }) =>
      `\`${a.op}\` joins maps with ${a.left} and ${a.right} channels: they must be equal`,
  ),
  'head-channels': error(
    'The block of the head does not make one channel for each class.',
    (a: { block: string; channels: number; classes: number }) =>
      `\`head_block\` must make one channel for each class: \`${a.block}\` makes ${a.channels}, not ${a.classes}`,
  ),
  'sizes-not-equal': error(
    'Two maps that are joined have different sizes.',
    (a: { op: string; axis: string; left: string; right: string }) =>
      a.op === 'crop_like'
        ? `\`crop_like\` cannot crop ${a.axis} = ${a.left} to ${a.right}`
        : `\`${a.op}\` joins maps with different ${a.axis}: ${a.left} and ${a.right}`,
  ),
  'groups-not-divisible': error(
    'The channels cannot be divided into the groups.',
    (a: { what: string; channels: number; groups: number }) =>
      `${a.what}: ${a.channels} channels cannot be divided into ${a.groups} equal groups`,
  ),
  'heads-not-divisible': error(
    'The channels of an attention cannot be divided among its heads.',
    (a: { where: string; channels: number; heads: number }) =>
      `attention in ${a.where}: ${a.channels} channels cannot be divided evenly among ${a.heads} heads`,
  ),
} as const;
