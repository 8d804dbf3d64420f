/** unet-lang's parts that need Node: files, and engines that run a model. */
export { type DataSet, openDataSet, type Sample } from './data/data-set.js';
export { openLoader, openValidation } from './data/loader/open-loader.js';
export { splitByNames, splitBySeed } from './data/split.js';
export { nodeHost } from './host/node-host.js';
export {
  type Comparison,
  compareEngines,
  type StageDifference,
} from './runtime/compare-engines.js';
export type { Device, Engine, LoadOptions, Session, TensorInfo } from './runtime/engine.js';
export { Failure } from './runtime/failure.js';
export { type FitOptions, type InputRule, type Plan, planFit } from './runtime/fit.js';
export { readImage } from './runtime/image.js';
export { maskOf, writeMask, writeProbabilities } from './runtime/mask.js';
export { asImage, npyChunks, readNpy } from './runtime/npy.js';
export { readOnnxMetadata } from './runtime/onnx-metadata.js';
export { onnxRuntimeEngine } from './runtime/onnxruntime.js';
export { predict } from './runtime/predict.js';
export type { Tensor } from './runtime/tensor.js';
export { fileSystemHandler } from './runtime/tfjs/file-system-io.js';
export { type OpenNetwork, type OpenOptions, openNetwork } from './runtime/tfjs/open-network.js';
export { sessionOf } from './runtime/tfjs/session.js';
export { type StartOptions, startTfjs, type TfjsEngine } from './runtime/tfjs/start.js';
export { tfjsEngine } from './runtime/tfjs/tfjs-engine.js';
export { writeFileAtomically, writeFilesAtomically } from './runtime/write-file.js';
