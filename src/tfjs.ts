/**
 * unet-lang's TensorFlow.js backend. It imports nothing: the copy of tfjs that is to run the model is handed in, so
 * it serves Node's and a browser's alike.
 */
export { type BuildTfjsOptions, buildTfjs, stageLayers } from '../codegen/tfjs/build-model.js';
export { registerLayers, type UnetLayers } from '../codegen/tfjs/layers/register.js';
export { layerName } from '../codegen/tfjs/lower/layer-call.js';
export { modelFiles, type TfjsOptions } from '../codegen/tfjs/model-files.js';
export type { Tf } from '../codegen/tfjs/tf.js';
export { tfjsBackend } from '../codegen/tfjs/tfjs-backend.js';
export { fromTfjs, type TfjsWeight, tfjsWeights, toTfjs } from '../codegen/tfjs/weight-layout.js';
export { type PatchReport, patchEngine } from './runtime/tfjs/kernel-patches/patch-engine.js';
