import { error, type None } from './definition.js';

/** What is wrong with a size that leaves another remainder than a stride asks for. */
function divisionText(a: {
  readonly size: number;
  readonly stride: number;
  readonly residue: number;
}): string {
  if (a.stride === 2)
    return a.residue === 0 ? 'is odd' : 'is even, and a window with a stride of 2 leaves a row over';
  if (a.residue === 0) return `a stride of ${a.stride} does not divide`;
  return `leaves ${a.size % a.stride} when divided by the stride of ${a.stride}, and must leave ${a.residue}`;
}

/** What is wrong with sizes. */
export const shapeCodes = {
  'input-does-not-fit': error(
    'The size of the input does not divide where a stride asks for it.',
    (a: { axis: string; input: number; op: string; size: number; stride: number; residue: number }) =>
      `${a.axis} = ${a.input} ${a.axis.includes(' and ') ? 'do' : 'does'} not fit: ${a.op} gets ${a.axis} = ${a.size}, which ${divisionText(a)}`,
  ),
  'input-too-small': error(
    'The input is used up before the network ends.',
    (a: { axis: string; input: number; op: string; size: number; minimum: number }) =>
      `${a.axis} = ${a.input} ${a.axis.includes(' and ') ? 'are' : 'is'} too small: ${a.op} ${
        a.size < 1 ? 'would get' : 'gets'
      } ${a.axis} = ${a.size}, and needs at least ${a.minimum}`,
  ),
  'positions-fixed': error(
    'A table of positions is made for another size of the input.',
    (a: { input: string; where: string; table: string; needed: string }) =>
      `the positions of ${a.where} are a table of ${a.table}; an input of ${a.input} would need one of ${a.needed}`,
  ),
  'odd-crop': error(
    'A skip can not be cropped by the same amount on both sides.',
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} cannot be cropped evenly: it is ${a.difference} larger than ${a.up} along ${a.axis}`,
  ),
  'skip-smaller': error(
    'A skip is smaller than the map that it is cropped to.',
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} is ${a.difference} smaller than ${a.up} along ${a.axis}: a crop cannot make it larger`,
  ),
  'skip-not-equal': error(
    'A skip differs in size, and `crop = error` allows no difference.',
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} and ${a.up} differ by ${a.difference} along ${a.axis}, and \`crop = error\` allows no difference`,
  ),
  'skip-size-varies': error(
    'A level is left at one resolution and returned to at another.',
    (a: { level: number; up: string; axis: string; encoder: string; decoder: string }) =>
      `level ${a.level} is left at one resolution and returned to at another along ${a.axis}: the skip has ${a.encoder}, ${a.up} has ${a.decoder}`,
  ),
  'no-size-fits': error(
    'The demands of the network contradict each other: no input fits.',
    (a: { axis: string; op: string; stride: number; size?: number; minimum?: number }) =>
      a.minimum === undefined
        ? `no input size fits: ${a.op} has a stride of ${a.stride}, which never divides the ${a.axis} that it gets`
        : `no input size fits: ${a.op} gets ${a.axis} = ${a.size} whatever the input, and needs at least ${a.minimum}`,
  ),
  'size-out-of-range': error(
    'Strides multiply beyond what can be computed exactly.',
    (_: None) =>
      'the strides of this network multiply to too much: sizes that fit would lie more than 16,384 apart',
  ),
  'too-many-nodes': error(
    'The network has more operations than the compiler makes.',
    (a: { limit: number }) => `the network has more than ${a.limit} operations`,
  ),
  'count-out-of-range': error(
    'A count of the network is too large to be exact.',
    (a: { what: string }) => `the ${a.what} of this network are too many to be counted exactly`,
  ),
} as const;
