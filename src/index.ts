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
export type * from '../grammar/ast.js';
export { type ParsedFile, parse } from '../grammar/parse/parse.js';
export { format } from '../grammar/print/print.js';
export { Facts } from './analysis/facts.js';
export type { Memory } from './analysis/memory.js';
export { type MapShape, type ShapeTable, type StageRow, shapeTable } from './analysis/shape-table.js';
export { outputSize, type SizeTable, sizeRule, sizeTable } from './analysis/size-table.js';
export { checkRecipe } from './autodiff/checks/check-recipe.js';
export type { StepProblem } from './autodiff/checks/step-problems.js';
export { printStep, type StepText } from './autodiff/print-step.js';
export {
  buildTrainingStep,
  type TrainingStepBuild,
  type TrainingStepOptions,
} from './autodiff/step/build-training-step.js';
export { buildEvaluationModel, type EvaluationModelBuild } from './autodiff/step/evaluation-model.js';
export { adamCorrections, type OptimizerSetting } from './autodiff/step/optimizer-setting.js';
export type { StepOptions, StepSettings } from './autodiff/step/step-settings.js';
export type {
  BatchInput,
  EvaluationInput,
  EvaluationModel,
  StateTensor,
  TrainingInput,
  TrainingOutput,
  TrainingStep,
} from './autodiff/step/step-tensors.js';
export type { StepValue as ModelTensor } from './autodiff/step/step-value.js';
export { type CheckResult, check } from './compiler/check.js';
export {
  type CompiledNetwork,
  type CompileOptions,
  type CompileResult,
  compile,
} from './compiler/compile.js';
export { diffNetworks, type NetworkDiff } from './compiler/diff.js';
export { type MetadataExtras, networkMetadata } from './compiler/metadata.js';
export { type PassStats, PassTimer } from './compiler/pass-timer.js';
export { printGraphs } from './compiler/print/print-graph.js';
export { printSpec } from './compiler/print/print-spec.js';
export { type MapProblem, mapProblemText } from './diagnostics/codes/weights/name-maps.js';
export { problemText, type WeightsProblem } from './diagnostics/codes/weights/weights.js';
export { type Code, codes, type Severity } from './diagnostics/codes.js';
export type { Diagnostic, Edit, Fix, Note } from './diagnostics/diagnostic.js';
export { Failure } from './diagnostics/failure.js';
export * from './diagnostics/render/index.js';
export { SourceFile } from './diagnostics/source-file.js';
export type { Span } from './diagnostics/span.js';
export { version } from './diagnostics/version.js';
export { pictureOf } from './draw/from-graph.js';
export type { Picture } from './draw/picture.js';
export { drawSvg } from './draw/svg/svg.js';
export type { Affine } from './ir/affine.js';
export { GraphBuilder } from './ir/builder.js';
export { type Graph, type Node, type Origin, parametersOf, type Stage, type ValueId } from './ir/graph.js';
export type { OpAttributes, OpKind } from './ir/op-attributes.js';
export type { Parameter } from './ir/parameter.js';
export { StagePath } from './ir/stage-path.js';
export { verify } from './ir/verify.js';
export type { Host } from './language/modules/modules.js';
export { lossText } from './language/recipes/loss-text.js';
export type { LossTerm, RecipeSpec, RecipeValues } from './language/recipes/recipe-spec.js';
export type { NetworkSpec } from './language/resolve/network-spec.js';
export type { Loss } from './language/schema/recipe-attributes.js';
export {
  type CaseMetrics,
  type ClassMetrics,
  type EvaluatedClass,
  type Presence,
  plainClasses,
} from './metrics/case-metrics.js';
export type { ClassCounts, ConfusionMatrix } from './metrics/confusion.js';
export { type CaseOptions, evaluateCase, type Segmentation } from './metrics/evaluate-case.js';
export { IGNORED } from './metrics/ignored.js';
export {
  CLASS_METRICS,
  type ClassMetric,
  type MetricValues,
  type NoValueReason,
} from './metrics/metric-names.js';
export type { CellErrors } from './metrics/objects/cell-errors.js';
export {
  evaluateObjects,
  type MatchScores,
  type ObjectMetrics,
  type ObjectOptions,
  type ObjectSummary,
  type PanopticQuality,
  summarizeObjects,
} from './metrics/objects/evaluate-objects.js';
export { type ObjectNumbers, objectsOfClass } from './metrics/objects/object-overlaps.js';
export type { Statistic } from './metrics/statistic.js';
export {
  type ClassSummary,
  MetricsAccumulator,
  type MetricsSummary,
  type OverallValues,
  summarize,
} from './metrics/summarize.js';
export { type Normalization, normalizationText } from './normalize/normalization.js';
export { readNormalization } from './normalize/normalization-json.js';
export { type ImageValues, normalizeImage } from './normalize/normalize-image.js';
export {
  type ComponentTable,
  largestComponents,
  touchesBorder,
} from './objects/components/component-table.js';
export {
  BandLabels,
  BandScan,
  type Components,
  connectedComponents,
} from './objects/components/connected-components.js';
export type { Connectivity } from './objects/components/connectivity.js';
export {
  type CocoAnnotation,
  type CocoDocument,
  type CocoFile,
  cocoDocument,
} from './objects/export/coco.js';
export type { ExportedObjects, ObjectClass, ObjectPlane } from './objects/export/exported-objects.js';
export { imageJRoiZip } from './objects/export/imagej-roi.js';
export { type ObjectOutline, type OutlinePolygon, outlinesOf, type Ring } from './objects/export/outlines.js';
export {
  type QuPathFeature,
  type QuPathObjectType,
  qupathFeatures,
  qupathGeoJson,
} from './objects/export/qupath.js';
export type { LabelArray, LabelImage } from './objects/label-array.js';
export { type LabelBands, postprocess, postprocessBands } from './objects/postprocess/postprocess.js';
export type { ObjectSize, PostprocessingScope, PostprocessingStep } from './objects/postprocess/step.js';
export { checkPostprocessing, type MapFacts } from './objects/postprocess/step-fit.js';
export { parsePostprocessing, postprocessingText } from './objects/postprocess/step-text.js';
export { type BorderWatershed, borderWatershed } from './objects/watershed/border-watershed.js';
export { type DistanceWatershed, distanceWatershed } from './objects/watershed/distance-watershed.js';
export { type AxisSizes, admissibleSizes, fits, nearestSizes } from './shape/admissible.js';
export { type InferredSizes, inferSizes } from './shape/infer.js';
export { readSafetensors, type WeightsReading } from './weights/bind/read-safetensors.js';
export { readWeights } from './weights/bind/read-weights.js';
export type { RandomAccess } from './weights/formats/safetensors-header.js';
export { type SafetensorsFile, writeSafetensors } from './weights/formats/safetensors-write.js';
export { seededWeights } from './weights/initialize.js';
export { builtInMaps } from './weights/names/built-in-maps.js';
export { compileNameMap, readNameMap } from './weights/names/name-map.js';
export { readTensor, type WeightSource, weightsFromTensors } from './weights/weight-source.js';
