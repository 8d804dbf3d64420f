import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import type { LoadOptions, Session } from '../../src/runtime/engine.js';
import { planFit } from '../../src/runtime/inference/fit.js';
import { predict } from '../../src/runtime/inference/predict.js';
import { readOnnxMetadata } from '../../src/runtime/onnxruntime/onnx-metadata.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';

const { onnx } = onnxProto;
const engine = onnxRuntimeEngine();

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [FLOAT, UINT8, INT64, FLOAT16, DOUBLE] = [1, 2, 7, 10, 11];

interface ModelOptions {
  readonly op?: string;
  readonly opset?: number;
  readonly irVersion?: number;
  readonly type?: number;
  readonly outputType?: number;
  readonly shape?: readonly (number | string)[];
  readonly inputs?: readonly string[];
  readonly attributes?: readonly { name: string; type: number; ints: number[] }[];
  readonly initializer?: object;
  readonly metadata?: readonly { key: string; value: string }[];
}

/** A model of one node, y = op(x). */
function model(options: ModelOptions = {}): Uint8Array {
  const { op = 'Relu', opset = 17, irVersion = 8, type = FLOAT, outputType = type, inputs = ['x'] } = options;
  const { shape = ['batch', 1, 'height', 'width'], attributes = [], initializer, metadata = [] } = options;
  const value = (name: string, elemType: number, sizes: readonly (number | string)[]) => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: {
          dim: sizes.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })),
        },
      },
    },
  });
  const free = shape.map((_, i) => `y${i}`);
  return onnx.ModelProto.encode(
    onnx.ModelProto.fromObject({
      irVersion,
      opsetImport: [{ domain: '', version: opset }],
      metadataProps: [...metadata],
      graph: {
        name: 'g',
        node: [
          {
            opType: op,
            input: [...inputs, ...(initializer ? ['w'] : [])],
            output: ['y'],
            attribute: attributes,
          },
        ],
        input: inputs.map((name) => value(name, type, shape)),
        output: [value('y', outputType, free)],
        initializer: initializer ? [initializer] : [],
      },
    }),
  ).finish();
}

async function open(file: string | Uint8Array, options?: LoadOptions): Promise<Session> {
  const session = await engine.load(file, options);
  if (session instanceof Failure) throw new Error(session.message);
  return session;
}

async function refusal(file: string | Uint8Array, options?: LoadOptions): Promise<Failure> {
  const session = await engine.load(file, options);
  if (!(session instanceof Failure)) throw new Error('was loaded');
  expect(session.message).not.toMatch(/\n/);
  return session;
}

function save(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const image = (...values: number[]) => ({ shape: [1, 1, 1, values.length], data: Float32Array.from(values) });

describe('a session', () => {
  test('has inputs, outputs and metadata, and runs', async () => {
    const metadata = [
      { key: 'spec', value: 'unet A { größe }\n'.repeat(10_000) },
      { key: '__proto__', value: 'x' },
    ];
    const session = await open(save('m.onnx', model({ metadata })), { threads: 1 });
    expect(session.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['batch', 1, 'height', 'width'] }]);
    expect(session.outputs).toEqual([{ name: 'y', type: 'float32', shape: ['y0', 1, 'y2', 'y3'] }]);
    expect(Object.entries(session.metadata)).toEqual(metadata.map(({ key, value }) => [key, value]));
    const result = await session.run(image(1, -2, 3));
    expect(result).toEqual(new Map([['y', { shape: [1, 1, 1, 3], data: Float32Array.of(1, 0, 3) }]]));
    await session.close();
    await session.close();
  });

  test('loads from bytes', async () => {
    const session = await open(model({ op: 'Neg', metadata: [{ key: 'a', value: 'b' }] }));
    expect(session.metadata).toEqual({ a: 'b' });
    expect(await session.run(image(4))).toEqual(
      new Map([['y', { shape: [1, 1, 1, 1], data: Float32Array.of(-4) }]]),
    );
    await session.close();
  });

  for (const [name, type] of [
    ['float16', FLOAT16],
    ['float64', DOUBLE],
  ] as const) {
    test(`converts to and from ${name}`, async () => {
      const session = await open(model({ op: 'Neg', type }));
      expect(session.inputs[0]?.type).toBe(name);
      const values = [0, 1, -2.5, 65504, 2 ** -24, 0.333251953125];
      expect(await session.run(image(...values))).toEqual(
        new Map([['y', { shape: [1, 1, 1, 6], data: Float32Array.from(values, (value) => -value) }]]),
      );
      await session.close();
    });
  }

  test('converts an integer output', async () => {
    const session = await open(model({ op: 'ArgMax', outputType: INT64 }));
    const input = { shape: [3, 1, 1, 2], data: Float32Array.of(1, 9, 5, 2, 3, 4) };
    expect(await session.run(input)).toEqual(
      new Map([['y', { shape: [1, 1, 1, 2], data: Float32Array.of(1, 0) }]]),
    );
    await session.close();
  });

  test('feeds a second input by its name, the same for each window', async () => {
    const session = await open(model({ op: 'Add', inputs: ['step', 'x'], shape: ['N', 1, 'H', 'W'] }));
    const step = new Map([['step', image(10)]]);
    expect(await session.run(image(1, 2), step)).toEqual(
      new Map([['y', { shape: [1, 1, 1, 2], data: Float32Array.of(11, 12) }]]),
    );
    const rules = ['H', 'W'].map((axis) => ({ axis, fixed: 2 }));
    const plan = planFit(rules, [0, 0], [2, 5], { overlap: 0 });
    if (plan instanceof Failure) throw new Error(plan.message);
    const data = Float32Array.from({ length: 10 }, (_, i) => i);
    const result = await predict(session, { shape: [1, 2, 5], data }, plan, { inputs: step });
    expect(result).toEqual({ shape: [1, 2, 5], data: data.map((value) => value + 10) });
    expect(await session.run(image(1))).toEqual(
      failure('model-inputs', { problem: { case: 'several', inputs: ['step', 'x'] } }),
    );
    await session.close();
  });

  test('finds weights beside the file', async () => {
    mkdirSync(join(folder, 'sub'));
    const entries = { location: 'w.bin', offset: '4', length: '4' };
    const initializer = {
      name: 'w',
      dataType: FLOAT,
      dims: [1],
      dataLocation: 1,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    };
    const path = save('sub/m.onnx', model({ op: 'Add', initializer }));
    expect(await refusal(path)).toMatchObject({
      code: 'model-not-loaded',
      args: { path, reason: expect.stringContaining('w.bin') },
    });
    writeFileSync(join(folder, 'sub/w.bin'), new Uint8Array(Float32Array.of(7, 20).buffer));
    const session = await open(path);
    expect(await session.run(image(1, 2))).toEqual(
      new Map([['y', { shape: [1, 1, 1, 2], data: Float32Array.of(21, 22) }]]),
    );
    await session.close();
  });

  test('a convolution in windows is the convolution of the mirrored image', async () => {
    const rawData = new Uint8Array(new Float32Array(9).fill(1).buffer);
    const initializer = { name: 'w', dataType: FLOAT, dims: [1, 1, 3, 3], rawData };
    const session = await open(model({ op: 'Conv', shape: [1, 1, 6, 6], initializer }));
    const plan = planFit(
      [
        { axis: 'H', fixed: 6 },
        { axis: 'W', fixed: 6 },
      ],
      [2, 2],
      [7, 9],
    );
    if (plan instanceof Failure) throw new Error(plan.message);
    expect(plan.summary).toBe('tiled: 6 windows of 6 x 6, borders mirrored by 1 pixel per side');
    const data = Float32Array.from({ length: 63 }, (_, i) => (i * 37) % 64);
    const result = await predict(session, { shape: [1, 7, 9], data }, plan);
    if (result instanceof Failure) throw new Error(result.message);
    const mirror = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 9; x++) {
        let sum = 0;
        for (const dy of [-1, 0, 1]) {
          for (const dx of [-1, 0, 1]) sum += data[mirror(y + dy, 7) * 9 + mirror(x + dx, 9)] ?? Number.NaN;
        }
        expect(result.data[y * 9 + x]).toBe(sum);
      }
    }
    await session.close();
  });

  test('refuses what the model does not take', async () => {
    const wanted = ['batch', 1, 4, 'width'];
    const session = await open(model({ shape: wanted }));
    expect(await session.run({ shape: [1, 3, 4, 2], data: new Float32Array(24) })).toEqual(
      failure('input-shape-mismatch', { input: 'x', wanted, shape: [1, 3, 4, 2] }),
    );
    expect(await session.run({ shape: [1, 4, 2], data: new Float32Array(8) })).toEqual(
      failure('input-shape-mismatch', { input: 'x', wanted, shape: [1, 4, 2] }),
    );
    await session.close();
    const two = await open(model({ op: 'Add', inputs: ['a', 'b'] }));
    expect(await two.run(image(1))).toEqual(
      failure('model-inputs', { problem: { case: 'several', inputs: ['a', 'b'] } }),
    );
    await two.close();
    const bytes = await open(model({ op: 'Identity', type: UINT8 }));
    expect(await bytes.run(image(1))).toEqual(failure('input-not-float', { input: 'x', type: 'uint8' }));
    await bytes.close();
  });

  test('passes on why the model failed', async () => {
    const kernel = { name: 'kernel_shape', type: 7, ints: [3, 3] };
    const session = await open(model({ op: 'MaxPool', attributes: [kernel] }));
    const result = await session.run(image(1, 2, 3));
    if (!(result instanceof Failure)) throw new Error('ran');
    expect(result.code).toBe('model-failed');
    expect(result.message).not.toMatch(/\n/);
    await session.close();
  });
});

describe('a model that cannot be loaded', () => {
  test('no model at all', async () => {
    const missing = join(folder, 'missing.onnx');
    expect(await refusal(missing)).toEqual(failure('file-unreadable', { path: missing, cause: 'ENOENT' }));
    expect(await refusal(folder)).toEqual(failure('file-unreadable', { path: folder, cause: 'EISDIR' }));
    const empty = save('empty.onnx', new Uint8Array(0));
    expect(await refusal(empty)).toEqual(failure('file-empty', { path: empty }));
    for (const text of [
      'hello, this is text',
      '\x89PNG\r\n\x1a\n0123456789',
      ':',
      '\0\0\0\0',
      '\xff'.repeat(40),
    ]) {
      const path = save('text.onnx', Buffer.from(text, 'latin1'));
      expect(await refusal(path)).toEqual(failure('not-onnx', { path }));
    }
    expect(await refusal(Uint8Array.of(8))).toEqual(failure('not-onnx', { path: undefined }));
  });

  test('a model cut off anywhere', async () => {
    const whole = model({ metadata: [{ key: 'spec', value: 'text' }] });
    // Without its last field, the metadata, it is another whole model.
    const complete = model().length;
    const path = save('cut.onnx', whole);
    for (let length = whole.length - 1; length > 0; length--) {
      if (length === complete) continue;
      truncateSync(path, length);
      const { code, args } = await refusal(path);
      expect(['file-empty', 'not-onnx', 'onnx-truncated', 'model-not-loaded']).toContain(code);
      expect(args).toMatchObject({ path });
    }
    truncateSync(save('cut.onnx', whole), whole.length - 3);
    expect(await refusal(path)).toEqual(failure('onnx-truncated', { path, missing: 3 }));
  });

  test("the engine's reason, without its source positions", async () => {
    const reason = (pattern: RegExp) => ({
      code: 'model-not-loaded',
      args: { path: undefined, reason: expect.stringMatching(pattern) },
    });
    expect(await refusal(model({ irVersion: 99 }))).toMatchObject(
      reason(/^Unsupported model IR version: 99, max supported IR version: \d+$/),
    );
    expect(await refusal(model({ op: 'NoSuchOp' }))).toMatchObject(reason(/NoSuchOp/));
    expect(await refusal(model({ opset: 99 }))).toMatchObject(reason(/^ONNX Runtime only .*99/));
  });

  test('a device that the build does not have', async () => {
    const none = onnxRuntimeEngine(async () => {
      const runtime = await import('onnxruntime-node');
      return { ...runtime, listSupportedBackends: () => [{ name: 'cpu', bundled: true }] };
    });
    const system = `${process.platform} ${process.arch}`;
    expect(await none.load(model(), { device: 'webgpu' })).toEqual(
      failure('unknown-device', { engine: 'onnxruntime-node', device: 'webgpu', system, devices: ['cpu'] }),
    );
  });

  test('an engine that is not installed, or does not start', async () => {
    const absent = onnxRuntimeEngine(async () => {
      throw Object.assign(new Error("Cannot find package 'onnxruntime-node'"), {
        code: 'ERR_MODULE_NOT_FOUND',
      });
    });
    expect(await absent.load(model())).toMatchObject({
      code: 'engine-not-installed',
      args: { package: 'onnxruntime-node' },
      help: expect.stringContaining('npm install onnxruntime-node --ignore-scripts'),
    });
    const broken = onnxRuntimeEngine(async () => {
      throw new Error('libstdc++.so.6: version not found.\nmore');
    });
    expect(await broken.load(model())).toMatchObject({
      code: 'engine-not-started',
      args: {
        engine: `onnxruntime-node on ${process.platform} ${process.arch}`,
        problem: { case: 'thrown', reason: 'libstdc++.so.6: version not found' },
      },
    });
  });
});

describe('readOnnxMetadata', () => {
  // A sparse file; Windows would write all of it.
  test.skipIf(process.platform === 'win32')(
    'steps over a graph that is not there: 3 GB of it in a sparse file',
    () => {
      const length = 3 * 2 ** 30;
      const before = Buffer.concat([Buffer.of(8, 8, 0x3a), varint(length)]);
      const entry = onnx.StringStringEntryProto.encode({ key: 'k', value: 'v' }).finish();
      const path = save('large.onnx', before);
      truncateSync(path, before.length + length);
      writeFileSync(path, Buffer.concat([Buffer.of(0x72), varint(entry.length), entry]), { flag: 'a' });
      expect(readOnnxMetadata(path)).toEqual({ k: 'v' });
    },
  );

  function varint(value: number): Buffer {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    return Buffer.from([...bytes, rest]);
  }
});
