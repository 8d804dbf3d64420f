import { seededWeights } from '../../dist/index.js';
import { buildTfjs, patchEngine } from '../../dist/tfjs.js';

// Where the package keeps its .wasm files; said before the engine starts.
const wasmFolder = new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url);
globalThis.tf?.wasm?.setWasmPaths(wasmFolder.href);

const engineNames = { wasm: 'WebAssembly', webgl: 'WebGL', cpu: 'JavaScript' };
/** Multiply-adds of some ten seconds: the page does nothing else meanwhile. */
const mostMacs = { wasm: 200e9, webgl: 1000e9, cpu: 5e9 };
/** Bytes of weights and activations that a page can be expected to get. */
const mostBytes = 2 ** 31;

/**
 * A network that is ready to run on an engine. Throws an Error with a sentence for the user where that can't be.
 * Dispose of `model` when it is not needed any more.
 */
export async function prepare(network, engineName, seed) {
  checkSize(network, engineName);
  const engine = await startEngine(engineName);
  const model = await buildTfjs(network.graph, { tf, weights: seededWeights(seed) });
  return { network, engineName, seed, engine, model };
}

/** Runs a model on (1, C, ...spatial). The result has the same order of axes; `milliseconds` are of this run. */
export async function run({ model, engine }, { shape, data }) {
  const start = performance.now();
  const output = tf.tidy(() => {
    const input = tf.transpose(tf.tensor(data, shape), channelsLast(shape.length));
    const [result] = [model.predict(input)].flat();
    return tf.transpose(result, channelsFirst(shape.length));
  });
  try {
    const values = await output.data();
    const milliseconds = performance.now() - start;
    return { engine, milliseconds, output: { shape: output.shape, data: values } };
  } finally {
    output.dispose();
  }
}

/** Tensors that TensorFlow.js holds: the weights, after a run as before it. */
export function tensorCount() {
  return tf.memory().numTensors;
}

/** Sets TensorFlow.js to an engine, and gives its name for people. */
async function startEngine(name) {
  if (!globalThis.tf) throw new Error('TensorFlow.js is missing: run npm ci, then load this page again.');
  if (tf.getBackend() !== name && !(await tf.setBackend(name).catch(() => false))) {
    throw new Error(`${engineNames[name]} does not start in this browser: choose another engine.`);
  }
  patchEngine(tf);
  return name === 'wasm' ? `${engineNames.wasm}, ${threadText()}` : engineNames[name];
}

/** A page that its server isolates from other origins, as this one's does, has a thread for every two CPUs. */
function threadText() {
  const threads = globalThis.crossOriginIsolated ? tf.wasm.getThreadsCount() : 1;
  return `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

function checkSize({ name, facts }, engineName) {
  const billions = (macs) => `${(macs / 1e9).toLocaleString('en', { maximumFractionDigits: 1 })} G`;
  if (facts.macs > mostMacs[engineName]) {
    throw new Error(
      `${name} has ${billions(facts.macs)} multiply-adds: this page runs at most ` +
        `${billions(mostMacs[engineName])} on ${engineNames[engineName]}. Choose another engine or a smaller input.`,
    );
  }
  const bytes = 4 * (facts.parameters + facts.statistics) + facts.memory.inference;
  if (bytes > mostBytes) {
    const gibibytes = (bytes / 2 ** 30).toFixed(1);
    throw new Error(`${name} needs ${gibibytes} GiB: too much for this page. Choose a smaller input.`);
  }
}

/** TensorFlow.js has the channels last; (N, C, ...spatial) is the order of the library and of ONNX. */
function channelsLast(rank) {
  return [0, ...axesFrom(2, rank), 1];
}

function channelsFirst(rank) {
  return [0, rank - 1, ...axesFrom(1, rank - 1)];
}

function axesFrom(first, end) {
  return Array.from({ length: end - first }, (_, index) => first + index);
}
