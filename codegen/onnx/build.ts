import { type Failure, failure } from '../../src/diagnostics/failure.js';
import type { Graph } from '../../src/ir/graph.js';
import {
  isMeasured,
  type Normalization,
  normalizationsOf,
  normalizationText,
  type OneNormalization,
} from '../../src/normalize/normalization.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import { type Emission, freeSizeProblems, type OutputFile } from '../backend.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { type LoweredGraph, lowerGraph } from './lower/lower-graph.js';
import type { FloatType, LoweringSettings } from './lowering-settings.js';
import { filesWithData, inlineModel, type ModelParts } from './model-files.js';
import { DEFAULT_OPSET, irVersionOf, opsets } from './opset.js';
import { onnx } from './proto.js';
import { type OnnxTensor, valueInfo, type WideTensor } from './tensor.js';

export interface OnnxOptions {
  readonly weights: WeightSource;
  /** The model's file name, such as `model.onnx`. */
  readonly fileName: string;
  /** 13 to 22; 17 unless given. */
  readonly opset?: number;
  /** Leaves the spatial sizes free. The batch always is. */
  readonly dynamic?: boolean;
  /** Merges batch norms into the convolutions before them. */
  readonly fold?: boolean;
  /** The type of the numbers inside; inputs and outputs stay float32. */
  readonly dtype?: FloatType;
  /**
   * The name of a file beside the model that contains the weights. Without it they are in the model or, if that would
   * exceed protobuf's limit of 2 GB, in `fileName` with `.data` after it.
   */
  readonly externalData?: string | undefined;
  /** Makes the factors of each dropout an input of the model; otherwise, dropouts are gone. */
  readonly dropoutInputs?: boolean;
  /** Makes the value of every stage an output too, under its name in `stageTensors`. */
  readonly stageOutputs?: boolean;
  /** What the model does to its input before the network, which then takes stored values; nothing when left out. */
  readonly normalization?: Normalization | undefined;
  /** The metadata_props, in this order. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producerVersion?: string;
}

export type OnnxBuild = Extract<Emission, { ok: false }> | (OnnxFiles & { readonly ok: true });

export interface OnnxFiles {
  /** The model, and the data file if there is one. */
  readonly files: readonly OutputFile[];
  /** The name of the data file; undefined if the weights are in the model. */
  readonly externalData: string | undefined;
  /** The tensor of each stage, by stage name, in this model. */
  readonly stageTensors: ReadonlyMap<string, string>;
}

/** The longest message that implementations of protobuf read. */
const LONGEST_MESSAGE = 2 ** 31 - 1;

/**
 * Writes a graph as an ONNX model. Nodes and tensors are named by stage paths, weights by parameter names; input and
 * outputs are (N, C, ...spatial) in float32. The bytes depend only on the arguments.
 *
 * Everything but the weights is encoded now. The weights stream from their source while the chunks of the files are
 * read.
 */
export function buildOnnx(graph: Graph, options: OnnxOptions): OnnxBuild {
  const problems = [...problemsOf(graph, options), ...freeSizeProblems(graph, options.dynamic)];
  const opset = options.opset ?? DEFAULT_OPSET;
  const irVersion = irVersionOf(opset);
  if (problems.length > 0 || irVersion === undefined) return { ok: false, problems };
  const plan = options.fold ? foldBatchNorm(graph, options.weights) : { graph, weights: options.weights };
  const lowered = lowerGraph(plan.graph, settingsOf(options), options.normalization);
  const model = onnx.ModelProto.encode({
    irVersion,
    opsetImport: [{ domain: '', version: opset }],
    producerName: 'unet-lang',
    producerVersion: options.producerVersion ?? '',
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
  }).finish();
  const stages = namesOfStages(plan.graph, lowered.tensors);
  const outputs = options.stageOutputs ? withStages(lowered, stages) : lowered.outputs;
  const parts: ModelParts = { model, graph: graphBytes(plan.graph.name, lowered, outputs) };
  const { initializers } = lowered;
  const inline = inlineModel(parts, initializers, plan.weights);
  const tooLong = inline.size > LONGEST_MESSAGE;
  const externalData = options.externalData ?? (tooLong ? `${options.fileName}.data` : undefined);
  const files =
    externalData === undefined
      ? [{ path: options.fileName, ...inline }]
      : filesWithData(parts, initializers, plan.weights, options.fileName, externalData);
  return { ok: true, files, externalData, stageTensors: stages };
}

/** The name of the tensor with each stage's value, in the model that buildOnnx makes with the same settings. */
export function stageTensors(
  graph: Graph,
  settings: Partial<LoweringSettings> = {},
): ReadonlyMap<string, string> {
  return namesOfStages(graph, lowerGraph(graph, settingsOf(settings)).tensors);
}

function namesOfStages(graph: Graph, tensors: readonly OnnxTensor[]): ReadonlyMap<string, string> {
  return new Map(graph.stages.map(({ path, value }) => [path.text, tensors[value]?.name ?? path.text]));
}

function settingsOf(settings: Partial<LoweringSettings>): LoweringSettings {
  const { opset = DEFAULT_OPSET, dynamic = false, dtype = 'float32', dropoutInputs = false } = settings;
  return { opset, dynamic, dtype, dropoutInputs };
}

function problemsOf(graph: Graph, options: OnnxOptions): readonly Failure[] {
  const problems: Failure[] = [];
  const { opset = DEFAULT_OPSET, externalData: name, fileName, normalization } = options;
  if (irVersionOf(opset) === undefined) {
    problems.push(
      failure('unsupported-opset', { opset, least: Math.min(...opsets), most: Math.max(...opsets) }),
    );
  }
  if (normalization && isMeasured(normalization)) {
    problems.push(failure('normalize-not-measured', { network: graph.name, measured: undefined }));
  }
  const partial = normalization && normalizationsOf(normalization).find(isPartialPercentile);
  if (partial) {
    const normalize = normalizationText(partial);
    problems.push(failure('normalize-not-in-graph', { network: graph.name, normalize }));
  }
  // The model stores the name of the data file relative to its own folder; readers refuse other folders.
  if (name !== undefined && (name === '' || name === fileName || /[/\\]|^\.\.?$/.test(name))) {
    problems.push(failure('invalid-data-file-name', { name }));
  }
  return problems;
}

/** The number of values that take part differs from image to image, and ONNX sorts the same number of each. */
function isPartialPercentile(one: OneNormalization): boolean {
  return one.kind === 'percentile' && one.nonzero;
}

/** The outputs, and the values of stages that are not outputs yet. The input cannot be an output. */
function withStages(
  lowered: LoweredGraph,
  stages: ReadonlyMap<string, string>,
): readonly (OnnxTensor | WideTensor)[] {
  const outputs = new Set(lowered.outputs.map((output) => output.name));
  const wanted = new Set(stages.values());
  return [...lowered.outputs, ...lowered.values.filter(({ name }) => wanted.has(name) && !outputs.has(name))];
}

function graphBytes(
  name: string,
  lowered: LoweredGraph,
  outputs: readonly (OnnxTensor | WideTensor)[],
): Uint8Array {
  const names = new Set(outputs.map((output) => output.name));
  return onnx.GraphProto.encode({
    name,
    node: [...lowered.nodes],
    initializer: [...lowered.constants],
    input: lowered.inputs.map(valueInfo),
    output: outputs.map(valueInfo),
    valueInfo: lowered.values.filter((value) => !names.has(value.name)).map(valueInfo),
  }).finish();
}
