import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnnx } from '../../../codegen/onnx/build.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import { metadataKeys, networkMetadata } from '../../compiler/metadata.js';
import { Failure, failure } from '../../diagnostics/failure.js';
import { version } from '../../diagnostics/version.js';
import { pinsSize } from '../../ir/node-record.js';
import {
  type Device,
  type Engine,
  ORT_DEVICES,
  type OrtDevice,
  type Session,
  TFJS_DEVICES,
  type TfjsDevice,
} from '../../runtime/engine.js';
import { checkWeightsFinite } from '../../runtime/files/check-weights.js';
import { isFolder } from '../../runtime/files/folders.js';
import { compareEngines, type EngineComparison } from '../../runtime/inference/compare-engines.js';
import { readOnnxWeightNames } from '../../runtime/onnxruntime/onnx-metadata.js';
import { onnxRuntimeEngine } from '../../runtime/onnxruntime/onnxruntime.js';
import { readRun } from '../../train/run-folder/read-run.js';
import { runFiles } from '../../train/run-folder/run-folder.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { reportNote } from '../output/output.js';
import { notMeasured } from './not-measured.js';
import { openWeights, type WeightOptions, weightUsageError } from './open-weights.js';
import { compileTarget, splitTarget } from './target.js';

export const ENGINES = ['ort', 'tfjs'] as const;
type EngineName = (typeof ENGINES)[number];

export interface ModelOptions extends WeightOptions {
  readonly engine?: string;
  readonly device?: string;
  readonly threads?: string;
  readonly compare?: boolean;
}

/** A model that is ready to run. */
export interface OpenModel {
  readonly session: Session;
  /** With both engines: how far apart they are. */
  readonly comparison?: EngineComparison;
}

/** The kind of a model by its path; `run` is a run folder, which contains an ONNX model. */
type ModelKind = 'spec' | 'tfjs' | 'onnx' | 'run';

/** The engine and its settings, from valid options. */
type Plan =
  | { readonly engine: 'ort'; readonly device?: OrtDevice; readonly threads?: number }
  | { readonly engine: 'tfjs'; readonly device?: TfjsDevice; readonly threads?: number };

/** Opens a model file, or compiles a spec. `onnx` runs ONNX files on the CPU: onnxruntime on this thread if left out. */
export async function openModel(
  model: string,
  options: ModelOptions,
  onnx?: Engine,
): Promise<OpenModel | Failure> {
  const kind = modelKind(model);
  const plan = planOf(kind, options);
  if (plan instanceof Failure) return plan;
  if (kind !== 'spec') {
    const unfinished = kind === 'run' ? unfinishedRun(model) : undefined;
    if (unfinished) return unfinished;
    return openFile(kind === 'run' ? join(model, runFiles.model) : model, plan, onnx);
  }
  const network = compileTarget(model, {});
  if (network instanceof Failure) return network;
  const unmeasured = notMeasured(network, options.weights);
  if (unmeasured) return unmeasured;
  const weights = openWeights(network, options);
  if (weights instanceof Failure) return weights;
  return options.compare ? openBoth(network, weights, plan) : openSpec(network, weights, plan);
}

/** Whether a path is that of a spec: FILE or FILE#NET. */
export function isSpec(model: string): boolean {
  return /\.unet$/.test(splitTarget(model).path);
}

function modelKind(model: string): ModelKind {
  if (isSpec(model)) return 'spec';
  if (/\.json$/i.test(model)) return 'tfjs';
  if (!isFolder(model)) return 'onnx';
  return existsSync(join(model, runFiles.run)) ? 'run' : 'tfjs';
}

/** Fails if a run folder has no model yet, or only that of an earlier end. */
function unfinishedRun(folder: string): Failure | undefined {
  const run = readRun(folder);
  if (run instanceof Failure) return run;
  if (run.finished) return undefined;
  return failure('run-not-finished', { folder, weights: run.bestWeights ?? run.lastWeights });
}

function planOf(kind: ModelKind, options: ModelOptions): Plan | Failure {
  const { engine: asked, device, threads: threadText } = options;
  const wanted = ENGINES.find((one) => one === asked);
  if (asked !== undefined && !wanted) {
    return failure('invalid-option-value', { option: '--engine', value: asked, wanted: { oneOf: ENGINES } });
  }
  if (threadText !== undefined && !/^[1-9]\d{0,5}$/.test(threadText)) {
    return failure('invalid-option-value', {
      option: '--threads',
      value: threadText,
      wanted: { wholeFrom: 1 },
    });
  }
  if ((kind === 'onnx' || kind === 'run') && wanted === 'tfjs') {
    return failure('wrong-engine', { model: 'ONNX', engine: 'tfjs' });
  }
  if (kind === 'tfjs' && wanted === 'ort') {
    return failure('wrong-engine', { model: 'TensorFlow.js', engine: 'ort' });
  }
  const engine: EngineName = wanted ?? (kind === 'tfjs' ? 'tfjs' : 'ort');
  if (kind !== 'spec') {
    const needless = (['seed', 'weights', 'map', 'compare'] as const)
      .filter((name) => options[name] !== undefined)
      .map((name) => `--${name}`);
    if (needless.length > 0) {
      return failure('needless-option', { options: needless, reason: { case: 'model-file' } });
    }
  }
  const wrong = weightUsageError(options);
  if (wrong) return wrong;
  const threads = threadText === undefined ? {} : { threads: Number(threadText) };
  if (engine === 'ort') return withDevice({ engine, ...threads }, ORT_DEVICES, device);
  return withDevice({ engine, ...threads }, TFJS_DEVICES, device);
}

function withDevice<P extends { readonly engine: EngineName }, D extends Device>(
  plan: P,
  devices: readonly D[],
  device: string | undefined,
): (P & { device?: D }) | Failure {
  if (device === undefined) return plan;
  const found = devices.find((one) => one === device);
  if (found) return { ...plan, device: found };
  const option = `--device with --engine ${plan.engine}`;
  return failure('invalid-option-value', { option, value: device, wanted: { oneOf: devices } });
}

/** Opens a model file. Fails if its weights are not finite. */
async function openFile(path: string, plan: Plan, onnx: Engine | undefined): Promise<OpenModel | Failure> {
  const session = await loadFile(path, plan, onnx);
  if (session instanceof Failure) return session;
  const names = plan.engine === 'ort' ? readOnnxWeightNames(path) : undefined;
  if (names instanceof Failure) return names;
  const wrong = checkWeightsFinite(path, names, session.metadata[metadataKeys.network] ?? 'the model');
  if (wrong === undefined) return { session };
  await session.close();
  return wrong;
}

async function loadFile(path: string, plan: Plan, onnx: Engine | undefined): Promise<Session | Failure> {
  if (plan.engine === 'ort') {
    const isOnCpu = plan.device === undefined || plan.device === 'cpu';
    return ((isOnCpu && onnx) || onnxRuntimeEngine()).load(path, settingsOf(plan));
  }
  // tfjs takes a second to load, so it is loaded only if it is used.
  const { tfjsEngine } = await import('../../runtime/tfjs/tfjs-engine.js');
  return tfjsEngine({ onWarning: reportNote }).load(path, settingsOf(plan));
}

function settingsOf<P extends Plan>(plan: P): Omit<P, 'engine'> {
  const { engine: _, ...settings } = plan;
  return settings;
}

async function openSpec(
  network: CompiledNetwork,
  weights: WeightSource,
  plan: Plan,
): Promise<OpenModel | Failure> {
  const opened =
    plan.engine === 'ort'
      ? await onOrt(network, weights, plan, false)
      : await onTfjs(network, weights, plan, false);
  return opened instanceof Failure ? opened : { session: opened.session };
}

/** The engine of the plan first, then the other one with its default device. */
async function openBoth(
  network: CompiledNetwork,
  weights: WeightSource,
  plan: Plan,
): Promise<OpenModel | Failure> {
  const ort = await onOrt(network, weights, plan.engine === 'ort' ? plan : { engine: 'ort' }, true);
  if (ort instanceof Failure) return ort;
  const tfjs = await onTfjs(network, weights, plan.engine === 'tfjs' ? plan : { engine: 'tfjs' }, true);
  if (tfjs instanceof Failure) {
    await ort.session.close();
    return tfjs;
  }
  const [first, second] = plan.engine === 'ort' ? [ort, tfjs] : [tfjs, ort];
  const { graph } = network;
  const stages = graph.stages.flatMap(({ path: { text: name }, value }) => {
    const [a, b] = [first.stages.get(name), second.stages.get(name)];
    // A model cannot have its input as an output.
    const isInput = graph.nodes[value]?.inputs.length === 0;
    return isInput || a === undefined || b === undefined ? [] : [{ stage: name, first: a, second: b }];
  });
  const comparison = compareEngines(first.session, second.session, stages);
  return { session: comparison.session, comparison };
}

/** The session of a network, and the output with each stage's value if all stages are outputs. */
interface Staged {
  readonly session: Session;
  readonly stages: ReadonlyMap<string, string>;
}

async function onOrt(
  network: CompiledNetwork,
  weights: WeightSource,
  plan: Plan & { readonly engine: 'ort' },
  stageOutputs: boolean,
): Promise<Staged | Failure> {
  const built = buildOnnx(network.graph, {
    weights,
    fileName: 'model.onnx',
    producerVersion: version,
    metadata: networkMetadata(network),
    dynamic: !pinsSize(network.graph),
    stageOutputs,
  });
  const [file, data] = built.ok ? built.files : [];
  if (!built.ok || !file || data) {
    return failure('network-too-large', { network: network.name });
  }
  // Each chunk is copied before the next one is made, because they share a buffer.
  const bytes = Buffer.concat(Array.from(file.chunks, (chunk) => Buffer.from(chunk)));
  const session = await onnxRuntimeEngine().load(bytes, settingsOf(plan));
  return session instanceof Failure ? session : { session, stages: built.stageTensors };
}

async function onTfjs(
  network: CompiledNetwork,
  weights: WeightSource,
  plan: Plan & { readonly engine: 'tfjs' },
  stageOutputs: boolean,
): Promise<Staged | Failure> {
  const { openNetwork } = await import('../../runtime/tfjs/open-network.js');
  return openNetwork(network.graph, {
    weights,
    metadata: networkMetadata(network),
    stageOutputs,
    onWarning: reportNote,
    ...settingsOf(plan),
  });
}
