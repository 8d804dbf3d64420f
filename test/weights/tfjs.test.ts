import { describe, expect, test } from 'vitest';
import { tfjsBackend } from '../../codegen/tfjs/tfjs-backend.js';
import { tfjsWeights } from '../../codegen/tfjs/weight-layout.js';
import { problemText, type WeightsProblem } from '../../src/diagnostics/codes/weights/weights.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { listTfjs } from '../../src/weights/formats/tfjs-manifest.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { ExampleBuilder, exampleWeights, smallUnet } from '../onnx/example-graphs.js';
import { bytesOf } from '../onnx/run-onnx.js';
import { fileOf, folderOf } from './files-in-memory.js';

type Files = Record<string, Uint8Array>;

/** The files of a graph's model with the example weights. */
function filesOf(graph: Graph): Files {
  const built = tfjsBackend.emit(graph, { weights: exampleWeights });
  if (!built.ok) throw new Error('not built');
  return Object.fromEntries(built.files.map(({ path, chunks }) => [path, bytesOf(chunks)]));
}

interface Manifest {
  paths: string[];
  weights: { name: string; shape: number[]; dtype: string; group?: string; quantization?: object }[];
}

const jsonOf = (files: Files): { weightsManifest: Manifest[]; format: string } =>
  JSON.parse(new TextDecoder().decode(files['model.json']));
const encoded = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

function read(files: Files, graph: Graph) {
  const file = fileOf(files['model.json'] ?? new Uint8Array());
  return readWeights({ format: 'tfjs', file, openBeside: folderOf(files) }, graph);
}

function problemsOf(files: Files, graph: Graph): readonly WeightsProblem[] {
  const reading = read(files, graph);
  return reading.ok ? [] : reading.problems;
}

/** A graph of one conv without bias, 2 in 3 out, kernel 1 x 2: the parameter is (3, 2, 1, 2). */
function tinyGraph(): Graph {
  const b = new ExampleBuilder('tiny', 2);
  return b.finish([4, 4], ['output', b.conv(b.input(2), 3, { kernel: [1, 2], bias: false })]);
}

const [kernel] = tfjsWeights(tinyGraph());
/** 0, 1, 2, ... as tfjs has them, where element (h, w, i, o) of (1, 2, 2, 3) is element (o, i, h, w) of ours. */
const expectedKernel = Array.from({ length: 12 }, (_, at) => {
  const [o, i, w] = [Math.floor(at / 4), Math.floor(at / 2) % 2, at % 2];
  return (w * 2 + i) * 3 + o;
});

/** A model of the tiny graph whose kernel lies in these bytes. */
function tinyModel(bytes: Uint8Array, changes: object = {}, paths = ['w.bin'], before: object[] = []): Files {
  const weight = { name: kernel?.name, shape: kernel?.shape, dtype: 'float32', ...changes };
  const weightsManifest = [{ paths, weights: [...before, weight] }];
  return { 'model.json': encoded({ format: 'layers-model', weightsManifest }), 'w.bin': bytes };
}

function tinyValues(files: Files): number[] {
  const reading = read(files, tinyGraph());
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
  return parametersOf(tinyGraph()).flatMap((parameter) => [...readTensor(reading.weights, parameter)]);
}

const counting = (length: number) => Array.from({ length }, (_, i) => i);
const floats = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

describe('a model gives back its weights', () => {
  test('in the layout of the network', () => {
    expect(kernel?.shape).toEqual([1, 2, 2, 3]);
    expect(tinyValues(tinyModel(floats(counting(12))))).toEqual(expectedKernel);
  });

  test.each([2, 3] as const)('a whole one, in %i D', (rank) => {
    const graph = smallUnet(rank);
    const reading = read(filesOf(graph), graph);
    if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
    for (const parameter of parametersOf(graph)) {
      expect(readTensor(reading.weights, parameter)).toEqual(readTensor(exampleWeights, parameter));
    }
  });

  test.each<[string, Uint8Array, object, (value: number) => number]>([
    ['uint8', Uint8Array.from(counting(12)), { dtype: 'uint8', scale: 0.25, min: -1.5 }, (i) => i / 4 - 1.5],
    [
      'uint16',
      new Uint8Array(Uint16Array.from(counting(12), (i) => 5000 * i).buffer),
      { dtype: 'uint16', scale: 0.001, min: 3 },
      (i) => Math.fround(5000 * i * 0.001 + 3),
    ],
    [
      'float16',
      // 2^(i - 6): the exponent is 5 bits behind the sign, and 15 stands for 0.
      new Uint8Array(Uint16Array.from(counting(12), (i) => (i - 6 + 15) << 10).buffer),
      { dtype: 'float16' },
      (i) => 2 ** (i - 6),
    ],
  ])('quantized as %s', (_name, bytes, quantization, decode) => {
    expect(tinyValues(tinyModel(bytes, { quantization }))).toEqual(expectedKernel.map(decode));
  });

  test('behind other weights of its group, and over several files', () => {
    const before = [
      {
        name: 'a',
        shape: [3],
        dtype: 'float32',
        quantization: { dtype: 'uint8', scale: 1, min: 0 },
        group: 'optimizer',
      },
      { name: 'b', shape: [], dtype: 'int32', group: 'optimizer' },
      { name: 'c', shape: [2], dtype: 'bool', group: 'optimizer' },
    ];
    const bytes = new Uint8Array([...new Uint8Array(9), ...floats(counting(12))]);
    const files = tinyModel(bytes, {}, ['w1', 'sub/w2', 'w3'], before);
    const parts = { w1: bytes.slice(0, 20), 'sub/w2': bytes.slice(20, 21), w3: bytes.slice(21) };
    expect(tinyValues({ ...files, ...parts })).toEqual(expectedKernel);
  });

  test('what an optimizer kept is no weight', () => {
    const graph = smallUnet(2);
    const files = filesOf(graph);
    const json = jsonOf(files);
    const state = { name: 'encoder_1.conv_1/kernel/m', shape: [2], dtype: 'float32' };
    json.weightsManifest.push({ paths: ['state.bin'], weights: [{ ...state, group: 'optimizer' }] });
    const trained = { ...files, 'model.json': encoded(json), 'state.bin': new Uint8Array(8) };
    expect(read(trained, graph).ok).toBe(true);
    json.weightsManifest.at(-1)?.weights.splice(0, 1, state);
    expect(problemsOf({ ...trained, 'model.json': encoded(json) }, graph)).toEqual([
      {
        code: 'extra-tensor',
        format: 'tfjs',
        tensor: 'encoder_1.conv_1/kernel/m',
        expected: 'nothing',
        found: '2',
      },
    ]);
  });
});

describe('problems', () => {
  const good = floats(counting(12));
  const model = (json: unknown): Files => ({ 'model.json': encoded(json), 'w.bin': good });
  const name = kernel?.name;
  const of = (code: WeightsProblem['code'], expected: string, found: string, tensor = name) => ({
    code,
    format: 'tfjs',
    tensor,
    expected,
    found,
  });
  const unreadable = (expected: string, found: string) => ({
    ...of('weights-damaged', expected, found),
    tensor: undefined,
  });
  const noFile = (path: string, found: string) => ({
    ...of('weights-file-unreadable', `'${path}'`, found),
    tensor: undefined,
  });

  test.each<[string, Files, object]>([
    ['no JSON', { 'model.json': good }, unreadable('JSON text', 'something else')],
    ['no manifest', model({}), unreadable('a list as weightsManifest', 'nothing')],
    ['a list', model([]), unreadable('a list as weightsManifest', 'nothing')],
    [
      'a graph model',
      model({ format: 'graph-model', weightsManifest: [] }),
      unreadable('a layers model', 'a graph model'),
    ],
    [
      'a group without files',
      model({ weightsManifest: [{ weights: [] }] }),
      unreadable('a list of files as paths', 'nothing'),
    ],
    [
      'a group without weights',
      model({ weightsManifest: [{ paths: ['w.bin'] }] }),
      unreadable('a list as weights', 'nothing'),
    ],
    [
      'a weight without a name',
      tinyModel(good, { name: 7 }),
      unreadable('weights with names', 'a value of type number'),
    ],
    [
      'a weight without a shape',
      tinyModel(good, { shape: [-1] }),
      unreadable(`a shape of whole numbers for '${name}'`, 'another list'),
    ],
    ['texts', tinyModel(good, { dtype: 'string' }), unreadable(`numbers as '${name}'`, 'string')],
    [
      'an unknown quantization',
      tinyModel(good, { quantization: { dtype: 'int4' } }),
      unreadable(`numbers as '${name}'`, 'int4'),
    ],
    ['whole numbers', tinyModel(good, { dtype: 'int32' }), of('unreadable-tensor-type', 'float32', 'int32')],
    [
      'no scale',
      tinyModel(good, { quantization: { dtype: 'uint8', min: 1 } }),
      of('tensor-damaged', 'a scale and a min for uint8', '1 x 2 x 2 x 3 without scale and min'),
    ],
    [
      'another shape',
      tinyModel(good, { shape: [2, 2, 3] }),
      { ...of('tensor-shape-mismatch', '1 x 2 x 2 x 3', '2 x 2 x 3'), parameter: 'net.conv[1].weight' },
    ],
    ['no file', tinyModel(good, {}, ['w.bin', 'v.bin']), noFile('v.bin', expect.stringMatching(/./))],
    [
      'a file elsewhere',
      tinyModel(good, {}, ['a/../../w.bin']),
      noFile('a/../../w.bin', expect.stringContaining('below the folder')),
    ],
    [
      'a file that is cut off',
      tinyModel(good.slice(0, 40)),
      { ...of('weights-truncated', '48 bytes in w.bin', '40 bytes'), tensor: undefined },
    ],
    [
      'a name twice',
      tinyModel(floats(counting(24)), {}, ['w.bin'], [{ name, shape: [12], dtype: 'float32' }]),
      of('duplicate-tensor', 'one tensor per name', 'several'),
    ],
  ])('%s', (_name, files, problem) => {
    expect(problemsOf(files, tinyGraph())).toContainEqual(problem);
  });

  test('another network: all that differs, under both names', () => {
    const [first, ...others] = problemsOf(filesOf(smallUnet(2)), tinyGraph());
    expect(first).toEqual({
      ...of('missing-tensor', '1 x 2 x 2 x 3', 'nothing'),
      parameter: 'net.conv[1].weight',
    });
    expect(others).toHaveLength(parametersOf(smallUnet(2)).length);
  });

  test('no damage to the text is a throw', () => {
    const files = filesOf(tinyGraph());
    const text = files['model.json'] ?? new Uint8Array();
    for (let i = 0; i < 1500; i += 1) {
      const copy = Uint8Array.from(text);
      copy[(i * 7) % copy.length] = 32 + ((i * 89 + 13) % 95);
      for (const { chunks, shape } of listTfjs(fileOf(copy), folderOf(files)).tensors) {
        if (elementCount(shape) < 1e6) Array.from(chunks());
      }
    }
  });
});
