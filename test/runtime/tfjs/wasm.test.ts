import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { Failure, failure } from '../../../src/diagnostics/failure.js';
import { type StartOptions, startTfjs, type TfjsEngine } from '../../../src/runtime/tfjs/engines/start.js';
import { emptyProject, installed, linkPackage } from './fake-packages.js';

const open: TfjsEngine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});

async function start(options: StartOptions = {}): Promise<TfjsEngine> {
  const engine = await startTfjs(options);
  if (engine instanceof Failure) throw new Error(engine.message);
  open.push(engine);
  return engine;
}

/** The workers of the threaded module, as Emscripten keeps them. */
function workersOf(engine: TfjsEngine): Worker[] {
  const backend = engine.tf.backend() as unknown as {
    wasm: { PThread?: { runningWorkers: Worker[]; unusedWorkers: Worker[] } };
  };
  const { runningWorkers = [], unusedWorkers = [] } = backend.wasm.PThread ?? {};
  return [...runningWorkers, ...unusedWorkers];
}

const [SIZE, CHANNELS, FILTERS] = [20, 3, 5];

/** Numbers in -1 to 1 that look random. */
function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const image = noise(SIZE * SIZE * CHANNELS, 1);
const filter = noise(9 * CHANNELS * FILTERS, 2);

/** A 3x3 convolution without padding, channels last, from its definition. */
function convolution(): number[] {
  const result: number[] = [];
  for (let y = 0; y < SIZE - 2; y++) {
    for (let x = 0; x < SIZE - 2; x++) {
      for (let k = 0; k < FILTERS; k++) {
        let sum = 0;
        for (let dy = 0; dy < 3; dy++) {
          for (let dx = 0; dx < 3; dx++) {
            for (let c = 0; c < CHANNELS; c++) {
              const pixel = image[((y + dy) * SIZE + x + dx) * CHANNELS + c] ?? 0;
              sum += pixel * (filter[((dy * 3 + dx) * CHANNELS + c) * FILTERS + k] ?? 0);
            }
          }
        }
        result.push(sum);
      }
    }
  }
  return result;
}

function convolve({ tf }: TfjsEngine): Float32Array {
  const result = tf.tidy(() =>
    tf.conv2d(
      tf.tensor4d(image, [1, SIZE, SIZE, CHANNELS]),
      tf.tensor4d(filter, [3, 3, CHANNELS, FILTERS]),
      1,
      'valid',
    ),
  );
  const values = result.dataSync<'float32'>();
  result.dispose();
  return values;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))),
    0,
  );
}

describe('wasm', () => {
  test('gives the same numbers on one thread and on three, which are those of the definition', async () => {
    const results: Float32Array[] = [];
    for (const [threads, workers] of [
      [1, 0],
      [3, 2],
    ] as const) {
      const engine = await start({ device: 'wasm', threads });
      expect(engine.tf.getBackend()).toBe('wasm');
      expect(workersOf(engine)).toHaveLength(workers);
      results.push(convolve(engine));
      await engine.close();
    }
    const [one, three] = results;
    expect(largestDifference(one ?? [], convolution())).toBeLessThan(1e-5);
    expect(three).toEqual(one);
  });

  test('uses the threads that were asked for, at most 8', async () => {
    const wasm = createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm') as {
      getThreadsCount(): number;
    };
    for (const [threads, name, count] of [
      [2, 'wasm with 2 threads', 2],
      [20, 'wasm with 8 threads', 8],
    ] as const) {
      const engine = await start({ device: 'wasm', threads });
      expect(engine.name).toBe(name);
      expect(engine.warnings).toEqual([]);
      expect(wasm.getThreadsCount()).toBe(count);
      await engine.close();
    }
    const one = await start({ device: 'wasm', threads: 1 });
    expect(one.name).toBe('wasm');
    expect(one.warnings).toEqual([]);
  });

  test.each([1, 2])('leaves the process as it was, with %i threads', async (threads) => {
    const listener = () => {};
    const events = ['uncaughtException', 'unhandledRejection'] as const;
    for (const event of events) process.on(event, listener);
    const before = events.map((event) => process.listeners(event as 'uncaughtException'));
    const worker = Reflect.get(globalThis, 'Worker');
    const engine = await start({ device: 'wasm', threads });
    convolve(engine);
    expect(events.map((event) => process.listeners(event as 'uncaughtException'))).toEqual(before);
    expect(Reflect.get(globalThis, 'Worker')).toBe(worker);
    const workers = workersOf(engine);
    await engine.close();
    expect(events.map((event) => process.listeners(event as 'uncaughtException'))).toEqual(before);
    // Node gives a thread that has ended this number.
    expect(workers.map(({ threadId }) => threadId)).toEqual(workers.map(() => -1));
    for (const event of events) process.off(event, listener);
  });

  test('computes again after it was closed, and closes twice', async () => {
    const first = await start({ threads: 2 });
    const expected = convolve(first);
    await first.close();
    await first.close();
    expect(convolve(await start({ threads: 2 }))).toEqual(expected);
  });

  test('another release computes on one thread, and says why', async () => {
    const project = emptyProject();
    linkPackage(project, '@tensorflow/tfjs');
    const folder = copyOfWasm(project, '4.21.0');
    const engine = await start({ threads: 2, from: [project] });
    expect(engine.name).toBe('wasm');
    expect(engine.version).toBe('4.21.0');
    expect(engine.warnings).toEqual([
      failure('no-wasm-threads', {
        problem: {
          case: 'version',
          package: '@tensorflow/tfjs-backend-wasm',
          wanted: '4.22.0',
          found: '4.21.0',
        },
      }).message,
    ]);
    expect(folder).toContain(project);
    expect(largestDifference(convolve(engine), convolution())).toBeLessThan(1e-5);
  });

  test.each([
    ['tfjs-backend-wasm-threaded-simd.wasm', (_: string) => 'no module', /threads: CompileError.*0$/],
    [
      'tfjs-backend-wasm-threaded-simd.worker.js',
      (_: string) => 'exports.wasmWorkerContents = "throw Error(`no luck`)"',
      /no luck/,
    ],
    ['tfjs-backend-wasm-threaded-simd.worker.js', (_: string) => 'exports.wasmWorkerContents = ""', /ended/],
    [
      'tfjs-backend-wasm-threaded-simd.js',
      (text: string) => text.replace('pthreadPoolSize=8', 'pthreadPoolSize=9'),
      /unknown/,
    ],
  ])('a damaged %s costs the threads only', async (file, change, reason) => {
    const project = emptyProject();
    linkPackage(project, '@tensorflow/tfjs');
    const path = join(copyOfWasm(project, '4.22.0'), 'wasm-out', file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    const engine = await start({ threads: 2, from: [project] });
    expect(engine.name).toBe('wasm');
    expect(engine.warnings).toHaveLength(1);
    expect(engine.warnings[0]).toMatch(reason);
    expect(largestDifference(convolve(engine), convolution())).toBeLessThan(1e-5);
  });
});

/** A copy of the package's files, without the bundles that nobody loads. */
function copyOfWasm(project: string, version: string): string {
  const source = installed('@tensorflow/tfjs-backend-wasm');
  const folder = join(project, 'node_modules', '@tensorflow', 'tfjs-backend-wasm');
  cpSync(join(source, 'wasm-out'), join(folder, 'wasm-out'), { recursive: true });
  const main = JSON.stringify(join(source, 'dist', 'tf-backend-wasm.node.js'));
  writeFileSync(join(folder, 'index.js'), `module.exports = require(${main});`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'copy', version, main: 'index.js' }));
  return folder;
}
