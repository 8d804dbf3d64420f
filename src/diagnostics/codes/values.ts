import { contradictionText } from './contradiction.js';
import { error, type None, warning } from './definition.js';

/** What is wrong with attributes and their values. */
export const valueCodes = {
  'unknown-attribute': error(
    'There is no attribute of that name.',
    (a: { name: string; owner: string }) => `${a.owner} has no attribute \`${a.name}\``,
  ),
  'duplicate-attribute': error(
    'An attribute is set twice in one place.',
    (a: { name: string }) => `\`${a.name}\` is set twice`,
  ),
  'missing-attribute': error(
    'A network lacks an attribute that it can not do without.',
    (a: { attribute: string; network: string }) => `${a.network} has no \`${a.attribute}\``,
  ),
  'not-per-level': error(
    'A level is given to an attribute that holds for the whole network.',
    (a: { attribute: string; owner: string }) =>
      `\`${a.attribute}\` holds for the whole ${a.owner}, not for single levels`,
  ),
  'level-out-of-range': error(
    'A setting is for a level that the network does not have.',
    (a: { attribute: string; level: string; last: number }) =>
      `\`${a.attribute}\` has no level ${a.level}: the levels are 1 to ${a.last}`,
  ),
  'list-length': error(
    'A list has not one value for each level.',
    (a: { attribute: string; found: number; expected: number; depth: number }) =>
      `\`${a.attribute}\` has ${a.found} values, and a network of depth ${a.depth} has ${a.expected} levels${
        a.expected > a.depth ? ', the bottleneck included' : ''
      }`,
  ),
  'wrong-kind': error(
    'A value is of another kind than its place takes.',
    (a: { what: string; expected: string; found: string }) => `${a.what} takes ${a.expected}, not ${a.found}`,
  ),
  'out-of-range': error(
    'A number is smaller or larger than its place allows.',
    (a: {
      what: string;
      value: string;
      minimum: string;
      maximum: string;
      /** The bound that the number may not have itself. */
      open?: 'minimum' | 'maximum' | undefined;
    }) =>
      `${a.what} is ${a.value}: it must ${
        a.open === 'minimum'
          ? `be above ${a.minimum} and at most ${a.maximum}`
          : a.open === 'maximum'
            ? `be at least ${a.minimum} and below ${a.maximum}`
            : `lie between ${a.minimum} and ${a.maximum}`
      }`,
  ),
  'rank-mismatch': error(
    'A value has another number of axes than the network.',
    (a: { what: string; found: number; rank: number }) =>
      `${a.what} has ${a.found} ${a.found === 1 ? 'axis' : 'axes'}, and the network has ${a.rank}`,
  ),
  'unknown-option': error(
    'A word is not among the choices of its attribute.',
    (a: { what: string; option: string }) => `${a.what} cannot be \`${a.option}\``,
  ),
  'unknown-argument': error(
    'An argument has a name that is not known there.',
    (a: { callee: string; name: string }) => `\`${a.callee}\` takes no \`${a.name}\``,
  ),
  'duplicate-argument': error(
    'An argument is given twice.',
    (a: { callee: string; name: string }) => `\`${a.name}\` of \`${a.callee}\` is given twice`,
  ),
  'too-many-arguments': error(
    'More arguments are given than there are parameters.',
    (a: { callee: string; limit: number }) =>
      a.limit === 0
        ? `\`${a.callee}\` takes no arguments`
        : `\`${a.callee}\` takes at most ${a.limit} ${a.limit === 1 ? 'argument' : 'arguments'}`,
  ),
  'missing-argument': error(
    'A required argument or parameter is left out.',
    (a: { callee: string; what: string }) => `\`${a.callee}\` needs ${a.what}`,
  ),
  'unit-mismatch': error(
    'Values of different units are put together.',
    (a: { a: string; b: string }) => `units do not fit: ${a.a} and ${a.b}`,
  ),
  'division-by-zero': error('A number is divided by zero.', (_: None) => 'division by zero'),
  'number-too-large': error(
    'A number is too large to be exact.',
    (a: { text: string }) => `the number ${a.text} is too large`,
  ),
  contradiction: error(
    'Settings contradict each other, or a setting contradicts what it is used for.',
    contradictionText,
  ),
  'odd-channels': error(
    'A number of channels is odd and must be halved.',
    (a: { channels: number; level: number }) => `${a.channels} channels of level ${a.level} cannot be halved`,
  ),
  'softmax-of-one-class': warning(
    'A softmax over one class is 1 everywhere.',
    (_: None) => 'softmax over one class is always 1',
  ),
  'kernel-below-stride': warning(
    'A transposed conv has a kernel smaller than its stride.',
    (a: { kernel: number; stride: number; axis: string }) =>
      `a transposed conv with kernel ${a.kernel} and stride ${a.stride} leaves positions along ${a.axis} that no input reaches`,
  ),
  'no-effect': warning('A setting changes nothing.', (a: { what: string }) => `${a.what} has no effect`),
} as const;
