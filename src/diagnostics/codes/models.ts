import { countedText, listText, shapeText } from '../wording.js';
import { error, type None } from './definition.js';
import { nameMapCodes } from './weights/name-maps.js';
import { weightsCodes } from './weights/weights.js';

type Shape = readonly (number | string)[];

/** What keeps a file from being the model.json of a TensorFlow.js model. */
const modelJsonProblems = {
  'not-json': 'it is not JSON text',
  'graph-model': 'it is a graph model (a converted SavedModel), not a layers model',
  'no-topology': 'it has no modelTopology',
  'no-manifest': 'it has no weightsManifest',
  group: 'a group of its weightsManifest has no paths or no weights',
  weight: 'a weight of its weightsManifest has no name, no shape, or an unknown type',
} as const;

export type ModelJsonProblem = keyof typeof modelJsonProblems;

/** Why the inputs of a model do not fit one image. */
export type InputsProblem =
  | { readonly case: 'none' }
  | { readonly case: 'several'; readonly inputs: readonly string[] }
  | { readonly case: 'unknown'; readonly unknown: readonly string[]; readonly inputs: readonly string[] };

function inputsText(problem: InputsProblem): string {
  switch (problem.case) {
    case 'none':
      return 'the model has no input, so it cannot run on an image';
    case 'several':
      return `the model has ${problem.inputs.length} inputs (${problem.inputs.join(', ')}), but one image feeds only one`;
    case 'unknown':
      return `the model has no input ${listText(problem.unknown, 'or')}; its inputs are ${listText(problem.inputs, 'and')}`;
  }
}

/** A model by its path, or the model that is in memory. */
const named = (path: string | undefined): string => path ?? 'the model';

/** Files of models, and what they take and give. */
export const modelCodes = {
  ...weightsCodes,
  ...nameMapCodes,
  'not-onnx': error(
    'The file is not an ONNX model.',
    (a: { path: string | undefined }) => `${named(a.path)} is not an ONNX model`,
  ),
  'onnx-truncated': error(
    'The ONNX model is cut off.',
    (a: { path: string | undefined; missing: number }) =>
      `${named(a.path)} is cut off: ${countedText(a.missing, 'byte')} ${a.missing === 1 ? 'is' : 'are'} missing at the end`,
    () => 'copy or download the file again',
  ),
  'not-tfjs': error(
    'The file is not a TensorFlow.js layers model.',
    (a: { path: string; problem: ModelJsonProblem }) =>
      `${a.path} is not a TensorFlow.js model: ${modelJsonProblems[a.problem]}`,
  ),
  'tfjs-weights-unreadable': error(
    'The weight files of a TensorFlow.js model cannot be read.',
    (a: { path: string; reason: string }) => `cannot load ${a.path}: ${a.reason}`,
  ),
  'weights-size-mismatch': error(
    'The weight files of a TensorFlow.js model do not have the size that model.json states.',
    (a: { model: string; files: readonly string[]; bytes: number; expected: number }) => {
      const [first = '', last = ''] = [a.files[0], a.files.at(-1)];
      const names = a.files.length < 4 ? listText(a.files, 'and') : `${first} to ${last}`;
      const one = a.files.length === 1;
      const wrong = a.bytes < a.expected ? 'cut off' : `longer than the weights in ${a.model}`;
      return `${names} ${one ? 'is' : 'are'} ${wrong}: ${one ? 'it has' : 'together they have'} ${a.bytes} bytes instead of ${a.expected}`;
    },
  ),
  'model-from-bytes': error(
    'A TensorFlow.js model cannot be loaded from bytes.',
    (_: None) => 'a TensorFlow.js model is loaded by the path of its model.json, not from bytes',
  ),
  'model-not-loaded': error(
    'The engine cannot load the model.',
    (a: { path: string | undefined; device?: string; reason: string }) =>
      `cannot load ${named(a.path)}${a.device === undefined ? '' : ` on ${a.device}`}: ${a.reason}`,
  ),
  'model-not-built': error(
    'The engine cannot build the network.',
    (a: { network: string; engine: string; reason: string }) =>
      `cannot build ${a.network} on ${a.engine}: ${a.reason}`,
  ),
  'model-failed': error(
    'The model failed while it ran.',
    (a: { engine?: string; reason: string }) =>
      `the model failed while running${a.engine === undefined ? '' : ` on ${a.engine}`}: ${a.reason}`,
  ),
  'network-too-large': error(
    'The network is too large to run without a model file.',
    (a: { network: string }) => `${a.network} is too large to run from memory`,
    () => 'build it first with `unet build`, and run the model',
  ),
  'model-inputs': error('The inputs of the model do not match one image.', (a: { problem: InputsProblem }) =>
    inputsText(a.problem),
  ),
  'input-not-an-image': error(
    'The input of the model is neither an image nor a volume.',
    (a: { input: string; shape: Shape }) =>
      `the model's input ${a.input} is ${shapeText(a.shape)}, not (N, C, ...spatial) with 2 or 3 spatial axes`,
  ),
  'input-shape-mismatch': error(
    'The image has another shape than the input of the model.',
    (a: { input: string; wanted: Shape; shape: Shape }) =>
      `the model's input ${a.input} takes ${shapeText(a.wanted)}, not ${shapeText(a.shape)}`,
  ),
  'input-not-float': error(
    'The input of the model does not take floating-point numbers.',
    (a: { input: string; type: string }) =>
      `the model's input ${a.input} is ${a.type}, but an image needs a float input`,
  ),
  'not-a-tensor': error(
    'An input or output of the model is not a tensor of numbers.',
    (a: { name: string; output: boolean }) =>
      a.output
        ? `the model's output ${a.name} contains no numbers`
        : `${a.name} of the model is not a tensor`,
  ),
  'missing-output': error(
    'The model does not have this output.',
    (a: { output: string | undefined; outputs: readonly string[] }) =>
      a.output === undefined
        ? 'the model has no output'
        : `the model has no output ${a.output}; its outputs are ${listText(a.outputs, 'and')}`,
  ),
  'output-shape-mismatch': error(
    'The output of the model has another shape than its margin implies.',
    (a: { output: string; shape: Shape; input: Shape; expected: Shape }) =>
      `the model's output ${a.output} is ${shapeText(a.shape)} for an input of ${shapeText(a.input)}; expected 1 x K x ${shapeText(a.expected)}`,
  ),
  'output-resolution': error(
    'The output of the network has another resolution than its input.',
    (a: { scale: readonly unknown[] }) =>
      `the network's output has another resolution than its input (${a.scale.join(' x ')} of its size), so it cannot be laid over the image`,
  ),
  'output-empty': error(
    'The output of the network is empty.',
    (a: { axis: string; margin: number }) =>
      `the network's output is empty: its margin on ${a.axis} is ${countedText(a.margin, 'pixel')}`,
  ),
  'output-larger': error(
    'The output of the network is larger than its input.',
    (a: { axis: string }) =>
      `the network's output is larger than its input on ${a.axis}, so it cannot run in tiles`,
  ),
  'tile-too-small': error(
    'The tile is smaller than the network accepts.',
    (a: { tile: number; least: number; axis: string }) =>
      `a tile size of ${a.tile} is too small: the network takes at least ${a.least} on ${a.axis}`,
  ),
  'overlap-out-of-range': error(
    'The overlap must be from 0 to below 1.',
    (a: { overlap: number }) => `the overlap must be from 0 to below 1, not ${a.overlap}`,
  ),
  'missing-time-step': error(
    'The model takes a time step, but none is given.',
    (_: None) => 'the model takes a time step',
    () => 'pass one, such as --time 500',
  ),
  'needless-time-step': error(
    'A time step is given, but the model takes none.',
    (_: None) => 'the model takes no time step',
    () => 'leave --time out',
  ),
} as const;
