import type { Backend, BackendProblem } from '../backend.js';
import { modelFiles, type TfjsOptions } from './model-files.js';

/** `--target tfjs`. There is nothing that a network can have and tfjs can't express. */
export const tfjsBackend: Backend<TfjsOptions, BackendProblem> = {
  target: 'tfjs',
  description: 'a TensorFlow.js LayersModel: model.json and its weights',
  emit: (graph, options) => ({ ok: true, files: modelFiles(graph, options) }),
};
