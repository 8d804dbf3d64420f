import { listText, withLines } from '../wording.js';
import { error } from './definition.js';

/** The forms of values that are neither one of a list nor a number. */
const forms = {
  number: 'a number',
  setting: 'name=value',
  name: 'VALUE=NAME, such as 1=nucleus',
  label: 'VALUE=CLASS, such as 255=1, 1..9=1 or "*=1"',
  folder: 'the path of a folder',
  'image-pattern': 'a folder or a pattern with {case} and, for files of single channels, {channel}',
  'mask-pattern':
    'a folder or a pattern with {case} and, for files of single classes, {class}, as --images is one',
  validation: 'a part of the images, such as 0.2, or a file with their names',
  fold: 'the number of a fold and how many there are, such as 2/5',
  regions: 'the label of each region, from 0 to 65535, such as 1,2,3',
  group: 'a pattern such as {group}_*, or a regular expression with one capture group',
} as const;

/** What an option takes. */
export type Wanted =
  | { readonly oneOf: readonly string[] }
  | { readonly wholeFrom: number; readonly to?: number }
  | { readonly numberFrom: number; readonly below?: number; readonly to?: number }
  /** Sizes of a network with so many axes, where the network is known. */
  | { readonly sizes: number | undefined }
  | { readonly form: keyof typeof forms };

function wantedText(wanted: Wanted): string {
  if ('oneOf' in wanted) return listText(wanted.oneOf, 'or');
  if ('form' in wanted) return forms[wanted.form];
  if ('sizes' in wanted) {
    return wanted.sizes === undefined ? 'a size such as 570 or 570x300' : `1 or ${wanted.sizes} sizes`;
  }
  if ('wholeFrom' in wanted) {
    const { wholeFrom, to } = wanted;
    return to === undefined
      ? `a whole number from ${wholeFrom}`
      : `a whole number from ${wholeFrom} to ${to}`;
  }
  const { numberFrom, below, to } = wanted;
  if (to !== undefined) return `a number from ${numberFrom} to ${to}`;
  return below === undefined
    ? `a number from ${numberFrom}`
    : `a number from ${numberFrom} to below ${below}`;
}

/** What must be so for an option to have a meaning. */
const requirements = {
  weights: '--weights',
  'png-output': 'a .png file as -o; a .npy file contains the probabilities of every input',
  volume: '--volume',
  tolerance: '--tolerance',
  samples: '--samples',
  'safetensors-output':
    'a .safetensors file as --to, because the other formats have the names of the network',
} as const;

/** Why an option has no meaning here. */
export type NeedlessReason =
  | { readonly case: 'target'; readonly target: string }
  | { readonly case: 'model-head'; readonly head: string }
  /** An option for slices, with a network that takes volumes. */
  | { readonly case: 'whole-volumes' }
  /** An option that only has a meaning with another one. */
  | { readonly case: 'without'; readonly other: string }
  /** Options for a spec, with a model file, which contains its weights. */
  | { readonly case: 'model-file' };

/** What is wrong with the path of an output. */
export type OutputProblem =
  | { readonly case: 'ending'; readonly endings: readonly string[]; readonly folder?: boolean }
  | { readonly case: 'pytorch' }
  | { readonly case: 'model-json' }
  /** The result would replace a file that the command reads. */
  | { readonly case: 'is-input' };

const needed = (nearest: string | undefined, otherwise: string): string =>
  nearest === undefined ? otherwise : `did you mean \`${nearest}\`?`;

/** Commands and options that are used wrongly: the exit code of a command is 2. */
export const usageCodes = {
  usage: error(
    'The command has the wrong arguments or options.',
    (a: { reason: string; command: string; nearest?: string }) => a.reason,
    (a) => `${a.nearest === undefined ? '' : `did you mean \`${a.nearest}\`? `}see \`${a.command} --help\``,
  ),
  'unknown-command': error(
    'There is no command with this name.',
    (a: { command: string; nearest: string | undefined }) => `there is no command \`${a.command}\``,
    (a) => needed(a.nearest, 'see `unet --help`'),
  ),
  'unknown-code': error(
    'There is no diagnostic or failure with this code.',
    (a: { code: string; nearest: string | undefined }) => `there is no code \`${a.code}\``,
    (a) => needed(a.nearest, '`unet explain` lists all codes'),
  ),
  'unknown-network': error(
    'The spec has no network with this name.',
    (a: { path: string; network: string; networks: readonly string[]; nearest: string | undefined }) =>
      `${a.path} has no network \`${a.network}\``,
    (a) => (a.nearest === undefined ? choiceText(a) : needed(`${a.path}#${a.nearest}`, '')),
  ),
  'network-not-chosen': error(
    'The spec has several networks, and the command needs one of them.',
    (a: { path: string; networks: readonly string[] }) => `${a.path} has ${a.networks.length} networks`,
    (a) => choiceText(a),
  ),
  'unknown-recipe': error(
    'The spec has no recipe with this name.',
    (a: { path: string; recipe: string; recipes: readonly string[]; nearest: string | undefined }) =>
      `${a.path} has no recipe \`${a.recipe}\``,
    (a) => needed(a.nearest, a.recipes.length === 0 ? 'it has none' : `it has ${listText(a.recipes, 'and')}`),
  ),
  'recipe-not-chosen': error(
    'A spec has several recipes, and none is chosen.',
    (a: { path: string; recipes: readonly string[] }) =>
      `${a.path} has ${a.recipes.length} recipes: ${listText(a.recipes, 'and')}`,
    () => 'choose one with --recipe',
  ),
  'unknown-map': error(
    'There is no built-in map with this name, and no such file.',
    (a: { map: string; maps: readonly string[]; nearest: string | undefined }) =>
      `there is no built-in map \`${a.map}\`, and no such file`,
    (a) => needed(a.nearest, `the built-in maps are ${listText(a.maps, 'and')}`),
  ),
  'invalid-option-value': error(
    'An option does not accept its value.',
    (a: { option: string; value: string; wanted: Wanted }) =>
      `${a.option} takes ${wantedText(a.wanted)}, not ${a.value.trim() === '' ? 'an empty text' : `\`${a.value}\``}`,
  ),
  'conflicting-options': error(
    'Two options contradict each other.',
    (a: { options: readonly [string, string] }) =>
      `${a.options[0]} and ${a.options[1]} contradict each other`,
    () => 'pass one of them',
  ),
  'incomplete-options': error(
    'An option needs another option or another kind of file.',
    (a: { option: string; required: keyof typeof requirements }) =>
      `${a.option} needs ${requirements[a.required]}`,
  ),
  'evaluation-truth-missing': error(
    'Nothing says what predictions are measured against.',
    (a: { path: string; isRun: boolean }) =>
      a.isRun
        ? `${a.path} is a run, and --data does not name the images and masks to measure it on`
        : `--truth does not name the true masks of ${a.path}`,
    (a) =>
      a.isRun
        ? `unet evaluate ${a.path} --data DIR`
        : `unet evaluate ${a.path} --truth MASKS; a run folder takes --data DIR in its place`,
  ),
  'needless-option': error(
    'An option has no effect here.',
    (a: { options: readonly string[]; reason: NeedlessReason }) => {
      const are = a.options.length === 1 ? 'is' : 'are';
      if (a.reason.case === 'model-head') {
        return `${listText(a.options, 'and')} ${are} for models that do not name their head: this one has ${a.reason.head}`;
      }
      if (a.reason.case === 'whole-volumes') {
        return `${listText(a.options, 'and')} ${are} for networks of images: this one takes whole volumes`;
      }
      if (a.reason.case === 'without') {
        return `${listText(a.options, 'and')} ${are} for ${a.reason.other}, which is not there`;
      }
      return a.reason.case === 'target'
        ? `${listText(a.options, 'and')} ${are} not for --target ${a.reason.target}`
        : `${listText(a.options, 'and')} ${are} for specs: a model file contains its weights`;
    },
    (a) => (a.options.length === 1 ? 'leave it out' : 'leave them out'),
  ),
  'internal-option': error(
    'An option is for internal use by the command.',
    (a: { option: string; command: string }) => `${a.option} is how \`${a.command}\` calls itself`,
  ),
  'invalid-output-path': error(
    'The output path is not one that the command can write to.',
    (a: { option: string; path: string; problem: OutputProblem }) => {
      const { option, path, problem } = a;
      if (problem.case === 'pytorch') return `${option} takes no PyTorch file, but the path is ${path}`;
      if (problem.case === 'model-json')
        return `${option} takes the folder of a TensorFlow.js model, not ${path}`;
      if (problem.case === 'is-input') return `${option} names ${path}, which is an input`;
      const folder = problem.folder ? ', or a folder for TensorFlow.js' : '';
      return `${option} takes a ${listText(problem.endings, 'or')} file${folder}, not ${path}`;
    },
    ({ problem }) =>
      problem.case === 'pytorch'
        ? 'write a .safetensors file, which safetensors.torch.load_file reads'
        : problem.case === 'is-input'
          ? 'write the result to another file'
          : undefined,
  ),
  'wrong-engine': error(
    'The chosen engine cannot run this kind of model.',
    (a: { model: 'ONNX' | 'TensorFlow.js'; engine: string }) =>
      `--engine ${a.engine} does not run ${a.model === 'ONNX' ? 'an ONNX' : 'a TensorFlow.js'} model`,
    (a) => `pass the spec, or a model that was built with --target ${a.engine === 'ort' ? 'onnx' : 'tfjs'}`,
  ),
  'unsupported-opset': error(
    'The ONNX opset cannot be written.',
    (a: { opset: number; least: number; most: number }) =>
      `opset ${a.opset} cannot be written; choose ${a.least} to ${a.most}`,
  ),
  'invalid-data-file-name': error(
    'The name of the data file is not a plain file name.',
    (a: { name: string }) =>
      `the data file '${a.name}' lies beside the model, so it must be a plain file name, other than the model's`,
  ),
  'pinned-size': error(
    'The sizes of the network cannot be left free.',
    (a: { network: string; stage: string; table: readonly number[]; input: readonly number[] }) =>
      `the sizes of ${a.network} cannot be free: the positions of ${a.stage} are a table of ${a.table.join(' x ')}, for an input of ${a.input.join(' x ')} only`,
    () => 'leave --dynamic out',
  ),
  'tensor-too-large': error(
    'A tensor is larger than the target can hold.',
    (a: { name: string; shape: readonly number[] }) =>
      `${a.name} of ${a.shape.join(' x ')} takes more than 2 GiB, the most that TensorFlow.js holds in one tensor`,
    () => 'build the network with --target onnx',
  ),
} as const;

/** The networks of a file, a line each where there are several. */
function choiceText({
  path,
  networks,
}: {
  readonly path: string;
  readonly networks: readonly string[];
}): string {
  const names = networks.map((name) => `${path}#${name}`);
  if (names.length === 0) return 'it has none';
  return names.length === 1 ? `it has ${names[0]}` : withLines('choose one:', names);
}
