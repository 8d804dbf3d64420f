import { describe, expect, test } from 'vitest';
import { tfjsBackend } from '../../codegen/tfjs/tfjs-backend.js';
import type { WeightsFormat } from '../../src/diagnostics/codes/weights/weights.js';
import { parametersOf } from '../../src/ir/graph.js';
import { elementCount, type Parameter } from '../../src/ir/parameter.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { writeSafetensors } from '../../src/weights/formats/safetensors-write.js';
import type { WeightSource } from '../../src/weights/weight-source.js';
import { bytesOf, modelBytes } from '../onnx/run-onnx.js';
import { fileOf, folderOf } from './files-in-memory.js';
import { archive, type Pickled, Tensor, zip } from './torch-archive.js';
import { compiled } from './torch-networks.js';

const { graph } = compiled(`unet Net {
  input = 1 x 4 x 4; classes = 2; depth = 1; channels = 2; padding = same; norm = batch; bias = false
}`);
const parameters = parametersOf(graph);
const kernel = 'encoder[1].conv[2].weight';

/** Weights of 0.5, but for some values by parameter and place. */
function weightsWith(values: Readonly<Record<string, Readonly<Record<number, number>>>>): WeightSource {
  return { chunks: (parameter) => [tensorWith(parameter, values[parameter.name])] };
}

function tensorWith({ shape }: Parameter, values: Readonly<Record<number, number>> = {}): Float32Array {
  const tensor = new Float32Array(elementCount(shape)).fill(0.5);
  for (const [place, value] of Object.entries(values)) tensor[Number(place)] = value;
  return tensor;
}

/** A file of each format with these weights. */
const writers: Readonly<
  Record<WeightsFormat, (weights: WeightSource) => [Uint8Array, Record<string, Uint8Array>]>
> = {
  safetensors: (weights) => [bytesOf(writeSafetensors(graph, weights).chunks), {}],
  onnx: (weights) => [modelBytes(graph, { weights }), {}],
  tfjs(weights) {
    const built = tfjsBackend.emit(graph, { weights });
    if (!built.ok) throw new Error('not built');
    const files = Object.fromEntries(built.files.map(({ path, chunks }) => [path, bytesOf(chunks)]));
    return [files['model.json'] ?? new Uint8Array(), files];
  },
  pytorch(weights) {
    const state: Record<string, Pickled> = {};
    const storages: Record<string, Uint8Array> = {};
    for (const [i, parameter] of parameters.entries()) {
      const { name, shape } = parameter;
      const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
      state[name] = new Tensor(String(i), shape, strides, { count: elementCount(shape) });
      storages[i] = bytesOf(
        [...weights.chunks(parameter)].map((chunk) => new Uint8Array(chunk.slice().buffer)),
      );
    }
    return [zip(archive({ state_dict: state }, storages)), {}];
  },
};
// `as`: the keys of the record are its type.
const formats = Object.keys(writers) as WeightsFormat[];

function read(format: WeightsFormat, weights: WeightSource) {
  const [bytes, files] = writers[format](weights);
  return readWeights({ format, file: fileOf(bytes), openBeside: folderOf(files) }, graph);
}

describe.each(formats)('%s', (format) => {
  test('finite weights are read', () => {
    expect(read(format, weightsWith({}))).toMatchObject({ ok: true });
    expect(read(format, weightsWith({ [kernel]: { 3: -3.4e38, 5: 1e-45, 6: -0 } }))).toMatchObject({
      ok: true,
    });
  });

  test.each([
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'infinity'],
    [Number.NEGATIVE_INFINITY, '-infinity'],
  ])('a single %s anywhere is named', (value, name) => {
    for (const parameter of parameters) {
      const of = elementCount(parameter.shape);
      for (const place of new Set([0, of - 1])) {
        expect(
          read(format, weightsWith({ [parameter.name]: { [place]: value } })),
          parameter.name,
        ).toMatchObject({
          ok: false,
          problems: [{ code: 'tensor-not-finite', count: 1, of, value: name }],
        });
      }
    }
  });

  test('each tensor has its number of values, and the first in the order of the file', () => {
    const reading = read(
      format,
      // Element (1, 0, 2, 1) and (1, 1, 0, 2) of 2 x 2 x 3 x 3, and the second of 2.
      weightsWith({ [kernel]: { 25: Number.NaN, 29: -1 / 0 }, 'head.conv[1].bias': { 1: 1 / 0 } }),
    );
    // TensorFlow.js has (row, column, in, out): of (2, 1, 0, 1) and (0, 2, 1, 1), the second comes first.
    const first =
      format === 'tfjs' ? { index: [0, 2, 1, 1], value: '-infinity' } : { index: [1, 0, 2, 1], value: 'nan' };
    expect(reading).toMatchObject({
      ok: false,
      problems: [
        { code: 'tensor-not-finite', format, count: 2, of: 36, ...first },
        { code: 'tensor-not-finite', format, count: 1, of: 2, index: [1], value: 'infinity' },
      ],
    });
    const names = reading.ok
      ? []
      : reading.problems.map((one) => ('parameter' in one ? one.parameter : one.tensor));
    expect(names).toEqual([kernel, 'head.conv[1].bias']);
  });
});

test('values in another chunk are counted', () => {
  const wide = compiled(
    'unet Net { input = 1 x 4 x 4; classes = 2; depth = 1; channels = 90; padding = same }',
  );
  const [, , second] = parametersOf(wide.graph);
  expect(elementCount(second?.shape ?? [])).toBeGreaterThan(65536);
  const weights: WeightSource = {
    chunks(parameter) {
      const values = new Float32Array(elementCount(parameter.shape)).fill(0.25);
      if (parameter.name === second?.name) values.fill(Number.NaN, 65_000, 66_000);
      return [values];
    },
  };
  const bytes = bytesOf(writeSafetensors(wide.graph, weights).chunks);
  const reading = readWeights(
    { format: 'safetensors', file: fileOf(bytes), openBeside: folderOf({}) },
    wide.graph,
  );
  expect(reading).toMatchObject({
    // 65,000 = 80 x 810 + 200, and 200 = 22 x 9 + 2.
    problems: [{ tensor: second?.name, count: 1000, of: 72_900, index: [80, 22, 0, 2] }],
  });
});

describe('types that become float32', () => {
  const shape = [2, 1, 3, 3];
  const first = 'encoder[1].conv[1].weight';
  const readAs = (type: string, bytes: Uint8Array) => {
    const files: Record<string, Uint8Array> = {};
    const state: Record<string, Pickled> = {};
    for (const [i, { name, shape: of }] of parameters.entries()) {
      const strides = of.map((_, axis) => elementCount(of.slice(axis + 1)));
      const changes = name === first ? { type } : {};
      state[name] = new Tensor(String(i), of, strides, { count: elementCount(of), ...changes });
      files[i] = name === first ? bytes : new Uint8Array(4 * elementCount(of));
    }
    const file = fileOf(zip(archive(state, files)));
    return readWeights({ format: 'pytorch', file, openBeside: folderOf({}) }, graph);
  };
  const count = elementCount(shape);

  test.each([
    [
      'torch.HalfStorage',
      new Uint8Array(Uint16Array.from({ length: count }, (_, i) => (i === 4 ? 0x7c00 : 0)).buffer),
    ],
    [
      'torch.BFloat16Storage',
      new Uint8Array(Uint16Array.from({ length: count }, (_, i) => (i === 4 ? 0x7f80 : 0)).buffer),
    ],
    [
      'torch.DoubleStorage',
      new Uint8Array(Float64Array.from({ length: count }, (_, i) => (i === 4 ? 1e39 : 1e-300)).buffer),
    ],
  ])('%s', (type, bytes) => {
    expect(readAs(type, bytes)).toMatchObject({
      ok: false,
      problems: [
        {
          code: 'tensor-not-finite',
          tensor: first,
          count: 1,
          of: count,
          index: [0, 0, 1, 1],
          value: 'infinity',
        },
      ],
    });
  });
});
