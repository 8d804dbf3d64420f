import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildOnnx, type OnnxOptions, stageTensors } from '../../codegen/onnx/build.js';
import { foldBatchNorm } from '../../codegen/onnx/fold-batch-norm.js';
import { onnxBackend } from '../../codegen/onnx/onnx-backend.js';
import { opsets } from '../../codegen/onnx/opset.js';
import { onnx } from '../../codegen/onnx/proto.js';
import { failure } from '../../src/diagnostics/failure.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { recordOf } from '../../src/ir/op-table.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { pathOf } from '../ir/stage-paths.js';
import { evaluate } from '../reference/evaluate.js';
import {
  bodies,
  ExampleBuilder,
  exampleGraph,
  exampleInput,
  exampleWeights,
  smallUnet,
} from './example-graphs.js';
import { build, bytesOf, modelBytes, relativeError, runOnnx } from './run-onnx.js';

function decode(graph: Graph, options: Partial<OnnxOptions> = {}) {
  const model = onnx.ModelProto.decode(modelBytes(graph, options));
  const { node = [], initializer = [], input = [], output = [], valueInfo = [] } = model.graph ?? {};
  return {
    model,
    node: node ?? [],
    initializer: initializer ?? [],
    input,
    output,
    valueInfo: valueInfo ?? [],
  };
}

type Info = {
  name?: string | null;
  type?: { tensorType?: { shape?: { dim?: unknown } | null } | null } | null;
};

/** Sizes and names of sizes, by tensor. */
function shapes(infos: readonly Info[] | null | undefined): Record<string, unknown[]> {
  const entries = (infos ?? []).map((info) => {
    const dims = info.type?.tensorType?.shape?.dim as { dimParam?: string; dimValue?: unknown }[]; // of the proto
    return [info.name ?? '', dims.map((dim) => dim.dimParam || Number(dim.dimValue))];
  });
  return Object.fromEntries(entries);
}

describe('names and shapes', () => {
  const graph = smallUnet(2);

  test('nodes, values and weights are named by stage paths', () => {
    const { node, initializer, input, output, valueInfo } = decode(graph);
    expect(node.slice(0, 4).map(({ name, opType, output }) => [name, opType, output?.[0]])).toEqual([
      ['encoder[1].conv[1]', 'Conv', 'encoder[1].conv[1]'],
      ['encoder[1].batchNorm[1]', 'BatchNormalization', 'encoder[1].batchNorm[1]'],
      ['encoder[1].relu[1]', 'Relu', 'encoder[1].relu[1]'],
      ['encoder[1].conv[2]', 'Conv', 'encoder[1].conv[2]'],
    ]);
    const names = new Set(initializer.map(({ name }) => name));
    for (const { name } of parametersOf(graph)) expect(names).toContain(name);
    expect(shapes(input)).toEqual({ input: ['N', 6, 20, 28] });
    expect(shapes(output)).toEqual({ output: ['N', 3, 8, 16], aside: ['N', 16, 4, 8] });
    expect(shapes(valueInfo)).toMatchObject({
      'encoder[1].conv[1]': ['N', 8, 18, 26],
      'encoder[1].relu[2]': ['N', 8, 16, 24],
      'skip[1].concat[1]': ['N', 16, 8, 16],
    });
  });

  test.each([{}, { dtype: 'float16' }, { fold: true }] as const)('every value has a shape: %o', (options) => {
    const graphs = [
      graph,
      exampleGraph('groupNorm', 2),
      exampleGraph('layerNorm', 3),
      exampleGraph('gelu', 2),
    ];
    for (const each of graphs) {
      const { node, initializer, input, output, valueInfo } = decode(each, options);
      const made = node.flatMap((n) => n.output ?? []);
      expect(new Set(made).size).toBe(made.length);
      expect(Object.keys({ ...shapes(output), ...shapes(valueInfo) }).sort()).toEqual([...made].sort());
      const known = new Set([
        ...made,
        ...Object.keys(shapes(input)),
        ...initializer.map((tensor) => tensor.name),
        '',
      ]);
      for (const name of node.flatMap((n) => n.input ?? [])) expect(known).toContain(name);
      expect(new Set(node.map((n) => n.name)).size).toBe(node.length);
    }
  });

  test('free sizes are formulas, and no node computes a size', () => {
    const dynamic = decode(graph, { dynamic: true });
    expect(shapes(dynamic.input)).toEqual({ input: ['N', 6, 'H', 'W'] });
    expect(shapes(dynamic.output)).toEqual({
      output: ['N', 3, 'H - 12', 'W - 12'],
      aside: ['N', 16, 'H/2 - 6', 'W/2 - 6'],
    });
    for (const name of ['groupNorm', 'layerNorm', 'crop both ends', 'resize linear', 'pad reflect']) {
      const ops = decode(exampleGraph(name, 3), { dynamic: true }).node.map((node) => node.opType);
      for (const op of ['Shape', 'Gather', 'Range', 'Size']) expect(ops).not.toContain(op);
    }
  });

  test('each stage has a tensor', () => {
    const tensors = stageTensors(graph);
    expect([...tensors]).toEqual([
      ['input', 'input'],
      ['encoder[1]', 'encoder[1].relu[2]'],
      ['pool[1]', 'pool[1].maxPool[1]'],
      ['bottleneck', 'aside'],
      ['up[1]', 'up[1].batchNorm[1]'],
      ['skip[1]', 'skip[1].concat[1]'],
      ['decoder[1]', 'decoder[1].conv[1]'],
      ['output', 'output'],
    ]);
    expect(build(graph).stageTensors).toEqual(tensors);
    expect(build(graph, { fold: true }).stageTensors.get('up[1]')).toBe('up[1].convTranspose[1]');
  });

  test('outputs that are the input, a dropped value, or the same value twice', async () => {
    const b = new ExampleBuilder('aliases', 2);
    const x = b.input();
    const y = b.add('relu', [x], {});
    const z = b.add('dropout', [y], { rate: 0.5 });
    const aliases = b.finish([5, 7], ['same', x], ['first', y], ['second', y], ['third', z]);
    const input = exampleInput(aliases, 2);
    const positive = input.data.map((value) => Math.max(value, 0));
    for (const [dtype, tolerance] of [
      ['float32', 1e-12],
      ['float16', 1e-3],
    ] as const) {
      const results = await runOnnx(modelBytes(aliases, { dtype }), input);
      expect([...results.keys()]).toEqual(['same', 'first', 'second', 'third']);
      expect(relativeError(results.get('same')?.data ?? [], input.data)).toBeLessThan(tolerance);
      for (const name of ['first', 'second', 'third']) {
        expect(relativeError(results.get(name)?.data ?? [], positive)).toBeLessThan(tolerance);
      }
    }
  });
});

describe('the model file', () => {
  test('versions, producer and metadata', () => {
    const metadata = { 'unet.spec': 'unet Ü {}', 'unet.hash': 'abc', a: '' };
    const { model } = decode(smallUnet(2), { metadata, producerVersion: '1.2.3' });
    expect(Number(model.irVersion)).toBe(8);
    expect(model.opsetImport?.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 17]]);
    expect([model.producerName, model.producerVersion]).toEqual(['unet-lang', '1.2.3']);
    expect(model.metadataProps?.map(({ key, value }) => [key, value])).toEqual(Object.entries(metadata));
    expect(model.graph?.name).toBe('small');
  });

  test('the IR version follows the opset', () => {
    const versions = opsets.map((opset) =>
      Number(decode(exampleGraph('relu', 2), { opset }).model.irVersion),
    );
    expect(opsets).toEqual([13, 14, 15, 16, 17, 18, 19, 20, 21, 22]);
    expect(versions).toEqual([7, 7, 8, 8, 8, 8, 9, 9, 10, 10]);
  });

  test('an opset or a data file that does not work is a problem, not a throw', () => {
    const options = { weights: exampleWeights, fileName: 'm.onnx', opset: 12, externalData: '../x' };
    const built = buildOnnx(smallUnet(2), options);
    if (built.ok) throw new Error('built');
    expect(built.problems).toEqual([
      failure('unsupported-opset', { opset: 12, least: 13, most: 22 }),
      failure('invalid-data-file-name', { name: '../x' }),
    ]);
    expect(onnxBackend.emit(smallUnet(2), { ...options, opset: 23, externalData: 'm.onnx' })).toMatchObject({
      ok: false,
      problems: [
        { code: 'unsupported-opset', args: { opset: 23 } },
        { code: 'invalid-data-file-name', args: { name: 'm.onnx' } },
      ],
    });
  });

  test('the same seed gives the same bytes, another seed others of the same length', () => {
    const graph = smallUnet(3);
    const first = modelBytes(graph, { weights: seededWeights(7) });
    expect(modelBytes(smallUnet(3), { weights: seededWeights(7) })).toEqual(first);
    const other = modelBytes(graph, { weights: seededWeights(8) });
    expect(other.length).toBe(first.length);
    expect(other).not.toEqual(first);
  });

  test('sizes are known before, chunks can be read again, and long ones are not copied', () => {
    const b = new ExampleBuilder('large', 2);
    const graph = b.finish([8, 8], ['output', b.conv(b.conv(b.input(), 64), 300)]);
    const source = new Map(parametersOf(graph).map((p) => [p.name, readTensor(exampleWeights, p)]));
    const weights = { chunks: (p: { name: string }) => [source.get(p.name) ?? new Float32Array()] };
    const [file] = build(graph, { weights }).files;
    if (!file) throw new Error('no file');
    const chunks = [...file.chunks];
    expect(chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(file.size);
    const large = source.get('net.conv[2].weight');
    expect(chunks.some((chunk) => chunk.buffer === large?.buffer)).toBe(true);
    expect(bytesOf(file.chunks)).toEqual(bytesOf(file.chunks));
    for (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
    // The few hundred bytes of names, heads and small tensors make at most three pieces beside the large one.
    expect(chunks.length).toBeLessThanOrEqual(4);
  });
});

describe('weights in a file of their own', () => {
  test.each([
    'float32',
    'float16',
  ] as const)('runs from files and gives the same numbers: %s', async (dtype) => {
    const graph = smallUnet(2);
    const input = exampleInput(graph, 2);
    const folder = mkdtempSync(join(tmpdir(), 'onnx-external-'));
    try {
      const { files, externalData } = build(graph, { dtype, externalData: 'weights.bin' });
      expect(externalData).toBe('weights.bin');
      expect(files.map((file) => file.path)).toEqual(['model.onnx', 'weights.bin']);
      for (const file of files) {
        writeFileSync(join(folder, file.path), bytesOf(file.chunks));
        expect(readFileSync(join(folder, file.path)).length).toBe(file.size);
      }
      const model = onnx.ModelProto.decode(readFileSync(join(folder, 'model.onnx')));
      const offsets = (model.graph?.initializer ?? []).flatMap((tensor) =>
        (tensor.externalData ?? []).filter(({ key }) => key === 'offset').map(({ value }) => Number(value)),
      );
      expect(offsets).toHaveLength(parametersOf(graph).length);
      for (const offset of offsets) expect(offset % 64).toBe(0);
      const inside = await runOnnx(modelBytes(graph, { dtype }), input);
      expect(await runOnnx(join(folder, 'model.onnx'), input)).toEqual(inside);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is used by itself beyond 2 GB', () => {
    const b = new ExampleBuilder('huge', 2);
    const graph = b.finish([8, 8], ['output', b.conv(b.input(16384), 16384, { bias: false })]);
    const { files, externalData } = build(graph, { fileName: 'huge.onnx' });
    expect(externalData).toBe('huge.onnx.data');
    expect(files[1]?.size).toBe(16384 * 16384 * 9 * 4);
    expect(files[0]?.size).toBeLessThan(2000);
    expect(build(graph, { dtype: 'float16' }).externalData).toBe('model.onnx.data');
    expect(build(smallUnet(2)).externalData).toBeUndefined();
  });
});

describe('folding', () => {
  test('takes away the norms it can, and nothing else', () => {
    const ops = (fold: boolean) => decode(smallUnet(2), { fold }).node.map((node) => node.opType);
    expect(ops(false).filter((op) => op === 'BatchNormalization')).toHaveLength(5);
    expect(ops(true)).toEqual(ops(false).filter((op) => op !== 'BatchNormalization'));
  });

  test('a norm stays where the value before it is used, named or given out', () => {
    for (const reason of ['used', 'stage', 'output', 'free'] as const) {
      const b = new ExampleBuilder('net', 2);
      const value = b.conv(b.input(), 6);
      const norm = b.add('batchNorm', [value], { affine: true, momentum: 0.1, eps: 1e-5 });
      if (reason === 'stage') b.builder.stage(pathOf('middle'), value);
      const sum = b.add('add', [norm, reason === 'used' ? value : norm], {});
      const outputs: [string, number][] = reason === 'output' ? [['aside', value]] : [];
      const graph = b.finish([8, 8], ['output', sum], ...outputs);
      const kinds = foldBatchNorm(graph, exampleWeights).graph.nodes.map((node) => node.kind);
      expect(kinds.includes('batchNorm')).toBe(reason !== 'free');
    }
  });

  test.each([
    'conv dilated and grouped',
    'conv same',
    'convTranspose output padding',
    'convTranspose no bias',
  ])('%s: the folded graph computes the same in float64', (name) => {
    const plain = exampleGraph(name, 2);
    const b = new ExampleBuilder('net', 2);
    const last = plain.nodes[1];
    if (last?.kind !== 'conv' && last?.kind !== 'convTranspose') throw new Error('no convolution');
    const x = b.add(last.kind, [b.input()], last.attributes);
    const graph = b.finish(plain.inputSize, [
      'output',
      b.add('batchNorm', [x], { affine: true, momentum: 0.1, eps: 0.01 }),
    ]);
    const folded = foldBatchNorm(graph, exampleWeights);
    expect(folded.graph.nodes).toHaveLength(2);
    const input = exampleInput(graph, 2);
    const expected = evaluate(graph, exampleWeights, input).get(2);
    const found = evaluate(folded.graph, folded.weights, input).get(1);
    expect(relativeError(found?.data ?? [], expected?.data ?? [])).toBeLessThan(1e-6);
    // However the weights come in chunks.
    const cut = foldBatchNorm(graph, {
      *chunks(parameter) {
        const values = readTensor(exampleWeights, parameter);
        for (let i = 0; i < values.length; i += 7) yield values.subarray(i, i + 7);
      },
    });
    for (const parameter of parametersOf(folded.graph)) {
      expect(readTensor(cut.weights, parameter)).toEqual(readTensor(folded.weights, parameter));
    }
  });
});

describe('float16', () => {
  test('norms with a tiny eps and large values stay sane', async () => {
    for (const kind of ['instanceNorm', 'layerNorm', 'batchNorm'] as const) {
      const b = new ExampleBuilder('net', 2);
      const x = b.input();
      const value =
        kind === 'batchNorm'
          ? b.add(kind, [x], { affine: false, momentum: 0.1, eps: 1e-8 })
          : b.add(kind, [x], { affine: false, eps: 1e-8 });
      const graph = b.finish([8, 8], ['output', value]);
      const input = exampleInput(graph, 2);
      // Squares of these leave the range of half precision.
      const large = { ...input, data: input.data.map((v) => v * 1000) };
      const found = (await runOnnx(modelBytes(graph, { dtype: 'float16' }), large)).get('output');
      const expected = evaluate(graph, exampleWeights, large).get(1);
      expect(relativeError(found?.data ?? [], expected?.data ?? [])).toBeLessThan(2e-3);
    }
  });

  test('norms compute in float32, with float32 parameters', () => {
    // onnxruntime's CPU engine would hide the difference: it computes everything in float32.
    for (const kind of ['batchNorm', 'instanceNorm', 'groupNorm', 'layerNorm']) {
      const { node, initializer, valueInfo } = decode(exampleGraph(kind, 2), { dtype: 'float16' });
      const { FLOAT, FLOAT16 } = onnx.TensorProto.DataType;
      const types = new Map(valueInfo.map((info) => [info.name, info.type?.tensorType?.elemType]));
      for (const tensor of initializer) expect(tensor.dataType).not.toBe(FLOAT16);
      const inner = node.filter(({ opType }) => opType !== 'Cast');
      expect(inner.length).toBeGreaterThan(0);
      for (const { input, output } of inner) {
        expect(types.get(input?.[0])).toBe(FLOAT);
        expect(types.get(output?.[0])).toBe(FLOAT);
      }
    }
  });

  test.each(Object.keys(bodies))('each op of %s computes in the type that its record sets', (name) => {
    const graph = exampleGraph(name, 2);
    const { node, valueInfo } = decode(graph, { dtype: 'float16' });
    const { FLOAT, FLOAT16 } = onnx.TensorProto.DataType;
    const types = new Map(valueInfo.map((info) => [info.name, info.type?.tensorType?.elemType]));
    for (const op of graph.nodes) {
      const own = node.filter(({ name: label }) => `${label}/`.startsWith(`${op.path}/`));
      const made = own.filter(({ opType }) => opType !== 'Cast').flatMap(({ output }) => output ?? []);
      const found = made
        .map((value) => types.get(value))
        .filter((type) => type === FLOAT || type === FLOAT16);
      const expected = recordOf(op.kind).precision === 'float32' ? FLOAT : FLOAT16;
      expect(new Set(found), op.path.text).toEqual(new Set(found.length > 0 ? [expected] : []));
    }
  });

  test('weights take half the bytes, and inputs and outputs stay float32', () => {
    const b = new ExampleBuilder('large', 2);
    const graph = b.finish([8, 8], ['output', b.conv(b.conv(b.input(), 64), 64)]);
    const half = decode(graph, { dtype: 'float16' });
    const dataTypes = new Set(half.initializer.map((tensor) => tensor.dataType));
    expect(dataTypes).toEqual(new Set([onnx.TensorProto.DataType.FLOAT16]));
    const ratio = modelBytes(graph, { dtype: 'float16' }).length / modelBytes(graph).length;
    expect(ratio).toBeLessThan(0.52);
    for (const info of [...(half.input ?? []), ...(half.output ?? [])]) {
      expect(info.type?.tensorType?.elemType).toBe(onnx.TensorProto.DataType.FLOAT);
    }
  });
});
