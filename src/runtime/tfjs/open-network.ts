import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { buildTfjs, stageLayers } from '../../../codegen/tfjs/build-model.js';
import type { Tf } from '../../../codegen/tfjs/tf.js';
import { Failure, failure, reasonOf } from '../../diagnostics/failure.js';
import type { Graph } from '../../ir/graph.js';
import { pinsSize } from '../../ir/node-record.js';
import type { WeightSource } from '../../weights/weight-source.js';
import type { Session, TfjsDevice } from '../engine.js';
import { startTfjs } from './engines/start.js';
import { sessionOf } from './session.js';

export interface OpenOptions {
  readonly weights: WeightSource;
  readonly metadata: Readonly<Record<string, string>>;
  readonly device?: TfjsDevice;
  readonly threads?: number;
  /** Folders whose node_modules, and those of their parents, are searched instead of the default ones. */
  readonly from?: readonly string[];
  /** Makes the value of every stage an output too. */
  readonly stageOutputs: boolean;
  /** Called with each warning for the user, such as why a faster engine was not used. */
  readonly onWarning: (warning: string) => void;
}

export interface OpenNetwork {
  readonly session: Session;
  /** The name of the output with each stage's value, by stage name. */
  readonly stages: ReadonlyMap<string, string>;
}

/**
 * Builds the model of a graph in memory, on an engine of TensorFlow.js that it starts. The sizes are free unless the graph
 * pins them.
 */
export async function openNetwork(graph: Graph, options: OpenOptions): Promise<OpenNetwork | Failure> {
  const { device, threads, from, weights, metadata } = options;
  const engine = await startTfjs({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(from === undefined ? {} : { from }),
  });
  if (engine instanceof Failure) return engine;
  for (const warning of engine.warnings) options.onWarning(warning);
  const { tf } = engine;
  const stages = stageLayers(graph);
  try {
    const model = await buildTfjs(graph, { tf, weights, metadata, dynamic: !pinsSize(graph) });
    const whole = options.stageOutputs ? withStages(tf, model, stages) : model;
    return { session: sessionOf(engine, whole, metadata), stages };
  } catch (error) {
    await engine.close();
    return failure('model-not-built', { network: graph.name, engine: engine.name, reason: reasonOf(error) });
  }
}

/** The model with the layers of the stages as further outputs, except the input. */
function withStages(tf: Tf, model: LayersModel, stages: ReadonlyMap<string, string>): LayersModel {
  const names = new Set(
    [...model.outputNames, ...stages.values()].filter((name) => !model.inputNames.includes(name)),
  );
  // A layer that is applied several times has a list of outputs; every layer here is applied once.
  const outputs = [...names].map((name) => model.getLayer(name).output as SymbolicTensor);
  return tf.model({ inputs: model.inputs, outputs, name: model.name });
}
