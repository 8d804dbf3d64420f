import { InferenceSession, Tensor } from 'onnxruntime-node';
import { buildOnnx, type OnnxFiles, type OnnxOptions } from '../../codegen/onnx/build.js';
import type { Graph } from '../../src/ir/graph.js';
import { type ExampleInput, exampleWeights } from './example-graphs.js';

/** Builds a model and fails the test on a problem. */
export function build(graph: Graph, options: Partial<OnnxOptions> = {}): OnnxFiles {
  const built = buildOnnx(graph, { weights: exampleWeights, fileName: 'model.onnx', ...options });
  if (!built.ok) throw new Error(built.problems.map((problem) => problem.message).join('\n'));
  return built;
}

/** The bytes of a file, each chunk copied as its buffer may be used again. */
export function bytesOf(chunks: Iterable<Uint8Array>): Uint8Array {
  const copies: Uint8Array[] = [];
  for (const chunk of chunks) copies.push(chunk.slice());
  return Buffer.concat(copies);
}

/** The bytes of the model of a build. */
export function modelBytes(graph: Graph, options: Partial<OnnxOptions> = {}): Uint8Array {
  const [model] = build(graph, options).files;
  if (!model) throw new Error('no model was built');
  return bytesOf(model.chunks);
}

export interface Result {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * Runs a model (its bytes, or the path of its file) on onnxruntime's CPU engine; the results by output
 * name.
 */
export async function runOnnx(model: Uint8Array | string, input: ExampleInput): Promise<Map<string, Result>> {
  const settings: InferenceSession.SessionOptions = { intraOpNumThreads: 1, logSeverityLevel: 3 };
  const session =
    typeof model === 'string'
      ? await InferenceSession.create(model, settings)
      : await InferenceSession.create(model, settings);
  const { shape, data, time } = input;
  const ones = shape.slice(1).map(() => 1);
  const results = await session.run({
    input: new Tensor('float32', data, [...shape]),
    ...(time ? { time: new Tensor('float32', time, [time.length, ...ones]) } : {}),
  });
  const named = session.outputNames.map((name): [string, Result] => {
    const value = results[name];
    if (value?.type !== 'float32') throw new Error(`output ${name} is ${value?.type}`);
    return [name, { shape: value.dims, data: value.data as Float32Array }]; // the type is checked above
  });
  await session.release();
  return new Map(named);
}

/** The largest difference, relative to the largest size of the expected numbers. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i] ?? Number.NaN, expected[i] ?? Number.NaN];
    if (!(Number.isFinite(a) && Number.isFinite(b))) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a - b));
    size = Math.max(size, Math.abs(b));
  }
  return difference / size;
}
