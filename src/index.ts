/**
 * unet-lang as a library: the compiler and its backends, without any `node:` module. Files come in as texts and
 * through a Host; results are values.
 */

export type { Backend, OutputFile } from '../codegen/backend.js';
export {
  buildOnnx,
  type OnnxBuild,
  type OnnxFiles,
  type OnnxOptions,
  stageTensors,
} from '../codegen/onnx/build.js';
export { onnxBackend } from '../codegen/onnx/onnx-backend.js';
export { seededWeights } from '../codegen/weights/initialize.js';
export { builtInMaps } from '../codegen/weights/maps/built-in.js';
export { compileNameMap, readNameMap } from '../codegen/weights/name-map.js';
export { readWeights } from '../codegen/weights/read-weights.js';
export type { RandomAccess } from '../codegen/weights/safetensors-header.js';
export { readSafetensors, type WeightsReading } from '../codegen/weights/safetensors-read.js';
export { type SafetensorsFile, writeSafetensors } from '../codegen/weights/safetensors-write.js';
export { readTensor, type WeightSource, weightsFromTensors } from '../codegen/weights/weight-source.js';
export { problemText, type WeightsProblem } from '../codegen/weights/weights-problem.js';
export type * from '../grammar/ast.js';
export { type ParsedFile, parse } from '../grammar/parse.js';
export { format } from '../grammar/print.js';
export { Facts } from './analysis/facts.js';
export type { Memory } from './analysis/memory.js';
export { type MapShape, type ShapeTable, type StageRow, shapeTable } from './analysis/shape-table.js';
export { outputSize, type SizeTable, sizeRule, sizeTable } from './analysis/size-table.js';
export { adamCorrections } from './autodiff/adam.js';
export type { OptimizerSetting } from './autodiff/optimizer-setting.js';
export type {
  BatchInput,
  EvaluationInput,
  EvaluationModel,
  StateTensor,
  TrainingInput,
  TrainingOutput,
  TrainingStep,
} from './autodiff/step-tensors.js';
export type { Value as ModelTensor } from './autodiff/value.js';
export { buildEvaluationModel, type EvaluationModelBuild } from './build-evaluation-model.js';
export {
  buildTrainingStep,
  type TrainingStepBuild,
  type TrainingStepOptions,
} from './build-training-step.js';
export { type CheckResult, check } from './check.js';
export { checkRecipe } from './check-recipe.js';
export { type CompiledNetwork, type CompileOptions, type CompileResult, compile } from './compile.js';
export { diffNetworks, type NetworkDiff } from './diff.js';
export { pictureOf } from './draw/from-graph.js';
export type { Picture } from './draw/picture.js';
export { drawSvg } from './draw/svg.js';
export type { Affine } from './ir/affine.js';
export { GraphBuilder } from './ir/builder.js';
export { type Graph, type Node, type Origin, parametersOf, type Stage, type ValueId } from './ir/graph.js';
export type { OpAttributes, OpKind } from './ir/op-attributes.js';
export type { Parameter } from './ir/parameter.js';
export { verify } from './ir/verify.js';
export { networkMetadata } from './metadata.js';
export { lossText } from './semantics/loss-text.js';
export type { Host } from './semantics/modules.js';
export type { NetworkSpec } from './semantics/network-spec.js';
export type { Loss } from './semantics/recipe-attributes.js';
export type { LossTerm, RecipeSpec, RecipeValues } from './semantics/recipes.js';
export { type AxisSizes, admissibleSizes, fits, nearestSizes } from './shape/admissible.js';
export { type InferredSizes, inferSizes } from './shape/infer.js';
export { type Code, codes, type Severity } from './source/codes.js';
export type { Diagnostic, Edit, Fix, Note } from './source/diagnostic.js';
export * from './source/render/index.js';
export { SourceFile } from './source/source-file.js';
export type { Span } from './source/span.js';
export { version } from './source/version.js';
export type { StepProblem } from './step-problems.js';
export type { StepOptions, StepSettings } from './step-settings.js';
