import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildOnnx } from '../../codegen/onnx/build.js';
import { compile } from '../../src/compiler/compile.js';
import { Failure } from '../../src/diagnostics/failure.js';
import type { Engine } from '../../src/runtime/engine.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { threadedOnnxRuntime } from '../../src/runtime/onnxruntime/threaded-engine.js';
import type { Tensor } from '../../src/runtime/tensor.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { ok } from '../data/folder.js';
import { buildWorker } from '../data/loader-worker.js';

let script: URL;
let remove: () => void;
let folder: string;
let bytes: Uint8Array;
beforeAll(async () => {
  ({ script, remove } = await buildWorker('src/runtime/onnxruntime/engine-thread.ts'));
  folder = mkdtempSync(join(tmpdir(), 'unet-engine-thread-'));
  const spec = 'unet Net { input = 1 x 16 x 16  classes = 2  depth = 2  channels = 4  padding = same }';
  const [network] = compile('net.unet', spec).networks;
  if (!network) throw new Error('the spec has errors');
  const built = buildOnnx(network.graph, {
    ...{ weights: seededWeights(1), fileName: 'net.onnx', producerVersion: '0', dynamic: true },
  });
  const [file] = built.ok ? built.files : [];
  if (!file) throw new Error('the model was not built');
  bytes = Buffer.concat(Array.from(file.chunks, (chunk) => Buffer.from(chunk)));
  writeFileSync(join(folder, 'net.onnx'), bytes);
  writeFileSync(join(folder, 'bad.onnx'), 'no model');
});
afterAll(() => {
  remove();
  rmSync(folder, { recursive: true });
});

const inputOf = (seed: number, size = 16): Tensor => ({
  shape: [1, 1, size, size],
  data: Float32Array.from({ length: size * size }, (_, i) => Math.sin(seed + i)),
});

async function open(engine: Engine, model: string | Uint8Array = join(folder, 'net.onnx')) {
  return ok(await engine.load(model, { threads: 1 }));
}

describe('onnxruntime on a thread', () => {
  test('sessions say and give what they do on this thread', async () => {
    const [here, there] = [await open(onnxRuntimeEngine()), await open(threadedOnnxRuntime(script), bytes)];
    expect([there.inputs, there.outputs, there.metadata]).toEqual([here.inputs, here.outputs, here.metadata]);
    const inputs = [inputOf(1), inputOf(2, 32), inputOf(3)];
    // All at once: they are answered in their order, and the inputs stay those of the caller.
    const found = await Promise.all(inputs.map((input) => there.run(input)));
    for (const [i, input] of inputs.entries()) {
      expect(found[i]).toEqual(ok(await here.run(input)));
      expect(input).toEqual(inputOf(i + 1, i === 1 ? 32 : 16));
    }
    expect(here.beside).toBeUndefined();
    expect(there.beside?.seconds).toBeGreaterThan(0);
    await here.close();
    await there.close();
    await there.close();
    await expect(there.run(inputOf(1))).rejects.toThrow('closed');
  });

  test('this thread works while one runs', async () => {
    const there = await open(threadedOnnxRuntime(script));
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await there.run(inputOf(1, 512));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    await there.close();
  });

  test('two sessions share it, and close on their own', async () => {
    const engine = threadedOnnxRuntime(script);
    const [one, two] = [await open(engine), await open(engine)];
    const first = ok(await one.run(inputOf(1)));
    await one.close();
    expect(ok(await two.run(inputOf(1)))).toEqual(first);
    await two.close();
    // And then it starts again.
    const three = await open(engine);
    expect(ok(await three.run(inputOf(1)))).toEqual(first);
    await three.close();
  });

  test('failures are those of the engine', async () => {
    const engine = threadedOnnxRuntime(script);
    const here = onnxRuntimeEngine();
    for (const path of ['bad.onnx', 'missing.onnx'].map((name) => join(folder, name))) {
      const found = await engine.load(path);
      expect(found).toBeInstanceOf(Failure);
      expect(found).toEqual(await here.load(path));
    }
    const [there, near] = [await open(engine), await open(here)];
    const wrong = { shape: [1, 2, 16, 16], data: new Float32Array(512) };
    const [found, wanted] = [await there.run(wrong), await near.run(wrong)];
    expect(found).toBeInstanceOf(Failure);
    expect(found).toEqual(wanted);
    expect(ok(await there.run(inputOf(4)))).toEqual(ok(await near.run(inputOf(4))));
    await there.close();
    await near.close();
  });

  test('a thread that dies fails what it was asked, and all that follows', async () => {
    const path = join(folder, 'dying.mjs');
    writeFileSync(
      path,
      `import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ id, task }) => {
  if (task.kind === 'run') process.exit(3);
  const model = { inputs: [], outputs: [], metadata: {} };
  parentPort.postMessage({ id, result: { kind: 'loaded', model } });
});`,
    );
    const session = await open(threadedOnnxRuntime(pathToFileURL(path)));
    const both = await Promise.all([session.run(inputOf(1)), session.run(inputOf(2))]);
    both.push(await session.run(inputOf(3)));
    for (const one of both) expect(one).toMatchObject({ code: 'engine-thread', args: { exitCode: 3 } });
    await session.close();
  });

  test('its script is missing', async () => {
    const missing = threadedOnnxRuntime(pathToFileURL(join(folder, 'none.js')));
    expect(await missing.load(bytes)).toMatchObject({ code: 'installation-incomplete' });
  });
});
