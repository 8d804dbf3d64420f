import { listText, withLines } from '../../wording.js';
import { type Definition, error } from '../definition.js';
import { type MapMismatch, mismatchText } from './name-maps.js';

/** The kinds of files that weights are read from. */
export type WeightsFormat = 'safetensors' | 'onnx' | 'tfjs' | 'pytorch';

/** What a kind of file is called: the file that a user passed, and what it should be. */
const formats: Readonly<Record<WeightsFormat, { readonly file: string; readonly whole: string }>> = {
  safetensors: { file: 'weights file', whole: 'safetensors file' },
  onnx: { file: 'model', whole: 'ONNX model' },
  tfjs: { file: 'model', whole: 'TensorFlow.js model' },
  pytorch: { file: 'state dict', whole: 'PyTorch file' },
};

/** `tensor` is the name that a tensor has in the file, or undefined where the whole file is meant. */
export interface Finding {
  readonly format: WeightsFormat;
  readonly tensor: string | undefined;
}

/** `expected` and `found` are short texts: shapes, counts of bytes, types, reasons. */
export interface TensorFinding extends Finding {
  readonly expected: string;
  readonly found: string;
  /** The network's name of the tensor, where the file has it under another one. */
  readonly parameter?: string;
  /** The name in the file that was most likely meant. */
  readonly nearest?: string;
  /** The tensors of the file that PyTorch computes this one from. */
  readonly parts?: { readonly names: readonly string[]; readonly undo: keyof typeof undoing } | undefined;
}

const undoing = {
  'weight-norm': 'torch.nn.utils.remove_weight_norm(layer)',
  'spectral-norm': 'torch.nn.utils.remove_spectral_norm(layer)',
  pruning: "torch.nn.utils.prune.remove(layer, 'weight')",
  parametrization: "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')",
} as const;

/** A value that is not finite. */
export type NotFinite = keyof typeof notFinite;

const notFinite = {
  nan: 'not a number',
  infinity: 'infinite',
  '-infinity': 'negative infinity',
} as const;

export interface NotFiniteFinding extends Finding {
  readonly parameter?: string;
  /** How many values are not finite, of how many. */
  readonly count: number;
  readonly of: number;
  /** The first of them, by its index in the tensor of the file. */
  readonly index: readonly number[];
  readonly value: NotFinite;
}

/** Why a PyTorch file is not a state dict that can be read. */
export type StateDictProblem =
  | { readonly case: keyof typeof wrongFiles }
  | { readonly case: 'unknown-global'; readonly global: string }
  | { readonly case: 'no-tensors'; readonly searched: readonly string[]; readonly keys: readonly string[] };

const wrongFiles = {
  'old-format': 'is in the format that PyTorch had before 1.6',
  'big-endian': 'is from a big-endian machine',
  'other-pickle': 'is a pickle that torch.save did not write',
  torchscript: 'is a TorchScript program, not a state dict',
  'exported-program': 'is an exported program of torch.export (.pt2), not a state dict',
  'single-tensor': 'contains a single tensor',
  list: 'contains a list',
  value: 'contains a value',
  'empty-dict': 'contains an empty dict',
} as const;

const SAVE_STATE_DICT = "in Python, save it with torch.save(model.state_dict(), 'weights.pth')";
const SAVE_AGAIN =
  "in Python, save it again with torch.save(torch.load('old.pth', map_location='cpu'), 'new.pth')";
const SAVE_SCRIPT =
  "in Python, save its state dict: model = torch.jit.load('script.pt', map_location='cpu'); torch.save(model.state_dict(), 'weights.pth')";
const SAVE_EXPORTED =
  "in Python, save its state dict: torch.save(torch.export.load('model.pt2').state_dict, 'weights.pth')";

/** Tensors of kinds that hold no plain numbers, by the function that rebuilds them: what they are, and how to get numbers. */
const unreadTensors: ReadonlyMap<string, { readonly kind: string; readonly help: string }> = new Map([
  ['torch._utils._rebuild_sparse_tensor', { kind: 'sparse tensors', help: savedWith('to_dense()') }],
  ['torch._utils._rebuild_qtensor', { kind: 'quantized tensors', help: savedWith('dequantize()') }],
  [
    'torch._utils._rebuild_meta_tensor_no_storage',
    {
      kind: 'tensors on the device `meta`, which have no values',
      help: 'save the model after its weights are loaded',
    },
  ],
]);

function savedWith(call: string): string {
  return `in Python, save plain numbers: torch.save({k: v.${call} for k, v in model.state_dict().items()}, 'weights.pth')`;
}

const READABLE_FORMATS =
  'a .safetensors file, an .onnx file, a TensorFlow.js model (its folder or model.json), or a PyTorch state dict (.pt, .pth)';

/** Keys of a file that a message shows. */
const SHOWN_KEYS = 8;

function stateDictText(problem: StateDictProblem): string {
  switch (problem.case) {
    case 'unknown-global': {
      const tensors = unreadTensors.get(problem.global);
      if (tensors) return `contains ${tensors.kind}`;
      return `contains more than a state dict: \`${problem.global}\`, which is not executed`;
    }
    case 'no-tensors': {
      const quoted = (keys: readonly string[]) => keys.map((key) => `'${key}'`);
      const shown = quoted(problem.keys.slice(0, SHOWN_KEYS)).join(', ');
      const more = problem.keys.length > SHOWN_KEYS ? ', ...' : '';
      return `contains no tensors at its top level or under ${listText(quoted(problem.searched), 'or')}, only ${shown}${more}`;
    }
    default:
      return wrongFiles[problem.case];
  }
}

function stateDictHelp(problem: StateDictProblem): string {
  const { case: kind } = problem;
  if (kind === 'unknown-global') return unreadTensors.get(problem.global)?.help ?? SAVE_STATE_DICT;
  if (kind === 'old-format' || kind === 'big-endian') return SAVE_AGAIN;
  if (kind === 'torchscript') return SAVE_SCRIPT;
  return kind === 'exported-program' ? SAVE_EXPORTED : SAVE_STATE_DICT;
}

/** What the user should know about a file that fits the network. */
export interface WeightsNote {
  readonly case: 'state-dict-chosen';
  /** The keys of the state dict that was taken, joined by dots; empty for tensors at the top. */
  readonly taken: string;
  /** The other state dicts of the file. */
  readonly others: readonly string[];
}

export function weightsNoteText({ taken, others }: WeightsNote): string {
  const placeOf = (place: string): string => (place === '' ? 'at its top level' : `under '${place}'`);
  return `the weights are the tensors ${placeOf(taken)}; the file also has tensors ${listText(others.map(placeOf), 'and')}`;
}

const tensorOf = ({ tensor }: Finding): string => `tensor '${tensor}'`;

const namedTensorOf = (a: Finding & { readonly parameter?: string }): string =>
  a.parameter === undefined ? tensorOf(a) : `${tensorOf(a)} (${a.parameter})`;

const fileOf = ({ format }: Finding): string => formats[format].file;

/** What is wrong with a file of weights, or with one tensor in it. */
const findingCodes = {
  'weights-truncated': error(
    'A weights file is cut off.',
    (a: TensorFinding) =>
      `the ${fileOf(a)} is cut off${a.tensor === undefined ? '' : ` inside ${tensorOf(a)}`}: expected ${a.expected}, found ${a.found}`,
  ),
  'weights-damaged': error(
    'A weights file is damaged, or has another format.',
    (a: TensorFinding) =>
      `not a readable ${formats[a.format].whole}: expected ${a.expected}, found ${a.found}`,
  ),
  'weights-file-unreadable': error(
    'A model stores its weights in another file, which cannot be read.',
    (a: TensorFinding) => `cannot read ${a.expected}, which has weights of the ${fileOf(a)}: ${a.found}`,
  ),
  'unreadable-tensor-type': error(
    'A tensor has a type that is not readable as weights.',
    (a: TensorFinding) => `${tensorOf(a)} has type ${a.found}; readable types are ${a.expected}`,
  ),
  'tensor-damaged': error(
    'The entry of a tensor in a weights file is damaged.',
    (a: TensorFinding) =>
      `the ${a.format === 'safetensors' ? 'header ' : ''}entry of ${tensorOf(a)} is damaged: expected ${a.expected}, found ${a.found}`,
  ),
  'duplicate-tensor': error(
    'Two tensors of a file have the same name.',
    (a: TensorFinding) => `${tensorOf(a)} occurs more than once in the ${fileOf(a)}`,
  ),
  'missing-tensor': error('A weights file lacks a tensor that the network needs.', (a: TensorFinding) => {
    if (a.parts !== undefined) {
      const parts = listText(
        a.parts.names.map((name) => `'${name}'`),
        'and',
      );
      return `${namedTensorOf(a)} is not in the ${fileOf(a)}, which has ${parts} in its place; in Python, call ${undoing[a.parts.undo]} for each layer of that kind before saving the state dict`;
    }
    const hint = a.nearest === undefined ? '' : `; did you mean '${a.nearest}', which the file has?`;
    return `${namedTensorOf(a)} of shape ${a.expected} is not in the ${fileOf(a)}${hint}`;
  }),
  'extra-tensor': error(
    'A weights file has a tensor that the network does not have.',
    (a: TensorFinding) =>
      `${tensorOf(a)} of shape ${a.found} is in the ${fileOf(a)}, but the network has no such parameter`,
  ),
  'tensor-shape-mismatch': error(
    'A tensor has another shape than the network needs.',
    (a: TensorFinding) =>
      `${namedTensorOf(a)} has shape ${a.found} in the ${fileOf(a)}, but the network needs ${a.expected}`,
  ),
} as const;

/** A problem with `expected` and `found`. */
export type FindingCode = keyof typeof findingCodes;

const problemCodes = {
  ...findingCodes,
  'not-a-state-dict': error(
    'The PyTorch file is not a readable state dict.',
    (a: Finding & { problem: StateDictProblem }) => `the file ${stateDictText(a.problem)}`,
    ({ problem }) => stateDictHelp(problem),
  ),
  'tensor-not-finite': error(
    'A tensor has values that are NaN or infinite.',
    (a: NotFiniteFinding) =>
      `${namedTensorOf(a)} has ${a.count} of ${a.of} values that are not finite; the first, at index [${a.index.join(', ')}], is ${notFinite[a.value]}`,
  ),
  'folded-model': error(
    'The batch norms of the model are merged into its convolutions.',
    (a: Finding & { norms: number }) =>
      `the model was built with --fold: ${a.norms === 1 ? 'a batch norm is' : `${a.norms} batch norms are`} merged into the convolutions, and their tensors cannot be recovered`,
    () => 'build the model without --fold, or use the weights it was built with',
  ),
  'missing-map': error(
    'The tensors of the file have the names of another framework.',
    (a: Finding & { map: string }) =>
      `the tensors of the ${fileOf(a)} have the names of the built-in map \`${a.map}\``,
    (a) => `pass --map ${a.map}`,
  ),
  'own-names': error(
    'The tensors of the file already have the names of the network.',
    (a: Finding & { network: string }) =>
      `the tensors of the ${fileOf(a)} have the names of ${a.network}, not the names of the map`,
    () => 'leave --map out; to write the names of a map, use unet weights convert --to-map',
  ),
  'map-mismatch': error('The name map does not fit the network.', (a: Finding & { mismatch: MapMismatch }) =>
    mismatchText(a.mismatch),
  ),
} as const;

/** A finding with its code: a failure to bind a file's tensors to a network has a list of them. */
export type WeightsProblem = {
  [C in keyof typeof problemCodes]: { readonly code: C } & Parameters<(typeof problemCodes)[C]['message']>[0];
}[keyof typeof problemCodes];

/** The sentence of a problem, with its remedy where there is one. */
export function problemText(problem: WeightsProblem): string {
  // The problem has the arguments of its own code; TypeScript can't follow that through the union of all entries.
  const { message, help } = problemCodes[problem.code] as Definition<WeightsProblem>;
  const remedy = help(problem);
  return remedy === undefined ? message(problem) : `${message(problem)}; ${remedy}`;
}

/** Files of weights, and how their tensors bind to a network. */
export const weightsCodes = {
  ...problemCodes,
  'weights-mismatch': error(
    'The file does not contain the weights of the network.',
    (a: { path: string; network: string; problems: readonly WeightsProblem[] }) =>
      withLines(`${a.path} does not contain the weights of ${a.network}:`, a.problems.map(problemText)),
  ),
  'weights-not-finite': error(
    'The weights in the file are not all finite.',
    (a: { path: string; network: string; problems: readonly WeightsProblem[] }) =>
      withLines(`${a.path} has weights of ${a.network} that are not finite:`, a.problems.map(problemText)),
    () => 'use the weights of an earlier epoch, from before the training diverged',
  ),
  'unknown-weights-format': error(
    'The file has none of the formats of weights.',
    (a: { path: string }) => `cannot read weights from ${a.path}: its format is unknown`,
    () => `pass ${READABLE_FORMATS}`,
  ),
  'weights-sharded': error(
    'The weights lie in several files.',
    (a: { path: string; files: readonly string[] }) =>
      `${a.path} is an index of weights in ${a.files.length} ${a.files.length === 1 ? 'file' : 'files'}: ${a.files.slice(0, 4).join(', ')}${a.files.length > 4 ? ', ...' : ''}`,
    ({ path }) =>
      `in Python, in its folder, save them as one: import json; from safetensors.torch import load_file, save_file; files = set(json.load(open('${path.replace(/^.*[/\\\\]/, '')}'))['weight_map'].values()); save_file({k: v for f in files for k, v in load_file(f).items()}, 'weights.safetensors')`,
  ),
  'missing-model-json': error(
    'The folder has no model.json, so it is not a TensorFlow.js model.',
    (a: { path: string }) => `cannot read weights from ${a.path}: it is a folder without a model.json`,
  ),
} as const;
