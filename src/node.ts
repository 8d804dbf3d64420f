/** unet-lang's parts that need Node: files, and engines that run a model. */
export type { DataSet } from './data/data-set.js';
export type { Loader } from './data/loader/batch-queue.js';
export { type LoaderOptions, openLoader, openValidation } from './data/loader/open-loader.js';
export type { LoaderSettings } from './data/loader/settings.js';
export type { LoadedBatch, TrainingBatch } from './data/loader/training-batch.js';
export { type DataSetOptions, openDataSet } from './data/open-data-set.js';
export { readSample } from './data/samples/read-sample.js';
export type { LabelledImage, Sample } from './data/samples/sample.js';
export { type FiledSample, splitByNames } from './data/split/by-names.js';
export { splitBySeed } from './data/split/by-seed.js';
export { type FoldOptions, foldOf } from './data/split/folds.js';
export { groupsByPattern } from './data/split/group-pattern.js';
export type { Grouping, NamedSample, Split, SplitChoice } from './data/split/split.js';
export { type SampleFindings, verifyDataSet } from './data/survey/survey.js';
export { Failure } from './diagnostics/failure.js';
export { type LoadedImage, type ReadImageOptions, readImage } from './images/read-image.js';
export type { Device, Engine, LoadOptions, Session, TensorInfo } from './runtime/engine.js';
export { nodeHost } from './runtime/files/node-host.js';
export { readWeightsFile } from './runtime/files/read-weights-file.js';
export { writeFileAtomically, writeFilesAtomically } from './runtime/files/write-file.js';
export { maskOf, writeMask, writeProbabilities } from './runtime/images/mask.js';
export { asImage, npyChunks, readNpy } from './runtime/images/npy.js';
export {
  compareEngines,
  type EngineComparison,
  type StageDifference,
} from './runtime/inference/compare-engines.js';
export { type FitOptions, type InputRule, type Plan, planFit } from './runtime/inference/fit.js';
export { predict } from './runtime/inference/predict.js';
export { readOnnxMetadata } from './runtime/onnxruntime/onnx-metadata.js';
export { onnxRuntimeEngine } from './runtime/onnxruntime/onnxruntime.js';
export type { Tensor } from './runtime/tensor.js';
export { type StartOptions, startTfjs, type TfjsEngine } from './runtime/tfjs/engines/start.js';
export { fileSystemHandler } from './runtime/tfjs/file-system-io.js';
export { type OpenNetwork, type OpenOptions, openNetwork } from './runtime/tfjs/open-network.js';
export { sessionOf } from './runtime/tfjs/session.js';
export { tfjsEngine } from './runtime/tfjs/tfjs-engine.js';
export { type LearningRateSchedule, rateAt } from './train/loop/schedule.js';
export { Trainer, type TrainerRequest } from './train/loop/trainer.js';
export { type TrainingSettings, trainingSettings } from './train/loop/training-settings.js';
export type { BestEpoch, EpochRow } from './train/report/run-folder-epochs.js';
export { type RunReading, readRun } from './train/run-folder/read-run.js';
export { type TrainOptions, train } from './train/train.js';
export type { StepState, TrainingStart } from './train/training-events.js';
export type { TrainingResult } from './train/training-result.js';
