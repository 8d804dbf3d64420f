/** unet-lang's parts that need Node: files, and engines that run a model. */
export { nodeHost } from './host/node-host.js';
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
export { writeFileAtomically, writeFilesAtomically } from './runtime/write-file.js';
