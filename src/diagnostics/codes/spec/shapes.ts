import { error, type None } from '../definition.js';

/** Why a stride does not fit a size: the remainder of the division is not the one that the operation needs. */
function divisionText(a: {
  readonly size: number;
  readonly stride: number;
  readonly residue: number;
}): string {
  if (a.stride === 2) {
    return a.residue === 0
      ? 'is odd'
      : 'is even, so that a window with a stride of 2 leaves one position over';
  }
  if (a.residue === 0) return `a stride of ${a.stride} does not divide`;
  return `leaves a remainder of ${a.size % a.stride} when divided by the stride of ${a.stride}, but must leave ${a.residue}`;
}

/** What is wrong with sizes. */
export const shapeCodes = {
  'input-does-not-fit': error(
    'The size of the input does not fit the strides of the network.',
    (a: { axis: string; input: number; op: string; size: number; stride: number; residue: number }) =>
      `${a.axis} = ${a.input} ${a.axis.includes(' and ') ? 'do' : 'does'} not fit: ${a.op} receives ${a.axis} = ${a.size}, which ${divisionText(a)}`,
  ),
  'input-too-small': error(
    'The input is too small for the network.',
    (a: { axis: string; input: number; op: string; size: number; minimum: number }) =>
      `${a.axis} = ${a.input} ${a.axis.includes(' and ') ? 'are' : 'is'} too small: ${a.op} ${
        a.size < 1 ? 'would receive' : 'receives'
      } ${a.axis} = ${a.size}, but needs at least ${a.minimum}`,
  ),
  'positions-fixed': error(
    'The network has a table of positions for another input size.',
    (a: { input: string; where: string; table: string; needed: string }) =>
      `the positions of ${a.where} are a table of ${a.table}, but an input of ${a.input} needs a table of ${a.needed}`,
  ),
  'odd-crop': error(
    'A skip cannot be cropped by the same amount on both sides.',
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} cannot be cropped evenly: it is ${a.difference} larger than ${a.up} along ${a.axis}`,
  ),
  'skip-smaller': error(
    'A skip is smaller than the map to which it should be cropped.',
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} is ${a.difference} smaller than ${a.up} along ${a.axis}: a crop cannot enlarge it`,
  ),
  'skip-not-equal': error(
    'A skip and the decoder differ in size, but `crop = error` allows no difference.',
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} and ${a.up} differ by ${a.difference} along ${a.axis}, but \`crop = error\` allows no difference`,
  ),
  'skip-size-varies': error(
    'The encoder and the decoder have different resolutions at one level.',
    (a: { level: number; up: string; axis: string; encoder: string; decoder: string }) =>
      `at level ${a.level}, the encoder and the decoder have different resolutions along ${a.axis}: the skip has ${a.encoder}, ${a.up} has ${a.decoder}`,
  ),
  'no-size-fits': error(
    'Operations of the network need sizes that exclude each other, so that no input fits.',
    (a: { axis: string; op: string; stride: number; size?: number; minimum?: number }) =>
      a.minimum === undefined
        ? `no input size fits: ${a.op} has a stride of ${a.stride}, which never divides the ${a.axis} that it receives`
        : `no input size fits: ${a.op} always receives ${a.axis} = ${a.size}, but needs at least ${a.minimum}`,
  ),
  'size-out-of-range': error(
    'The strides multiply to more than the compiler can compute exactly.',
    (_: None) =>
      'the strides of this network multiply to too large a number: sizes that fit would be more than 16,384 apart',
  ),
  'too-many-nodes': error(
    'The network has more operations than the compiler allows.',
    (a: { limit: number }) => `the network has more than ${a.limit} operations`,
  ),
  'count-out-of-range': error(
    'A count of the network is too large to be exact.',
    (a: { what: string }) => `this network has too many ${a.what} to count exactly`,
  ),
} as const;
