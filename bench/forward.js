// Forward passes of the published networks at their published sizes on every engine, in one run: onnxruntime, and
// TensorFlow.js on WebAssembly with one and with two threads, and on tfjs-node where test/native has built it.
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnnx, compile, networkMetadata, seededWeights } from '../dist/index.js';
import { Failure, onnxRuntimeEngine, openNetwork } from '../dist/node.js';

const native = process.env.UNET_NATIVE_DIR || join(tmpdir(), 'unet-native-tfjs');
const weights = seededWeights(0);
const quiet = { stageOutputs: false, onWarning: () => {} };

function must(result) {
  if (result instanceof Failure) throw new Error(result.message);
  return result;
}

async function onOrt(net, threads) {
  const { files } = buildOnnx(net.graph, { weights, fileName: 'model.onnx' });
  const bytes = Buffer.concat(Array.from(files[0].chunks, (chunk) => Buffer.from(chunk)));
  return must(await onnxRuntimeEngine().load(bytes, { threads }));
}

async function onTfjs(net, options) {
  const opened = await openNetwork(net.graph, {
    weights,
    metadata: networkMetadata(net),
    ...quiet,
    ...options,
  });
  return must(opened).session;
}

const engines = [
  ['onnxruntime, 2 threads', (net) => onOrt(net, 2)],
  ['onnxruntime, 1 thread', (net) => onOrt(net, 1)],
  ['tfjs wasm, 2 threads', (net) => onTfjs(net, { device: 'wasm', threads: 2 })],
  ['tfjs wasm, 1 thread', (net) => onTfjs(net, { device: 'wasm', threads: 1 })],
  ...(existsSync(join(native, 'node_modules/@tensorflow/tfjs-node'))
    ? [['tfjs-node, its own threads', (net) => onTfjs(net, { device: 'cpu', from: [native] })]]
    : []),
];

export async function measure() {
  const measurements = [];
  for (const file of ['specs/unet2d.unet', 'specs/unet3d.unet']) {
    const [net] = compile(file, readFileSync(file, 'utf8')).networks;
    const channels = net.graph.nodes[0].channels;
    const shape = [1, channels, ...net.graph.inputSize];
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i));
    let base;
    for (const [engine, open] of engines) {
      const seconds = await shortest(await open(net), { shape, data });
      base ??= seconds;
      measurements.push({
        measure: `forward ${net.name}, ${engine}`,
        what: `${net.name} at ${shape.slice(1).join(' x ')} on ${engine}`,
        figures: { forward: seconds, [engines[0][0]]: base },
        unit: 's',
        ratio: seconds / base,
      });
    }
  }
  return measurements;
}

/** The shorter of two runs in seconds. A run before them also makes what the engine keeps. */
async function shortest(session, input) {
  const times = [];
  for (let i = 0; i < 3; i += 1) {
    const begun = performance.now();
    must(await session.run(input));
    times.push((performance.now() - begun) / 1000);
  }
  await session.close();
  return Math.min(...times.slice(1));
}
