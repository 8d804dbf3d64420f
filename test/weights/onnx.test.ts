import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { buildOnnx } from '../../codegen/onnx/build.js';
import { onnx } from '../../codegen/onnx/proto.js';
import { problemText, type WeightsProblem } from '../../src/diagnostics/codes/weights/weights.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { listOnnx } from '../../src/weights/formats/onnx-initializers.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { readTensor, type WeightSource } from '../../src/weights/weight-source.js';
import {
  bodies,
  ExampleBuilder,
  exampleGraph,
  exampleWeights,
  ranks,
  smallUnet,
} from '../onnx/example-graphs.js';
import { bytesOf, modelBytes } from '../onnx/run-onnx.js';
import { fileOf, folderOf, sameBits } from './files-in-memory.js';

function read(bytes: Uint8Array, graph: Graph, files: Readonly<Record<string, Uint8Array>> = {}) {
  return readWeights({ format: 'onnx', file: fileOf(bytes), openBeside: folderOf(files) }, graph);
}

function problemsOf(...args: Parameters<typeof read>): readonly WeightsProblem[] {
  const reading = read(...args);
  return reading.ok ? [] : reading.problems;
}

/** All parameters, which must be there. */
function valuesOf(reading: ReturnType<typeof read>, graph: Graph): Map<string, Float32Array> {
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
  return allValues(reading.weights, graph);
}

function allValues(weights: WeightSource, graph: Graph): Map<string, Float32Array> {
  return new Map(parametersOf(graph).map((parameter) => [parameter.name, readTensor(weights, parameter)]));
}

const expected = (graph: Graph) => allValues(exampleWeights, graph);

const withParameters = ranks.flatMap((rank) =>
  Object.keys(bodies)
    .map((name) => ({ name, rank, graph: exampleGraph(name, rank) }))
    .filter(({ graph }) => parametersOf(graph).length > 0),
);

describe('a model gives back the weights that it was built with', () => {
  test.each(withParameters)('$name in $rank D, in both ways that norms are written', ({ graph }) => {
    for (const opset of [13, 17]) {
      expect(valuesOf(read(modelBytes(graph, { opset }), graph), graph)).toEqual(expected(graph));
    }
  });

  test('in half precision, what is left of them', () => {
    const graph = smallUnet(2);
    const found = valuesOf(read(modelBytes(graph, { dtype: 'float16' }), graph), graph);
    for (const [name, values] of expected(graph)) {
      const half = found.get(name) ?? [];
      for (const [i, value] of values.entries()) {
        // Half a unit in the last of 11 binary places, or of the subnormal numbers.
        expect(Math.abs((half[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(
          Math.max(Math.abs(value) * 2 ** -11, 2 ** -25),
        );
      }
    }
  });

  test('from a file beside it', () => {
    const graph = smallUnet(3);
    const built = buildOnnx(graph, {
      weights: exampleWeights,
      fileName: 'm.onnx',
      externalData: 'm.onnx.data',
    });
    if (!built.ok) throw new Error('not built');
    const [model, data] = built.files.map(({ chunks }) => bytesOf(chunks));
    if (!model || !data) throw new Error('no data file');
    expect(valuesOf(read(model, graph, { 'm.onnx.data': data }), graph)).toEqual(expected(graph));
    expect(problemsOf(model, graph)).toEqual([
      {
        code: 'weights-file-unreadable',
        format: 'onnx',
        tensor: undefined,
        expected: "'m.onnx.data'",
        found: 'there is no such file',
      },
    ]);
    const cut = data.subarray(0, data.length - 1);
    expect(problemsOf(model, graph, { 'm.onnx.data': cut })).toEqual([
      {
        code: 'weights-truncated',
        format: 'onnx',
        tensor: 'head.conv[1].weight',
        expected: `at least ${data.length} bytes in m.onnx.data`,
        found: `${cut.length} bytes`,
      },
    ]);
  });

  test('without having the weights in memory', () => {
    const b = new ExampleBuilder('net', 2);
    const graph = b.finish([8, 8], ['output', b.conv(b.conv(b.input(), 200), 300)]);
    const weights = seededWeights(1);
    const file = fileOf(modelBytes(graph, { weights }));
    const reading = readWeights({ format: 'onnx', file, openBeside: folderOf({}) }, graph);
    const found = valuesOf(reading, graph);
    for (const [name, values] of allValues(weights, graph)) {
      expect(sameBits(found.get(name) ?? new Float32Array(), values), name).toBe(true);
    }
    expect(file.largest).toBeLessThan(file.size / 4);
  });
});

/** A graph of one conv without bias: the parameter `net.conv[1].weight`, 2 x 1 x 1 x 2. */
function tinyGraph(): Graph {
  const b = new ExampleBuilder('tiny', 2);
  return b.finish([4, 4], ['output', b.conv(b.input(1), 2, { kernel: [1, 2], bias: false })]);
}

const NAME = 'net.conv[1].weight';
type TensorProto = Parameters<typeof onnx.TensorProto.encode>[0];

/** A model that has these initializers and nothing else. */
function modelWith(...initializer: TensorProto[]): Uint8Array {
  return onnx.ModelProto.encode({ irVersion: 8, graph: { initializer } }).finish();
}

const bytes = (values: Float32Array | Float64Array | Uint16Array) => new Uint8Array(values.buffer);
const dims = [2, 1, 1, 2];
const FLOAT = 1;
const values = [1, -2, 0.5, 3];

describe('the ways in which a tensor can be written', () => {
  test.each<[string, TensorProto]>([
    ['float32 as raw_data', { dims, dataType: FLOAT, rawData: bytes(Float32Array.from(values)) }],
    ['float32 as float_data', { dims, dataType: FLOAT, floatData: values }],
    ['float64 as raw_data', { dims, dataType: 11, rawData: bytes(Float64Array.from(values)) }],
    ['float64 as double_data', { dims, dataType: 11, doubleData: values }],
    ['float16', { dims, dataType: 10, rawData: bytes(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4200)) }],
    ['bfloat16', { dims, dataType: 16, rawData: bytes(Uint16Array.of(0x3f80, 0xc000, 0x3f00, 0x4040)) }],
    ['with more axes of size 1', { dims: [...dims, 1, 1], dataType: FLOAT, floatData: values }],
  ])('%s', (_name, tensor) => {
    const graph = tinyGraph();
    const found = valuesOf(read(modelWith({ ...tensor, name: NAME }), graph), graph);
    expect([...(found.get(NAME) ?? [])]).toEqual(values);
  });

  test('numbers one by one, each a field of its own, as old writers have them', () => {
    const tensor = protobuf.Writer.create();
    for (const size of dims) tensor.uint32(1 << 3).int64(size);
    tensor.uint32(2 << 3).int32(FLOAT);
    for (const value of values) tensor.uint32((4 << 3) | 5).float(value);
    tensor.uint32((8 << 3) | 2).string(NAME);
    const graph = protobuf.Writer.create()
      .uint32((5 << 3) | 2)
      .bytes(tensor.finish())
      .finish();
    const model = protobuf.Writer.create()
      .uint32(1 << 3)
      .int64(8);
    model.uint32((7 << 3) | 2).bytes(graph);
    const found = valuesOf(read(model.finish(), tinyGraph()), tinyGraph());
    expect([...(found.get(NAME) ?? [])]).toEqual(values);
  });
});

describe('constants of other exporters', () => {
  const good: TensorProto = { name: NAME, dims, dataType: FLOAT, floatData: values };

  test.each<[string, TensorProto]>([
    ['int64 of any name', { name: 'steps', dims: [2], dataType: 7, int64Data: [1, 2] }],
    ['bool', { name: 'mask', dims: [1], dataType: 9, int32Data: [1] }],
    ['text', { name: 'title', dims: [1], dataType: 8 }],
    ["a number of PyTorch's exporter", { name: 'val_12', dims: [4], dataType: FLOAT, floatData: values }],
  ])('%s is left out if no parameter needs it', (_name, constant) => {
    const found = valuesOf(read(modelWith(constant, good), tinyGraph()), tinyGraph());
    expect([...(found.get(NAME) ?? [])]).toEqual(values);
  });

  test('a prefix that all tensors share, but for such constants', () => {
    const model = modelWith(
      { name: 'steps', dims: [], dataType: 7, int64Data: [1] },
      { name: 'val_3', dims: [4], dataType: FLOAT, floatData: values },
      { ...good, name: `model._orig_mod.${NAME}` },
    );
    expect([...(valuesOf(read(model, tinyGraph()), tinyGraph()).get(NAME) ?? [])]).toEqual(values);
  });
});

describe('problems', () => {
  const good: TensorProto = { name: NAME, dims, dataType: FLOAT, floatData: values };
  const EXTERNAL = { ...good, floatData: [], dataLocation: 1 };
  const entry = (entries: Record<string, string>) => ({
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });

  const of = (code: WeightsProblem['code'], expected: string, found: string, tensor = NAME) => ({
    code,
    format: 'onnx',
    tensor,
    expected,
    found,
  });
  const ofFile = (code: WeightsProblem['code'], expected: string, found: string) => ({
    ...of(code, expected, found),
    tensor: undefined,
  });
  const outside = (location: string) =>
    ofFile('weights-file-unreadable', `'${location}'`, expect.stringContaining('below the folder'));
  const bytes = (count: number, shape: string, type: string) => `${count} bytes for ${shape} of ${type}`;

  test.each<[string, Uint8Array, object]>([
    [
      'another shape',
      modelWith({ ...good, dims: [2, 2] }),
      of('tensor-shape-mismatch', '2 x 1 x 1 x 2', '2 x 2'),
    ],
    [
      'an axis of size 1 before the others',
      modelWith({ ...good, dims: [1, ...dims] }),
      of('tensor-shape-mismatch', '2 x 1 x 1 x 2', '1 x 2 x 1 x 1 x 2'),
    ],
    [
      'too few numbers',
      modelWith({ ...good, floatData: [1, 2, 3] }),
      of('tensor-damaged', bytes(16, '2 x 1 x 1 x 2', 'F32'), '12 bytes'),
    ],
    [
      'a negative size',
      modelWith({ ...good, dims: [-2, 1, -1, 2] }),
      of('tensor-damaged', bytes(16, '-2 x 1 x -1 x 2', 'F32'), '16 bytes'),
    ],
    [
      'whole numbers',
      modelWith({ ...good, dataType: 7 }),
      of('unreadable-tensor-type', 'F32, F16, BF16, F64', 'I64'),
    ],
    [
      'float16 among whole numbers',
      modelWith({ ...good, dataType: 10, floatData: [], int32Data: [1, 2, 3, 4] }),
      of('tensor-damaged', bytes(8, '2 x 1 x 1 x 2', 'F16'), expect.stringContaining('int32_data')),
    ],
    [
      'a name that comes twice',
      modelWith(good, good),
      of('duplicate-tensor', 'one tensor per name', 'several'),
    ],
    [
      'a data file outside',
      modelWith({ ...EXTERNAL, ...entry({ location: '../secret' }) }),
      outside('../secret'),
    ],
    [
      'a data file anywhere',
      modelWith({ ...EXTERNAL, ...entry({ location: '/etc/passwd' }) }),
      outside('/etc/passwd'),
    ],
    ['no data file', modelWith(EXTERNAL), outside('')],
    [
      'a place that is none',
      modelWith({ ...EXTERNAL, ...entry({ location: 'data', offset: '-8' }) }),
      of('tensor-damaged', 'an offset and a length', "'-8' and '16'"),
    ],
    [
      'a place beyond the end',
      modelWith({ ...EXTERNAL, ...entry({ location: 'data', offset: '8' }) }),
      of('weights-truncated', 'at least 24 bytes in data', '16 bytes'),
    ],
    [
      'no graph',
      onnx.ModelProto.encode({ irVersion: 8 }).finish(),
      ofFile('weights-damaged', 'the fields of a model', 'no graph'),
    ],
    [
      'no model',
      new TextEncoder().encode('weights, but as text'),
      ofFile('weights-damaged', 'the fields of a model', expect.stringMatching(/./)),
    ],
  ])('%s', (_name, model, problem) => {
    expect(problemsOf(model, tinyGraph(), { data: new Uint8Array(16) })).toEqual([problem]);
  });

  test('all that is missing, too much or of another shape, with what may have been meant', () => {
    const model = modelWith(
      { ...good, name: 'net.conv[1].wieght' },
      { ...good, name: 'other', dims: [4] },
      { ...good, name: 'net.conv[1]/constant' },
    );
    expect(problemsOf(model, tinyGraph())).toEqual([
      { ...of('missing-tensor', '2 x 1 x 1 x 2', 'nothing'), nearest: 'net.conv[1].wieght' },
      of('extra-tensor', 'nothing', '2 x 1 x 1 x 2', 'net.conv[1].wieght'),
      of('extra-tensor', 'nothing', '4', 'other'),
    ]);
  });

  test('a folded model says that it is one, and what else does not fit', () => {
    const net = (channels: number) => {
      const b = new ExampleBuilder('net', 2);
      const norm = (x: number) => b.add('batchNorm', [x], { affine: true, momentum: 0.1, eps: 1e-5 });
      const x = norm(b.conv(b.input(), 4, { bias: false }));
      return b.finish([12, 12], ['output', b.conv(norm(b.conv(x, 5)), channels)]);
    };
    const model = modelBytes(net(2), { fold: true });
    const folded = { code: 'folded-model', format: 'onnx', tensor: undefined, norms: 2 };
    expect(problemsOf(model, net(2))).toEqual([folded]);
    expect(problemsOf(model, net(3))).toEqual([
      folded,
      of('tensor-shape-mismatch', '3 x 5 x 3 x 3', '2 x 5 x 3 x 3', 'net.conv[3].weight'),
      of('tensor-shape-mismatch', '3', '2', 'net.conv[3].bias'),
    ]);
  });

  test('a model that is cut off says how long it should be', () => {
    const model = modelBytes(tinyGraph());
    const last: WeightsProblem[] = [];
    for (let size = 0; size < model.length; size += 1) {
      const problems = problemsOf(model.subarray(0, size), tinyGraph());
      expect(problems, `${size} bytes`).toHaveLength(1);
      last.splice(0, 1, ...problems);
    }
    const [expected, found] = [`at least ${model.length} bytes`, `${model.length - 1} bytes`];
    expect(last).toEqual([ofFile('weights-truncated', expected, found)]);
  });

  test('no damage to a file is a throw', () => {
    const model = modelBytes(smallUnet(2));
    for (let i = 0; i < 1500; i += 1) {
      const copy = Uint8Array.from(model);
      copy[(i * 7) % copy.length] = (i * 89 + 13) % 256;
      for (const { chunks } of listOnnx(fileOf(copy), folderOf({})).tensors) Array.from(chunks());
    }
  });
});
