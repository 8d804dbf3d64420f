import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { buildTfjs, stageLayers } from '../../codegen/tfjs/build-model.js';
import { lowerModel } from '../../codegen/tfjs/lower/lowerings.js';
import type { Tf } from '../../codegen/tfjs/tf.js';
import type { Graph } from '../../src/ir/graph.js';
import { patchEngine } from '../../src/runtime/tfjs/kernel-patches/patch-engine.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import { loadNativeTfjs } from '../native/native-tfjs.js';
import { exampleWeights } from '../onnx/example-graphs.js';
import type { Result } from '../onnx/run-onnx.js';

export type EngineName = 'wasm' | 'cpu' | 'native';

/** The engines that every test machine has; or the native one, where a run is made for it (see test/native). */
export const engines: readonly EngineName[] =
  process.env.UNET_TEST_ENGINE === 'native' ? ['native'] : ['wasm', 'cpu'];

/** Makes an engine the current one of its copy of tfjs, mended. */
export async function useEngine(name: EngineName): Promise<Tf> {
  if (name === 'native') return useNative();
  if (!(await tf.setBackend(name))) throw new Error(`tfjs has no backend ${name}`);
  await tf.ready();
  patchEngine(tf);
  return tf;
}

async function useNative(): Promise<Tf> {
  const native = await loadNativeTfjs();
  if ('skipped' in native) throw new Error(native.skipped);
  // All copies of tfjs in a process share one engine, which may be set to another backend by now.
  if (!(await native.tf.setBackend('tensorflow'))) throw new Error('tfjs-node has no backend');
  await native.tf.ready();
  patchEngine(native.tf);
  return native.tf;
}

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly time?: Float32Array;
}

/** What a model is given: the input as (N, ...spatial, C), and the time steps behind it. */
export function toInputs(tf: Tf, input: Values): import('@tensorflow/tfjs').Tensor[] {
  const { shape, time } = input;
  const x = toTensor(tf, input);
  return time ? [x, tf.tensor(time, [time.length, ...shape.slice(1).map(() => 1)])] : [x];
}

/** (N, C, ...spatial) as a tensor (N, ...spatial, C). */
export function toTensor(tf: Tf, { shape, data }: Values): import('@tensorflow/tfjs').Tensor {
  const [batch = 0, channels = 0, ...spatial] = shape;
  return tf.tensor(swapped(data, batch, channels), [batch, ...spatial, channels]);
}

/** (N, ...spatial, C) as values (N, C, ...spatial). */
export function fromTensor(tensor: import('@tensorflow/tfjs').Tensor): Values {
  const [batch = 0, ...rest] = tensor.shape;
  const channels = rest.at(-1) ?? 0;
  const spatial = rest.slice(0, -1);
  const positions = spatial.reduce((product, size) => product * size, 1);
  const data = swapped(Float32Array.from(tensor.dataSync()), batch, positions);
  return { shape: [batch, channels, ...spatial], data };
}

/** (N, rows, columns) as (N, columns, rows). */
function swapped(values: Float32Array, batch: number, rows: number): Float32Array {
  const columns = values.length / (batch * rows);
  const out = new Float32Array(values.length);
  for (let n = 0; n < batch; n += 1) {
    const from = n * rows * columns;
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        out[from + column * rows + row] = values[from + row * columns + column] ?? Number.NaN;
      }
    }
  }
  return out;
}

export interface RunOptions {
  readonly weights?: WeightSource;
  readonly dynamic?: boolean;
}

/** Runs a graph's model on the current engine; its outputs by name. */
export async function runTfjs(
  tf: Tf,
  graph: Graph,
  input: Values,
  options: RunOptions = {},
): Promise<ReadonlyMap<string, Result>> {
  const { layers } = lowerModel(graph);
  const names = new Map(graph.outputs.map(({ name, value }) => [name, layers[value] ?? '']));
  return run(tf, graph, input, names, options);
}

/** The value of every stage but the input, by stage name. */
export function runTfjsStages(
  tf: Tf,
  graph: Graph,
  input: Values,
  options: RunOptions = {},
): Promise<ReadonlyMap<string, Result>> {
  const names = new Map([...stageLayers(graph)].filter(([stage]) => stage !== 'input'));
  return run(tf, graph, input, names, options);
}

async function run(
  tf: Tf,
  graph: Graph,
  input: Values,
  layers: ReadonlyMap<string, string>,
  { weights = exampleWeights, dynamic = false }: RunOptions,
): Promise<ReadonlyMap<string, Result>> {
  const before = tf.memory().numTensors;
  const model = await buildTfjs(graph, { tf, weights, dynamic });
  // Two stages can be the same value.
  const names = [...new Set(layers.values())];
  const outputs = names.map((name) => model.getLayer(name).output);
  // A layer with several applications would have a list of outputs; every layer here is applied once.
  const staged = tf.model({
    inputs: model.inputs,
    outputs: outputs as import('@tensorflow/tfjs').SymbolicTensor[],
  });
  const given = toInputs(tf, input);
  const predicted = staged.predict(given);
  const tensors = Array.isArray(predicted) ? predicted : [predicted];
  const results = [...layers].map(([name, layer]): [string, Result] => {
    const tensor = tensors[names.indexOf(layer)];
    if (!tensor) throw new Error(`no output ${name}`);
    return [name, fromTensor(tensor)];
  });
  tf.dispose([...given, ...tensors]);
  model.dispose();
  const left = tf.memory().numTensors - before;
  if (left !== 0) throw new Error(`${left} tensors are left behind`);
  return new Map(results);
}
