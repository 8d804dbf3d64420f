import { error } from './definition.js';

/** What is wrong in a block. */
export const blockCodes = {
  'not-a-stage': error(
    'Something stands behind `->` that can not be applied to a map.',
    (a: { found: string }) => `\`${a.found}\` is no stage of a pipeline`,
  ),
  'not-a-map': error(
    'Something else stands where a feature map must.',
    (a: { found: string }) => `\`${a.found}\` is no feature map`,
  ),
  'channels-not-equal': error(
    'Two maps are joined element by element, and their channels differ.',
    (a: { op: string; left: number; right: number }) =>
      `\`${a.op}\` joins ${a.left} channels with ${a.right}: they must be equal`,
  ),
  'head-channels': error(
    'The block of the head does not give a channel for each class.',
    (a: { block: string; channels: number; classes: number }) =>
      `\`head_block\` must give as many channels as there are classes: \`${a.block}\` gives ${a.channels}, not ${a.classes}`,
  ),
  'sizes-not-equal': error(
    'Two maps are joined, and their sizes differ.',
    (a: { op: string; axis: string; left: string; right: string }) =>
      a.op === 'crop_like'
        ? `\`crop_like\` cannot cut ${a.axis} = ${a.left} to ${a.right}`
        : `\`${a.op}\` joins maps of different ${a.axis}: ${a.left} and ${a.right}`,
  ),
  'groups-not-divisible': error(
    'The channels do not divide into the groups.',
    (a: { what: string; channels: number; groups: number }) =>
      `${a.what}: ${a.channels} channels do not divide into ${a.groups} groups`,
  ),
  'heads-not-divisible': error(
    'The channels of an attention do not divide into its heads.',
    (a: { where: string; channels: number; heads: number }) =>
      `attention of ${a.where}: ${a.channels} channels do not divide into ${a.heads} heads`,
  ),
} as const;
