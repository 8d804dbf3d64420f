/** unet-lang's parts that need Node: files, and engines that run a model. */
export {
  type DataSet,
  type DataSetOptions,
  type LabelledImage,
  openDataSet,
  type Sample,
  verifyDataSet,
} from './data/data-set.js';
export { type Loader, type LoaderOptions, openLoader, openValidation } from './data/loader/open-loader.js';
export type { LoaderSettings } from './data/loader/settings.js';
export { type Split, splitByNames, splitBySeed } from './data/split.js';
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
export { readWeightsFile } from './runtime/weights-files/read-weights-file.js';
export { writeFileAtomically, writeFilesAtomically } from './runtime/write-file.js';
export { type RunReading, readRun } from './train/read-run.js';
export type { BestEpoch, EpochRow } from './train/run-folder-epochs.js';
export { rateAt, type Schedule } from './train/schedule.js';
export { type TrainingStart, type TrainOptions, train } from './train/train.js';
export { Trainer, type TrainerRequest, type TrainingBatch } from './train/trainer.js';
export type { StepState } from './train/training-request.js';
export type { TrainingResult } from './train/training-result.js';
export { type TrainingSettings, trainingSettings } from './train/training-settings.js';
