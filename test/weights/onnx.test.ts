import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { buildOnnx } from '../../codegen/onnx/build.js';
import { onnx } from '../../codegen/onnx/proto.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { listOnnx } from '../../src/weights/formats/onnx-initializers.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { readTensor, type WeightSource } from '../../src/weights/weight-source.js';
import { problemText } from '../../src/diagnostics/codes/weights/weights.js';
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

function sentencesOf(...args: Parameters<typeof read>): string[] {
  const reading = read(...args);
  return reading.ok ? [] : reading.problems.map(problemText);
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
    expect(sentencesOf(model, graph)).toEqual([
      "the model has weights in 'm.onnx.data': there is no such file",
    ]);
    const [sentence, ...others] = sentencesOf(model, graph, { 'm.onnx.data': data.subarray(0, -1) });
    expect(others).toEqual([]);
    expect(sentence).toBe(
      `the model is cut off inside tensor 'head.conv[1].weight': at least ${data.length} bytes in m.onnx.data expected, ${data.length - 1} bytes found`,
    );
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

describe('problems', () => {
  const good: TensorProto = { name: NAME, dims, dataType: FLOAT, floatData: values };
  const EXTERNAL = { ...good, floatData: [], dataLocation: 1 };
  const entry = (entries: Record<string, string>) => ({
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });

  test.each<[string, Uint8Array, string]>([
    [
      'another shape',
      modelWith({ ...good, dims: [2, 2] }),
      `tensor '${NAME}' has shape 2 x 2 in the model, but the network needs 2 x 1 x 1 x 2`,
    ],
    [
      'an axis of size 1 before the others',
      modelWith({ ...good, dims: [1, ...dims] }),
      `tensor '${NAME}' has shape 1 x 2 x 1 x 1 x 2 in the model, but the network needs 2 x 1 x 1 x 2`,
    ],
    [
      'too few numbers',
      modelWith({ ...good, floatData: [1, 2, 3] }),
      `the entry of tensor '${NAME}' is damaged: expected 16 bytes for 2 x 1 x 1 x 2 of F32, found 12 bytes`,
    ],
    [
      'a negative size',
      modelWith({ ...good, dims: [-2, 1, -1, 2] }),
      `the entry of tensor '${NAME}' is damaged: expected 16 bytes for -2 x 1 x -1 x 2 of F32, found 16 bytes`,
    ],
    [
      'whole numbers',
      modelWith({ ...good, dataType: 7 }),
      `tensor '${NAME}' has type I64; readable types are F32, F16, BF16, F64`,
    ],
    [
      'float16 among whole numbers',
      modelWith({ ...good, dataType: 10, floatData: [], int32Data: [1, 2, 3, 4] }),
      `the entry of tensor '${NAME}' is damaged: expected 8 bytes for 2 x 1 x 1 x 2 of F16, found numbers as int32_data`,
    ],
    [
      'a name that comes twice',
      modelWith(good, good),
      `tensor '${NAME}' is there more than once in the model; expected one tensor a name`,
    ],
    [
      'a data file outside',
      modelWith({ ...EXTERNAL, ...entry({ location: '../secret' }) }),
      "the model has weights in '../secret': only a file below the folder of the model is read",
    ],
    [
      'a data file anywhere',
      modelWith({ ...EXTERNAL, ...entry({ location: '/etc/passwd' }) }),
      "the model has weights in '/etc/passwd': only a file below the folder of the model is read",
    ],
    [
      'no data file',
      modelWith(EXTERNAL),
      "the model has weights in '': only a file below the folder of the model is read",
    ],
    [
      'a place that is none',
      modelWith({ ...EXTERNAL, ...entry({ location: 'data', offset: '-8' }) }),
      `the entry of tensor '${NAME}' is damaged: expected an offset and a length, found '-8' and '16'`,
    ],
    [
      'a place beyond the end',
      modelWith({ ...EXTERNAL, ...entry({ location: 'data', offset: '8' }) }),
      `the model is cut off inside tensor '${NAME}': at least 24 bytes in data expected, 16 bytes found`,
    ],
    [
      'no graph',
      onnx.ModelProto.encode({ irVersion: 8 }).finish(),
      'not a readable ONNX model: expected the fields of a model, found no graph',
    ],
    [
      'no model',
      new TextEncoder().encode('weights, but as text'),
      expect.stringMatching(/^not a readable ONNX model: expected the fields of a model, found /),
    ],
  ])('%s', (_name, model, sentence) => {
    expect(sentencesOf(model, tinyGraph(), { data: new Uint8Array(16) })).toEqual([sentence]);
  });

  test('all that is missing, too much or of another shape, with what may have been meant', () => {
    const model = modelWith(
      { ...good, name: 'net.conv[1].wieght' },
      { ...good, name: 'other', dims: [4] },
      { ...good, name: 'net.conv[1]/constant' },
    );
    expect(sentencesOf(model, tinyGraph())).toEqual([
      `tensor '${NAME}' of shape 2 x 1 x 1 x 2 is not in the model; did you mean 'net.conv[1].wieght', which is there?`,
      "tensor 'net.conv[1].wieght' of shape 2 x 1 x 1 x 2 is in the model, but the network has no such parameter",
      "tensor 'other' of shape 4 is in the model, but the network has no such parameter",
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
    const folded =
      'the model was built with --fold: 2 batch norms are merged into the convolutions; their tensors cannot be had back: build the model without --fold, or use the weights it was built with';
    expect(sentencesOf(model, net(2))).toEqual([folded]);
    expect(sentencesOf(model, net(3))).toEqual([
      folded,
      "tensor 'net.conv[3].weight' has shape 2 x 5 x 3 x 3 in the model, but the network needs 3 x 5 x 3 x 3",
      "tensor 'net.conv[3].bias' has shape 2 in the model, but the network needs 3",
    ]);
  });

  test('a model that is cut off says how long it should be', () => {
    const model = modelBytes(tinyGraph());
    const sizes = new Set<string>();
    for (let size = 0; size < model.length; size += 1) {
      const sentences = sentencesOf(model.subarray(0, size), tinyGraph());
      expect(sentences, `${size} bytes`).toHaveLength(1);
      sizes.add(sentences[0] ?? '');
    }
    expect(sizes).toContain(
      `the model is cut off: at least ${model.length} bytes expected, ${model.length - 1} bytes found`,
    );
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
