import { readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import { registerLayers } from '../../../codegen/tfjs/layers/register.js';
import { Failure, failure } from '../../../src/diagnostics/failure.js';
import type { Session } from '../../../src/runtime/engine.js';
import { startTfjs, type TfjsEngine } from '../../../src/runtime/tfjs/engines/start.js';
import { fileSystemHandler } from '../../../src/runtime/tfjs/file-system-io.js';
import { sessionOf } from '../../../src/runtime/tfjs/session.js';
import { tfjsEngine } from '../../../src/runtime/tfjs/tfjs-engine.js';
import { emptyProject } from './fake-packages.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const settings = { device: 'wasm', threads: 1 } as const;

async function start(): Promise<TfjsEngine> {
  const engine = await startTfjs(settings);
  if (engine instanceof Failure) throw new Error(engine.message);
  open.push(engine);
  return engine;
}

async function load(path: string): Promise<Session> {
  const session = await tfjsEngine().load(path, settings);
  if (session instanceof Failure) throw new Error(session.message);
  open.push(session);
  return session;
}

async function loadFailure(path: string): Promise<Failure> {
  const session = await tfjsEngine().load(path, settings);
  if (session instanceof Failure) return session;
  open.push(session);
  throw new Error('it was loaded');
}

/** 3 channels to 2, mixed at each position, with free sizes; the second output is their sum with itself. */
const MIX = [1, -2, 0.5, 3, -1, 4];
const BIAS = [10, -20];

function mixing({ tf }: TfjsEngine, rank: 2 | 3): LayersModel {
  const input = tf.input({ shape: [...Array(rank).fill(null), 3], name: 'picture' });
  const config = { filters: 2, kernelSize: 1, name: 'mixed' };
  const layer = rank === 2 ? tf.layers.conv2d(config) : tf.layers.conv3d(config);
  const mixed = layer.apply(input) as ReturnType<typeof tf.input>;
  const doubled = tf.layers.add({ name: 'doubled' }).apply([mixed, mixed]) as typeof mixed;
  const kernel = tf.tensor(MIX, [...Array(rank).fill(1), 3, 2]);
  const bias = tf.tensor1d(BIAS);
  layer.setWeights([kernel, bias]);
  tf.dispose([kernel, bias]);
  return tf.model({ inputs: input, outputs: [doubled, mixed] });
}

/** What `mixed` gives for (N, 3, ...spatial), from the definition. */
function mixedOf(data: Float32Array, batch: number, positions: number): number[] {
  const result: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < 2; k++) {
      for (let p = 0; p < positions; p++) {
        let sum = BIAS[k] ?? 0;
        for (let c = 0; c < 3; c++) sum += (data[(n * 3 + c) * positions + p] ?? 0) * (MIX[c * 2 + k] ?? 0);
        result.push(sum);
      }
    }
  }
  return result;
}

function counting(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (i % 17) - 8);
}

describe('a session', () => {
  test.each([
    [2, [2, 3, 4, 5]],
    [3, [2, 3, 2, 4, 3]],
  ] as const)('takes and gives channels first, with %i axes', async (rank, shape) => {
    const engine = await start();
    const session = sessionOf(engine, mixing(engine, rank));
    const free = Array(rank).fill('');
    expect(session.inputs).toEqual([{ name: 'picture', type: 'float32', shape: ['', 3, ...free] }]);
    expect(session.outputs).toEqual([
      { name: 'doubled', type: 'float32', shape: ['', 2, ...free] },
      { name: 'mixed', type: 'float32', shape: ['', 2, ...free] },
    ]);
    const positions = shape.slice(2).reduce((product, size) => product * size, 1);
    const data = counting(2 * 3 * positions);
    const results = await session.run({ shape, data });
    if (results instanceof Failure) throw new Error(results.message);
    const expected = mixedOf(data, 2, positions);
    expect([...results.keys()]).toEqual(['doubled', 'mixed']);
    expect(results.get('mixed')?.shape).toEqual([2, 2, ...shape.slice(2)]);
    expect(Array.from(results.get('mixed')?.data ?? [])).toEqual(expected);
    expect(Array.from(results.get('doubled')?.data ?? [])).toEqual(expected.map((value) => 2 * value));
    await session.close();
  });

  test('keeps no tensor, whether it succeeds or fails', async () => {
    const engine = await start();
    const { tf } = engine;
    const empty = tf.memory().numTensors;
    const session = sessionOf(engine, mixing(engine, 2));
    const held = tf.memory().numTensors;
    expect(held).toBe(empty + 2);
    const input = { shape: [1, 3, 4, 4], data: counting(48) };
    expect(await session.run(input)).toBeInstanceOf(Map);
    expect(tf.memory().numTensors).toBe(held);

    const kernel = tf.getKernel('AddN', 'wasm') ?? tf.getKernel('Add', 'wasm');
    const broken = {
      ...kernel,
      kernelFunc: () => {
        throw new Error('out of memory\n  at somewhere');
      },
    };
    const stock = tf.getKernel('Add', 'wasm');
    tf.unregisterKernel('Add', 'wasm');
    tf.registerKernel({ ...broken, kernelName: 'Add' });
    expect(await session.run(input)).toEqual(
      failure('model-failed', { engine: 'wasm', reason: 'out of memory' }),
    );
    tf.unregisterKernel('Add', 'wasm');
    tf.registerKernel(stock);
    expect(tf.memory().numTensors).toBe(held);
    expect(await session.run(input)).toBeInstanceOf(Map);
    await session.close();
    await session.close();
  });

  test('refuses what the model does not take', async () => {
    const engine = await start();
    const session = sessionOf(engine, mixing(engine, 2));
    open.push(session);
    const result = await session.run({ shape: [1, 4, 2, 2], data: counting(16) });
    expect(result).toEqual(
      failure('input-shape-mismatch', {
        input: 'picture',
        wanted: ['any', 3, 'any', 'any'],
        shape: [1, 4, 2, 2],
      }),
    );
  });

  test('frees the weights and the engine when it is closed', async () => {
    const engine = await start();
    const { tf } = engine;
    const folder = emptyProject();
    const model = mixing(engine, 2);
    await model.save(fileSystemHandler(folder));
    model.dispose();
    const empty = tf.memory().numTensors;
    const session = await load(folder);
    expect(tf.memory().numTensors).toBeGreaterThan(empty);
    await session.close();
    expect(tf.memory().numTensors).toBe(empty);
    await engine.close();
    // Another device can be started: nothing holds the engine.
    const other = await startTfjs({ device: 'cpu' });
    expect(other).not.toBeInstanceOf(Failure);
    if (!(other instanceof Failure)) open.push(other);
  });
});

describe('a model in files', () => {
  /** Saves the model and gives the folder. */
  async function saved(change?: (engine: TfjsEngine, model: LayersModel) => void): Promise<string> {
    const engine = await start();
    const model = mixing(engine, 2);
    change?.(engine, model);
    const folder = emptyProject();
    await model.save(fileSystemHandler(folder));
    model.dispose();
    return folder;
  }

  test('computes as before, by its folder and by its model.json', async () => {
    const folder = await saved((_, model) =>
      model.setUserDefinedMetadata({ 'unet.network': 'Net', 'unet.number': 3 as unknown as object }),
    );
    const input = { shape: [1, 3, 4, 4], data: counting(48) };
    for (const path of [folder, join(folder, 'model.json')]) {
      const session = await load(path);
      const results = await session.run(input);
      if (results instanceof Failure) throw new Error(results.message);
      expect(Array.from(results.get('mixed')?.data ?? [])).toEqual(mixedOf(input.data, 1, 16));
      expect(session.metadata).toEqual({ 'unet.network': 'Net' });
      await session.close();
    }
  });

  test('is written beside another one, under its own name', async () => {
    const folder = await saved();
    const engine = await start();
    const model = mixing(engine, 2);
    const [layer] = model.getWeights();
    const path = join(folder, 'second.json');
    const result = await model.save(fileSystemHandler(path));
    expect(result.modelArtifactsInfo.weightDataBytes).toBe(4 * (MIX.length + BIAS.length));
    expect(readFileSync(join(folder, 'second.weights.bin'))).toHaveLength(32);
    expect(readFileSync(join(folder, 'weights.bin'))).toHaveLength(32);
    const again = await engine.tf.loadLayersModel(fileSystemHandler(path));
    expect(again.getWeights()[0]?.dataSync()).toEqual(layer?.dataSync());
    again.dispose();
    model.dispose();
  });

  test('may have layers of ours', async () => {
    const engine = await start();
    const { tf } = engine;
    const input = tf.input({ shape: [null, null, 1] });
    const cropping: [number, number][] = [
      [1, 2],
      [0, 1],
    ];
    const cropped = registerLayers(tf).cropping({ cropping, name: 'cropped' }).apply(input) as typeof input;
    const model = tf.model({ inputs: input, outputs: cropped });
    const folder = emptyProject();
    await model.save(fileSystemHandler(folder));
    model.dispose();
    const session = await load(folder);
    const results = await session.run({
      shape: [1, 1, 5, 4],
      data: Float32Array.from({ length: 20 }, (_, i) => i),
    });
    if (results instanceof Failure) throw new Error(results.message);
    expect(results.get('cropped')).toEqual({ shape: [1, 1, 2, 3], data: Float32Array.of(4, 5, 6, 8, 9, 10) });
  });

  test('that is missing or damaged is a failure that names the file', async () => {
    const missing = join(emptyProject(), 'nothing.json');
    expect(await loadFailure(missing)).toEqual(
      failure('file-unreadable', { path: missing, cause: 'ENOENT' }),
    );
    const folder = await saved();
    const [file, weights] = [join(folder, 'model.json'), join(folder, 'weights.bin')];
    const text = readFileSync(file, 'utf8');
    const json: Record<string, unknown> = JSON.parse(text);
    const manifest = (change: object) => [{ ...(json.weightsManifest as object[])[0], ...change }];
    for (const [content, problem] of [
      ['', 'not-json'],
      [text.slice(0, 200), 'not-json'],
      ['[]', 'no-topology'],
      [{ ...json, format: 'graph-model' }, 'graph-model'],
      [{ ...json, weightsManifest: undefined }, 'no-manifest'],
      [{ ...json, weightsManifest: [{}] }, 'group'],
      [
        { ...json, weightsManifest: manifest({ weights: [{ name: 'x', shape: [-1], dtype: 'float32' }] }) },
        'weight',
      ],
    ] as const) {
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      expect(await loadFailure(folder)).toEqual(failure('not-tfjs', { path: file, problem }));
    }
    for (const [content, code, args] of [
      [
        { weightsManifest: manifest({ paths: ['../weights.bin'] }) },
        'tfjs-weights-unreadable',
        { path: file, reason: expect.stringContaining('below the folder') },
      ],
      [
        { weightsManifest: manifest({ weights: [] }) },
        'weights-size-mismatch',
        { model: file, files: [weights], bytes: 32, expected: 0 },
      ],
      [
        {
          modelTopology: { class_name: 'Model', config: { layers: [{ class_name: 'Unheard', config: {} }] } },
        },
        'model-not-loaded',
        { path: file },
      ],
      [{ modelTopology: {} }, 'model-not-loaded', { path: file }],
    ] as const) {
      writeFileSync(file, JSON.stringify({ ...json, ...content }));
      expect(await loadFailure(folder)).toMatchObject({ code, args });
    }
    writeFileSync(file, text);
    truncateSync(weights, 20);
    expect(await loadFailure(folder)).toEqual(
      failure('weights-size-mismatch', { model: file, files: [weights], bytes: 20, expected: 32 }),
    );
    unlinkSync(weights);
    const { message } = failure('file-unreadable', { path: weights, cause: 'ENOENT' });
    expect(await loadFailure(folder)).toEqual(
      failure('tfjs-weights-unreadable', { path: file, reason: message }),
    );
    // None of them left an engine open.
    const other = await startTfjs({ device: 'cpu' });
    expect(other).toEqual(failure('engine-in-use', { engine: 'wasm' }));
  });

  test('rejects in the handler with the same sentence', async () => {
    const missing = join(emptyProject(), 'nothing');
    const { message } = failure('file-unreadable', { path: missing, cause: 'ENOENT' });
    await expect(fileSystemHandler(missing).load?.()).rejects.toThrow(message);
    const engine = await start();
    const model = mixing(engine, 2);
    const file = join(emptyProject(), 'file');
    writeFileSync(file, '');
    await expect(model.save(fileSystemHandler(join(file, 'below')))).rejects.toThrow(/^cannot write .*below/);
    model.dispose();
  });

  test('is no bytes, and no device of onnxruntime', async () => {
    const bytes = await tfjsEngine().load(new Uint8Array(4), settings);
    expect(bytes).toEqual(failure('model-from-bytes', {}));
    const cuda = await tfjsEngine().load(emptyProject(), { device: 'cuda' });
    const devices = ['gpu', 'cpu', 'wasm', 'webgpu'];
    expect(cuda).toEqual(failure('unknown-device', { engine: 'TensorFlow.js', device: 'cuda', devices }));
  });

  test('tells what the engine warns of', async () => {
    const folder = await saved();
    for (const one of open.splice(0)) await one.close();
    const warnings: string[] = [];
    const session = await tfjsEngine({ onWarning: (warning) => warnings.push(warning) }).load(folder, {
      device: 'cpu',
    });
    if (session instanceof Failure) throw new Error(session.message);
    await session.close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/slower/);
  });
});
