import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnnx } from '../../../codegen/onnx/build.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import { networkMetadata } from '../../compiler/metadata.js';
import { Failure } from '../../diagnostics/failure.js';
import { version } from '../../diagnostics/version.js';
import { pinsSize } from '../../ir/node-record.js';
import {
  type Device,
  ORT_DEVICES,
  type OrtDevice,
  type Session,
  TFJS_DEVICES,
  type TfjsDevice,
} from '../../runtime/engine.js';
import { isFolder } from '../../runtime/files/folders.js';
import { compareEngines, type EngineComparison } from '../../runtime/inference/compare-engines.js';
import { onnxRuntimeEngine } from '../../runtime/onnxruntime/onnxruntime.js';
import { runFiles } from '../../train/run-folder/run-folder.js';
import type { WeightSource } from '../../weights/weight-source.js';
import type { ExitCode } from '../command.js';
import { fail, say, usageError } from '../output/output.js';
import { openWeights, type WeightOptions, weightMisuse } from './open-weights.js';
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
  /** Where both engines run: how far apart they were so far. */
  readonly comparison?: EngineComparison;
}

/** What a path leads to: `run` is the folder of a training, which holds an ONNX model. */
type ModelKind = 'spec' | 'tfjs' | 'onnx' | 'run';

/** Where to run what, once the options are known to make sense. */
type Plan =
  | { readonly engine: 'ort'; readonly device?: OrtDevice; readonly threads?: number }
  | { readonly engine: 'tfjs'; readonly device?: TfjsDevice; readonly threads?: number };

/** Opens a model file or compiles a spec. What is wrong has been said when the result is an exit code. */
export async function openModel(model: string, options: ModelOptions): Promise<OpenModel | ExitCode> {
  const kind = modelKind(model);
  const plan = planOf(kind, options);
  if (typeof plan === 'string') return usageError(plan);
  if (kind !== 'spec') {
    const session = await loadFile(kind === 'run' ? join(model, runFiles.model) : model, plan);
    return session instanceof Failure ? fail(session) : { session };
  }
  const network = compileTarget(model, {});
  if (typeof network === 'number') return network;
  const weights = openWeights(network, options);
  if (weights instanceof Failure) return fail(weights);
  const opened = options.compare
    ? await openBoth(network, weights, plan)
    : await openSpec(network, weights, plan);
  return opened instanceof Failure ? fail(opened) : opened;
}

function modelKind(model: string): ModelKind {
  if (/\.unet$/.test(splitTarget(model).path)) return 'spec';
  if (/\.json$/i.test(model)) return 'tfjs';
  if (!isFolder(model)) return 'onnx';
  return existsSync(join(model, runFiles.run)) ? 'run' : 'tfjs';
}

/** The plan, or what is wrong with the options. */
function planOf(kind: ModelKind, options: ModelOptions): Plan | string {
  const { engine: asked, device, threads: threadText } = options;
  const wanted = ENGINES.find((one) => one === asked);
  if (asked !== undefined && !wanted) return `--engine takes ${ENGINES.join(' or ')}, not \`${asked}\``;
  if (threadText !== undefined && !/^[1-9]\d{0,5}$/.test(threadText)) {
    return `--threads takes a number, not \`${threadText}\``;
  }
  if ((kind === 'onnx' || kind === 'run') && wanted === 'tfjs') {
    return 'an ONNX model runs on onnxruntime: for --engine tfjs give the spec, or a model of --target tfjs';
  }
  if (kind === 'tfjs' && wanted === 'ort') {
    return 'a TensorFlow.js model runs on --engine tfjs: for onnxruntime give the spec, or a model of --target onnx';
  }
  const engine: EngineName = wanted ?? (kind === 'tfjs' ? 'tfjs' : 'ort');
  if (kind !== 'spec') {
    if (options.weights !== undefined || options.seed !== undefined || options.map !== undefined) {
      return '--seed, --weights and --map are for a spec: a model file has its weights inside';
    }
    if (options.compare) return '--compare is for a spec: it builds the model for both engines';
  }
  const wrong = weightMisuse(options);
  if (wrong !== undefined) return wrong;
  const threads = threadText === undefined ? {} : { threads: Number(threadText) };
  if (engine === 'ort') return withDevice({ engine, ...threads }, ORT_DEVICES, device);
  return withDevice({ engine, ...threads }, TFJS_DEVICES, device);
}

function withDevice<P extends { readonly engine: EngineName }, D extends Device>(
  plan: P,
  devices: readonly D[],
  device: string | undefined,
): (P & { device?: D }) | string {
  if (device === undefined) return plan;
  const found = devices.find((one) => one === device);
  if (found) return { ...plan, device: found };
  return `--device takes ${devices.join(', ')} with --engine ${plan.engine}, not \`${device}\``;
}

async function loadFile(path: string, plan: Plan): Promise<Session | Failure> {
  if (plan.engine === 'ort') return onnxRuntimeEngine().load(path, settingsOf(plan));
  // tfjs takes a second to load: only those who use it wait for it.
  const { tfjsEngine } = await import('../../runtime/tfjs/tfjs-engine.js');
  return tfjsEngine({ onWarning: (warning) => say(`note: ${warning}`) }).load(path, settingsOf(plan));
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

/** The engine of the plan first, then the other one with its own choice of a device. */
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
    // An input is no output that a model can have.
    const isInput = graph.nodes[value]?.inputs.length === 0;
    return isInput || a === undefined || b === undefined ? [] : [{ stage: name, first: a, second: b }];
  });
  const comparison = compareEngines(first.session, second.session, stages);
  return { session: comparison.session, comparison };
}

/** A network's session, and the output that is each stage's value where all of them are outputs. */
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
    return new Failure(`${network.name} is too large to run from memory: build it first`);
  }
  // Each chunk is copied before the next is made: they share a buffer.
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
    onWarning: (warning) => say(`note: ${warning}`),
    ...settingsOf(plan),
  });
}
