import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Failure, failure, withHelp } from '../../../src/diagnostics/failure.js';
import type { StartOptions, TfjsEngine } from '../../../src/runtime/tfjs/engines/start.js';
import {
  addNative,
  addPackage,
  emptyProject,
  linkPackage,
  type NativeOptions,
  repository,
} from './fake-packages.js';

const open: TfjsEngine[] = [];
let startTfjs: typeof import('../../../src/runtime/tfjs/engines/start.js')['startTfjs'];

// A process may load one native package only: each test gets modules that have loaded none.
beforeEach(async () => {
  vi.resetModules();
  ({ startTfjs } = await import('../../../src/runtime/tfjs/engines/start.js'));
});
afterEach(async () => {
  for (const engine of open.splice(0)) {
    const { tf } = engine;
    await engine.close();
    if (tf.findBackend('tensorflow')) tf.removeBackend('tensorflow');
  }
});

async function start(options: StartOptions): Promise<TfjsEngine> {
  const engine = await startTfjs(options);
  if (engine.constructor.name === 'Failure' || !('tf' in engine)) throw new Error(JSON.stringify(engine));
  open.push(engine);
  return engine;
}

async function refusal(options: StartOptions): Promise<Failure> {
  const engine = await startTfjs(options);
  if ('tf' in engine) {
    open.push(engine);
    throw new Error(`${engine.name} started`);
  }
  return engine;
}

/** A project with TensorFlow.js and wasm, and a stand-in for a native package. */
function project(kind?: 'tfjs-node' | 'tfjs-node-gpu', options: NativeOptions = {}): string {
  const folder = emptyProject();
  linkPackage(folder, '@tensorflow/tfjs');
  linkPackage(folder, '@tensorflow/tfjs-backend-wasm');
  if (kind) addNative(folder, kind, options);
  return folder;
}

describe('the choice', () => {
  test('without any package is a failure with the command', async () => {
    const from = [emptyProject()];
    const absent = (name: string, command: string) =>
      failure('engine-not-installed', { package: `@tensorflow/${name}`, command });
    const tfjs = 'npm install @tensorflow/tfjs@4.22.0';
    expect(await refusal({ from })).toEqual(absent('tfjs', tfjs));
    expect(await refusal({ from, device: 'wasm' })).toEqual(
      absent('tfjs-backend-wasm', `${tfjs} @tensorflow/tfjs-backend-wasm@4.22.0`),
    );
    expect(await refusal({ from, device: 'gpu' })).toEqual(
      absent('tfjs-node-gpu', 'unet engine install gpu'),
    );
  });

  test('is plain JavaScript, with a warning, where there is nothing else', async () => {
    const folder = emptyProject();
    linkPackage(folder, '@tensorflow/tfjs');
    const warn = vi.spyOn(console, 'warn');
    const engine = await start({ from: [folder] });
    expect(engine.kind).toBe('cpu');
    expect(engine.tf.getBackend()).toBe('cpu');
    expect(engine.warnings).toHaveLength(1);
    expect(engine.warnings[0]).toMatch(/60 times slower.*unet engine install cpu/);
    // TensorFlow.js's own advertisement, at the first tensor.
    expect(warn).not.toHaveBeenCalled();
  });

  test('is wasm before plain JavaScript, and plain JavaScript for the device cpu', async () => {
    const from = [project()];
    const wasm = await start({ from, threads: 1 });
    expect([wasm.kind, wasm.warnings]).toEqual(['wasm', []]);
    await wasm.close();
    const threads = await start({ from, threads: 2 });
    expect([threads.kind, threads.warnings]).toEqual(['wasm-threads', []]);
    await threads.close();
    expect((await start({ from, device: 'cpu' })).kind).toBe('cpu');
  });

  test('is tfjs-node before wasm, and tfjs-node-gpu before it', async () => {
    const cpu = await start({ from: [project('tfjs-node')] });
    expect([cpu.kind, cpu.name, cpu.version, cpu.warnings]).toEqual(['tfjs-node', 'tfjs-node', '4.22.0', []]);
    expect(cpu.tf.getBackend()).toBe('tensorflow');
    await cpu.close();
    cpu.tf.removeBackend('tensorflow');
    vi.resetModules();
    ({ startTfjs } = await import('../../../src/runtime/tfjs/engines/start.js'));
    const both = project('tfjs-node');
    addNative(both, 'tfjs-node-gpu', { usesGpu: true });
    const gpu = await start({ from: [both] });
    expect([gpu.kind, gpu.warnings]).toEqual(['tfjs-node-gpu', []]);
  });

  test('looks in one folder after the other', async () => {
    const engine = await start({ from: [emptyProject(), project(), project('tfjs-node')] });
    expect(engine.kind).toBe('tfjs-node');
  });
});

describe('one engine a process', () => {
  test('equal options share it, others fail until it is closed', async () => {
    const from = [project()];
    const [first, second] = [await start({ from, threads: 1 }), await start({ from, threads: 1 })];
    expect(second.tf).toBe(first.tf);
    const inUse = failure('engine-in-use', { engine: 'wasm' });
    expect(await refusal({ from, device: 'cpu' })).toEqual(inUse);
    await first.close();
    await first.close();
    expect(second.tf.getBackend()).toBe('wasm');
    expect(await refusal({ from, device: 'cpu' })).toEqual(inUse);
    await second.close();
    expect((await start({ from, device: 'cpu' })).kind).toBe('cpu');
  });

  test('starts that overlap wait for each other', async () => {
    const from = [project()];
    const engines = await Promise.all([1, 2, 3].map(() => start({ from, threads: 2 })));
    expect(engines.map(({ name }) => name)).toEqual(Array(3).fill('wasm with 2 threads'));
    await Promise.all(engines.map((engine) => engine.close()));
    expect((await start({ from, device: 'cpu' })).kind).toBe('cpu');
  });
});

describe('a native package', () => {
  test('that is unbuilt is not imported', async () => {
    const from = [project('tfjs-node', { addon: 'none', extra: 'globalThis.wasImported = true;' })];
    const engine = await start({ from, threads: 1 });
    expect(engine.kind).toBe('wasm');
    const unbuilt = failure('native-addon-broken', {
      package: '@tensorflow/tfjs-node',
      reason: undefined,
      command: 'unet engine install cpu',
    });
    expect(engine.warnings).toEqual([withHelp(unbuilt)]);
    expect(Reflect.get(globalThis, 'wasImported')).toBeUndefined();
  });

  test('whose addon is of another machine is not imported', async () => {
    const from = [project('tfjs-node-gpu', { addon: 'garbage', extra: 'globalThis.wasImported = true;' })];
    const engine = await start({ from, threads: 1 });
    expect(engine.kind).toBe('wasm');
    expect(engine.warnings[0]).toMatch(/addon of @tensorflow\/tfjs-node-gpu.*unet engine install gpu$/);
    expect(await engine.close()).toBeUndefined();
    expect(await refusal({ from, device: 'gpu' })).toMatchObject({
      code: 'native-addon-broken',
      args: { reason: expect.stringMatching(/./) },
    });
    expect(Reflect.get(globalThis, 'wasImported')).toBeUndefined();
  });

  test('that throws keeps the other one from being loaded, and wasm computes', async () => {
    const folder = project('tfjs-node-gpu', { extra: 'throw new Error("no luck");' });
    addNative(folder, 'tfjs-node', { extra: 'globalThis.wasImported = true;' });
    const engine = await start({ from: [folder], threads: 1 });
    expect(engine.kind).toBe('wasm');
    expect(engine.warnings).toEqual([
      withHelp(
        failure('engine-not-loaded', {
          package: '@tensorflow/tfjs-node-gpu',
          version: '4.22.0',
          reason: 'no luck',
        }),
      ),
      withHelp(
        failure('engine-in-use', { engine: '@tensorflow/tfjs-node-gpu', wanted: '@tensorflow/tfjs-node' }),
      ),
    ]);
    expect(Reflect.get(globalThis, 'wasImported')).toBeUndefined();
    engine.tf.removeBackend('tensorflow');
  });

  test('that computes nonsense is passed over', async () => {
    const wrong =
      "tf.unregisterKernel('Conv2D', 'tensorflow'); tf.registerKernel({ kernelName: 'Conv2D', backendName: 'tensorflow', " +
      "kernelFunc: () => backend.makeTensorInfo([1, 2, 2, 1], 'float32', new Float32Array([37, 47, 67, 76])) });";
    const folder = project('tfjs-node', { extra: wrong });
    const engine = await start({ from: [folder], device: 'cpu' });
    expect(engine.kind).toBe('cpu');
    const problem = { case: 'wrong', found: [37, 47, 67, 76], expected: [37, 47, 67, 77] } as const;
    expect(engine.warnings[0]).toBe(
      failure('engine-broken', { engine: 'tfjs-node', version: '4.22.0', problem }).message,
    );
    engine.tf.unregisterKernel('Conv2D', 'tensorflow');
    engine.tf.removeBackend('tensorflow');
  });

  test.each([
    ['a package.json that is no JSON', { 'package.json': '{', 'lib/napi-v8/tfjs_binding.node': '' }],
    ['nothing but a package.json', { 'package.json': { version: '4.22.0' } }],
  ])('of which there is %s is passed over', async (_, files) => {
    const folder = project();
    addPackage(folder, '@tensorflow/tfjs-node', files);
    const engine = await start({ from: [folder], threads: 1 });
    expect(engine.kind).toBe('wasm');
    expect(engine.warnings).toHaveLength(1);
    expect(engine.warnings[0]).toMatch(/@tensorflow\/tfjs-node/);
  });

  test('for a GPU that finds none is a warning, and a failure where a GPU was asked for', async () => {
    const folder = project('tfjs-node-gpu', { usesGpu: false });
    const noGpu = failure('no-gpu', { engine: '@tensorflow/tfjs-node-gpu', needs: 'cuda' });
    expect(await refusal({ from: [folder], device: 'gpu' })).toEqual(noGpu);
    const engine = await start({ from: [folder] });
    expect(engine.name).toBe('tfjs-node-gpu on the CPU');
    expect(engine.warnings).toEqual([withHelp(noGpu)]);
  });

  test('finds the functions that Node 23 took away, until it is closed', async () => {
    const { default: util } = await import('node:util');
    const before = ['isNullOrUndefined', 'isArray'].map((name) => Reflect.get(util, name));
    const from = [project('tfjs-node')];
    const engine = await start({ from });
    expect(Reflect.get(engine.tf, 'utilAtImport')).toEqual([true, false, true]);
    await engine.close();
    expect(['isNullOrUndefined', 'isArray'].map((name) => Reflect.get(util, name))).toEqual(before);
    const again = await start({ from });
    expect(again.tf).toBe(engine.tf);
    expect(Reflect.get(util, 'isNullOrUndefined')(undefined)).toBe(true);
  });

  test('takes its threads from the environment, before it is loaded', async () => {
    const extra = 'module.exports.threads = process.env.TF_NUM_INTRAOP_THREADS;';
    const main = `${extra} globalThis.threadsAtImport = process.env.TF_NUM_INTRAOP_THREADS;`;
    const engine = await start({ from: [project('tfjs-node', { extra: main })], threads: 3 });
    expect(engine.name).toBe('tfjs-node with 3 threads');
    expect(Reflect.get(globalThis, 'threadsAtImport')).toBe('3');
  });
});

describe('webgpu', () => {
  const dawn = (adapter: string) => ({
    'package.json': { name: 'webgpu', version: '0.6.2', type: 'module', main: 'index.js' },
    'index.js': `export const globals = { GPUBufferUsage: { MAP_READ: 1 } };
export const create = () => ({ requestAdapter: async () => { ${adapter} } });`,
  });
  const backend = (text: string) => ({
    'package.json': { name: '@tensorflow/tfjs-backend-webgpu', version: '4.22.0', main: 'index.js' },
    'index.js': text,
  });

  test('without its packages is a failure with the command', async () => {
    const folder = project();
    const command = 'npm install @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu';
    const absent = (name: string) => failure('engine-not-installed', { package: name, command });
    expect(await refusal({ from: [folder], device: 'webgpu' })).toEqual(absent('webgpu'));
    addPackage(folder, 'webgpu', dawn('return null;'));
    expect(await refusal({ from: [folder], device: 'webgpu' })).toEqual(
      absent('@tensorflow/tfjs-backend-webgpu'),
    );
  });

  test.each([
    ['return null;', '', 'no-gpu', { engine: 'webgpu' }],
    [
      'throw new Error("no luck");',
      '',
      'engine-not-started',
      { engine: 'webgpu 0.6.2', problem: { case: 'thrown', reason: 'no luck' } },
    ],
    ['return {};', 'throw new Error("no luck");', 'engine-not-loaded', { reason: 'no luck' }],
    ['return {};', '', 'engine-not-started', { problem: { case: 'loaded-without-gpu' } }],
  ])('an adapter %s and a backend %s', async (adapter, text, code, args) => {
    const folder = project();
    addPackage(folder, 'webgpu', dawn(adapter));
    addPackage(folder, '@tensorflow/tfjs-backend-webgpu', backend(text));
    const before = Object.getOwnPropertyNames(globalThis);
    const gpu = Reflect.get(Reflect.get(globalThis, 'navigator') ?? {}, 'gpu');
    expect(await refusal({ from: [folder], device: 'webgpu' })).toMatchObject({ code, args });
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
    expect(Reflect.get(Reflect.get(globalThis, 'navigator') ?? {}, 'gpu')).toBe(gpu);
  });
});

describe('in a bundle', () => {
  const folder = join(repository, 'node_modules', '.cache', `unet-start-${process.pid}`);

  test.each([
    ['{ threads: 2 }', 'await engine.close();', 'wasm with 2 threads'],
    ['{ threads: 2 }', '', 'wasm with 2 threads'],
    ['{ threads: 1 }', '', 'wasm'],
  ])('started with %s, then %s: the process ends', async (options, then, name) => {
    const file = join(folder, 'bundle.mjs');
    mkdirSync(dirname(file), { recursive: true });
    try {
      if (!existsSync(file)) {
        await build({
          entryPoints: [join(repository, 'src/runtime/tfjs/engines/start.ts')],
          outfile: file,
          bundle: true,
          format: 'esm',
          platform: 'neutral',
          external: ['node:*', '@tensorflow/*'],
        });
      }
      const main = join(folder, 'main.mjs');
      writeFileSync(
        main,
        `import { startTfjs } from './bundle.mjs';
const engine = await startTfjs(${options});
const { tf } = engine;
const sum = tf.tidy(() => tf.conv2d(tf.ones([1, 64, 64, 8]), tf.ones([3, 3, 8, 8]), 1, 'valid').sum().dataSync()[0]);
${then}
console.log(JSON.stringify([engine.name, sum]));`,
      );
      const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      // 62 x 62 positions, 8 filters, 3 x 3 x 8 ones.
      expect(JSON.parse(stdout)).toEqual([name, 62 * 62 * 8 * 72]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
