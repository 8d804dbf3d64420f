import { failure } from '../../src/diagnostics/failure.js';
import { elementCount } from '../../src/ir/parameter.js';
import { type Backend, freeSizeProblems } from '../backend.js';
import { modelArtifacts, modelFiles, type TfjsOptions } from './model-files.js';

/** The largest tensor in bytes: engines hold a tensor in one piece, of at most this size. */
const LARGEST_TENSOR = 2 ** 31;

/** `--target tfjs`. */
export const tfjsBackend: Backend<TfjsOptions> = {
  target: 'tfjs',
  description: 'a TensorFlow.js LayersModel: model.json and its weights',
  emit(graph, options) {
    const { weights, needsLayers } = modelArtifacts(graph, options.dynamic ?? false);
    const large = weights.filter(({ shape }) => 4 * elementCount(shape) > LARGEST_TENSOR);
    const problems = [
      ...freeSizeProblems(graph, options.dynamic),
      ...large.map(({ parameter: { name, shape } }) => failure('tensor-too-large', { name, shape })),
    ];
    if (problems.length > 0) return { ok: false, problems };
    const note =
      "it has layers of unet-lang's own: call registerLayers(tf) of unet-lang/tfjs-layers before loading it";
    return { ok: true, files: modelFiles(graph, options), ...(needsLayers ? { notes: [note] } : {}) };
  },
};
