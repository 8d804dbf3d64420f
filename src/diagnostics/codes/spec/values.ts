import { error, type None, warning } from '../definition.js';
import { contradictionText } from './contradiction.js';

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
    'A network lacks a required attribute.',
    (a: { attribute: string; network: string }) => `${a.network} has no \`${a.attribute}\``,
  ),
  'not-per-level': error(
    'An attribute that cannot differ between levels is set for a level.',
    (a: { attribute: string; owner: string }) =>
      `\`${a.attribute}\` applies to the whole ${a.owner}, not to single levels`,
  ),
  'level-out-of-range': error(
    'A setting is for a level that the network does not have.',
    (a: { attribute: string; level: string; last: number }) =>
      `\`${a.attribute}\` has no level ${a.level}: the levels are 1 to ${a.last}`,
  ),
  'list-length': error(
    'A list does not have one value for each level.',
    (a: { attribute: string; found: number; expected: number; depth: number }) =>
      `\`${a.attribute}\` has ${a.found} values, but a network of depth ${a.depth} has ${a.expected} levels${
        a.expected > a.depth ? ', including the bottleneck' : ''
      }`,
  ),
  'wrong-kind': error(
    'A value is of the wrong kind.',
    (a: { what: string; expected: string; found: string }) => `${a.what} takes ${a.expected}, not ${a.found}`,
  ),
  'out-of-range': error(
    'A number is too small or too large.',
    (a: {
      what: string;
      value: string;
      minimum: string;
      maximum: string;
      /** The bound that the range itself excludes. */
      open?: 'minimum' | 'maximum' | undefined;
    }) =>
      `${a.what} is ${a.value}: it must be ${
        a.open === 'minimum'
          ? `above ${a.minimum} and at most ${a.maximum}`
          : a.open === 'maximum'
            ? `at least ${a.minimum} and below ${a.maximum}`
            : `between ${a.minimum} and ${a.maximum}`
      }`,
  ),
  'rank-mismatch': error(
    'A value has more or fewer axes than the network.',
    (a: { what: string; found: number; rank: number }) =>
      `${a.what} has ${a.found} ${a.found === 1 ? 'axis' : 'axes'}, but the network has ${a.rank}`,
  ),
  'unknown-option': error(
    'A word is not one of the choices of its attribute.',
    (a: { what: string; option: string }) => `${a.what} cannot be \`${a.option}\``,
  ),
  'unknown-argument': error(
    'An argument has an unknown name.',
    (a: { callee: string; name: string }) => `\`${a.callee}\` has no argument \`${a.name}\``,
  ),
  'duplicate-argument': error(
    'An argument is given twice.',
    (a: { callee: string; name: string }) => `\`${a.name}\` of \`${a.callee}\` is given twice`,
  ),
  'too-many-arguments': error(
    'There are more arguments than parameters.',
    (a: { callee: string; limit: number }) =>
      a.limit === 0
        ? `\`${a.callee}\` takes no arguments`
        : `\`${a.callee}\` takes at most ${a.limit} ${a.limit === 1 ? 'argument' : 'arguments'}`,
  ),
  'missing-argument': error(
    'A required argument or parameter is missing.',
    (a: { callee: string; what: string }) => `\`${a.callee}\` needs ${a.what}`,
  ),
  'unit-mismatch': error(
    'Values with different units are combined.',
    (a: { a: string; b: string }) => `the units do not match: ${a.a} and ${a.b}`,
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
    'An odd number of channels would have to be halved.',
    (a: { channels: number; level: number }) =>
      `the ${a.channels} channels of level ${a.level} cannot be halved`,
  ),
  'softmax-of-one-class': warning(
    'A softmax over one class is 1 everywhere.',
    (_: None) => 'a softmax over one class is always 1',
  ),
  'kernel-below-stride': warning(
    'The kernel of a transposed conv is smaller than its stride.',
    (a: { kernel: number; stride: number; axis: string }) =>
      `a transposed conv with kernel ${a.kernel} and stride ${a.stride} makes positions along ${a.axis} that no input reaches`,
  ),
  'no-effect': warning('A setting changes nothing.', (a: { what: string }) => `${a.what} has no effect`),
} as const;
