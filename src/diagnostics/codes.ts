export type Severity = 'error' | 'warning';

interface Definition<A> {
  readonly severity: Severity;
  readonly message: (args: A) => string;
}

function error<A>(message: (args: A) => string): Definition<A> {
  return { severity: 'error', message };
}
function warning<A>(message: (args: A) => string): Definition<A> {
  return { severity: 'warning', message };
}
type None = Record<never, never>;

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

/**
 * Every diagnostic of the compiler: its code, its severity, and its message from typed arguments.
 * Each code has a page in docs/diagnostics and a fixture; a test holds the three lists equal.
 */
export const codes = {
  // Text and grammar
  'file-too-large': error(
    (a: { size: number; limit: number }) =>
      `the file has ${a.size} characters, more than the ${a.limit} that are read`,
  ),
  'not-text': error((_: None) => 'the file is not text'),
  'unexpected-character': error((a: { text: string }) => `unexpected character \`${a.text}\``),
  unclosed: error((a: { what: string }) => `this ${a.what} is never closed`),
  'nesting-too-deep': error((a: { limit: number }) => `brackets are nested more than ${a.limit} deep`),
  syntax: error((a: { message: string }) => a.message),
  'language-version': error((a: { version: number; first: boolean }) =>
    a.first
      ? `this compiler reads language 1, and the file is written in language ${a.version}`
      : '`language` stands at the beginning of a file',
  ),

  // Names
  'import-not-found': error((a: { path: string }) => `cannot find "${a.path}"`),
  'import-cycle': error((a: { chain: readonly string[] }) =>
    a.chain.length === 1
      ? 'the file imports itself'
      : `files import each other: ${[...a.chain, a.chain[0]].join(' -> ')}`,
  ),
  'import-unknown-name': error((a: { name: string; path: string }) => `${a.path} declares no \`${a.name}\``),
  'too-many-files': error((a: { limit: number }) => `more than ${a.limit} files are imported`),
  'duplicate-name': error((a: { name: string }) => `\`${a.name}\` is already declared`),
  'unknown-name': error((a: { what: string; name: string }) => `unknown ${a.what} \`${a.name}\``),
  'reference-cycle': error(
    (a: { what: string; chain: readonly string[] }) =>
      `${a.what} \`${a.chain[0]}\` is defined by itself: ${[...a.chain, a.chain[0]].join(' -> ')}`,
  ),
  'unused-value': warning(
    (a: { name: string; block: string }) => `\`${a.name}\` is never used in block \`${a.block}\``,
  ),

  // Attributes and values
  'unknown-attribute': error(
    (a: { name: string; owner: string }) => `${a.owner} has no attribute \`${a.name}\``,
  ),
  'duplicate-attribute': error((a: { name: string }) => `\`${a.name}\` is set twice`),
  'missing-attribute': error(
    (a: { attribute: string; network: string }) => `${a.network} has no \`${a.attribute}\``,
  ),
  'not-per-level': error(
    (a: { attribute: string; owner: string }) =>
      `\`${a.attribute}\` holds for the whole ${a.owner}, not for single levels`,
  ),
  'level-out-of-range': error(
    (a: { attribute: string; level: string; last: number }) =>
      `\`${a.attribute}\` has no level ${a.level}: the levels are 1 to ${a.last}`,
  ),
  'list-length': error(
    (a: { attribute: string; found: number; expected: number; depth: number }) =>
      `\`${a.attribute}\` has ${a.found} values, and a network of depth ${a.depth} has ${a.expected} levels${
        a.expected > a.depth ? ', the bottleneck included' : ''
      }`,
  ),
  'wrong-kind': error(
    (a: { what: string; expected: string; found: string }) => `${a.what} takes ${a.expected}, not ${a.found}`,
  ),
  'out-of-range': error(
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
    (a: { what: string; found: number; rank: number }) =>
      `${a.what} has ${a.found} ${a.found === 1 ? 'axis' : 'axes'}, and the network has ${a.rank}`,
  ),
  'unknown-option': error((a: { what: string; option: string }) => `${a.what} cannot be \`${a.option}\``),
  'unknown-argument': error(
    (a: { callee: string; name: string }) => `\`${a.callee}\` takes no \`${a.name}\``,
  ),
  'duplicate-argument': error(
    (a: { callee: string; name: string }) => `\`${a.name}\` of \`${a.callee}\` is given twice`,
  ),
  'too-many-arguments': error((a: { callee: string; limit: number }) =>
    a.limit === 0
      ? `\`${a.callee}\` takes no arguments`
      : `\`${a.callee}\` takes at most ${a.limit} ${a.limit === 1 ? 'argument' : 'arguments'}`,
  ),
  'missing-argument': error((a: { callee: string; what: string }) => `\`${a.callee}\` needs ${a.what}`),
  'unit-mismatch': error((a: { a: string; b: string }) => `units do not fit: ${a.a} and ${a.b}`),
  'division-by-zero': error((_: None) => 'division by zero'),
  'number-too-large': error((a: { text: string }) => `the number ${a.text} is too large`),
  contradiction: error((a: { text: string }) => a.text),
  'odd-channels': error(
    (a: { channels: number; level: number }) => `${a.channels} channels of level ${a.level} cannot be halved`,
  ),
  'softmax-of-one-class': warning((_: None) => 'softmax over one class is always 1'),
  'kernel-below-stride': warning(
    (a: { kernel: number; stride: number; axis: string }) =>
      `a transposed conv with kernel ${a.kernel} and stride ${a.stride} leaves positions along ${a.axis} that no input reaches`,
  ),
  'no-effect': warning((a: { what: string }) => `${a.what} has no effect`),

  // What is legal and most likely not meant
  'bias-before-norm': warning((_: None) => 'the norm takes away the bias of the convs before it'),
  'norm-of-one': warning((_: None) => 'a norm over a single number gives the same result for every input'),
  'dead-parameters': warning((a: { why: string }) => `parameters that change nothing: ${a.why}`),
  'skip-unused': warning((a: { stages: readonly string[] }) =>
    a.stages.length === 1
      ? `the map of ${a.stages[0]} is not used on the way up`
      : `the maps of ${a.stages.slice(0, -1).join(', ')} and ${a.stages.at(-1)} are not used on the way up`,
  ),
  'malformed-allow': warning((a: { problem: string }) => a.problem),
  'needless-allow': warning((a: { code: string }) => `there is no \`${a.code}\` here to allow`),

  // Blocks
  'not-a-stage': error((a: { found: string }) => `\`${a.found}\` is no stage of a pipeline`),
  'not-a-map': error((a: { found: string }) => `\`${a.found}\` is no feature map`),
  'channels-not-equal': error(
    (a: { op: string; left: number; right: number }) =>
      `\`${a.op}\` joins ${a.left} channels with ${a.right}: they must be equal`,
  ),
  'head-channels': error(
    (a: { block: string; channels: number; classes: number }) =>
      `\`head_block\` must give as many channels as there are classes: \`${a.block}\` gives ${a.channels}, not ${a.classes}`,
  ),
  'sizes-not-equal': error((a: { op: string; axis: string; left: string; right: string }) =>
    a.op === 'crop_like'
      ? `\`crop_like\` cannot cut ${a.axis} = ${a.left} to ${a.right}`
      : `\`${a.op}\` joins maps of different ${a.axis}: ${a.left} and ${a.right}`,
  ),
  'groups-not-divisible': error(
    (a: { what: string; channels: number; groups: number }) =>
      `${a.what}: ${a.channels} channels do not divide into ${a.groups} groups`,
  ),
  'heads-not-divisible': error(
    (a: { where: string; channels: number; heads: number }) =>
      `attention of ${a.where}: ${a.channels} channels do not divide into ${a.heads} heads`,
  ),

  // Shapes
  'input-does-not-fit': error(
    (a: { axis: string; input: number; op: string; size: number; stride: number; residue: number }) =>
      `${a.axis} = ${a.input} ${a.axis.includes(' and ') ? 'do' : 'does'} not fit: ${a.op} gets ${a.axis} = ${a.size}, which ${divisionText(a)}`,
  ),
  'input-too-small': error(
    (a: { axis: string; input: number; op: string; size: number; minimum: number }) =>
      `${a.axis} = ${a.input} ${a.axis.includes(' and ') ? 'are' : 'is'} too small: ${a.op} ${
        a.size < 1 ? 'would get' : 'gets'
      } ${a.axis} = ${a.size}, and needs at least ${a.minimum}`,
  ),
  'positions-fixed': error(
    (a: { input: string; where: string; table: string; needed: string }) =>
      `the positions of ${a.where} are a table of ${a.table}; an input of ${a.input} would need one of ${a.needed}`,
  ),
  'odd-crop': error(
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} cannot be cropped evenly: it is ${a.difference} larger than ${a.up} along ${a.axis}`,
  ),
  'skip-smaller': error(
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} is ${a.difference} smaller than ${a.up} along ${a.axis}: a crop cannot make it larger`,
  ),
  'skip-not-equal': error(
    (a: { skip: string; up: string; axis: string; difference: string }) =>
      `${a.skip} and ${a.up} differ by ${a.difference} along ${a.axis}, and \`crop = error\` allows no difference`,
  ),
  'skip-size-varies': error(
    (a: { level: number; up: string; axis: string; encoder: string; decoder: string }) =>
      `level ${a.level} is left at one resolution and returned to at another along ${a.axis}: the skip has ${a.encoder}, ${a.up} has ${a.decoder}`,
  ),
  'no-size-fits': error((a: { axis: string; op: string; stride: number; size?: number; minimum?: number }) =>
    a.minimum === undefined
      ? `no input size fits: ${a.op} has a stride of ${a.stride}, which never divides the ${a.axis} that it gets`
      : `no input size fits: ${a.op} gets ${a.axis} = ${a.size} whatever the input, and needs at least ${a.minimum}`,
  ),
  'size-out-of-range': error(
    (_: None) =>
      'the strides of this network multiply to too much: sizes that fit would lie more than 16,384 apart',
  ),
  'too-many-nodes': error((a: { limit: number }) => `the network has more than ${a.limit} operations`),
  'count-out-of-range': error(
    (a: { what: string }) => `the ${a.what} of this network are too many to be counted exactly`,
  ),

  // Expectations and ablations
  'expectation-failed': error((a: { row: string; found: string }) => `expected ${a.row}, found ${a.found}`),
  'unknown-stage': error((a: { stage: string }) => `the network has no ${a.stage}`),
  'too-many-networks': error(
    (a: { count: number; limit: number }) =>
      `the file has ${a.count} networks and variants, more than ${a.limit}`,
  ),
  'too-many-variants': error(
    (a: { count: number; limit: number }) => `the ablation has ${a.count} variants, more than ${a.limit}`,
  ),
} as const;

export type Code = keyof typeof codes;

/** The arguments that a code's message takes. */
export type CodeArguments<C extends Code> = Parameters<(typeof codes)[C]['message']>[0];
