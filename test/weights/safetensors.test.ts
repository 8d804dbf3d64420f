import { describe, expect, test } from 'vitest';
import type { WeightsProblem } from '../../src/diagnostics/codes/weights/weights.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { readSafetensors } from '../../src/weights/bind/read-safetensors.js';
import { writeSafetensors } from '../../src/weights/formats/safetensors-write.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { ExampleBuilder, exampleWeights, smallUnet } from '../onnx/example-graphs.js';
import { bytesOf } from '../onnx/run-onnx.js';
import { fileOf, sameBits } from './files-in-memory.js';

/** A file from a header (JSON, or text as it is) and data. */
function rawFile(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const head = new Uint8Array(8);
  new DataView(head.buffer).setBigUint64(0, BigInt(text.length), true);
  return Buffer.concat([head, text, data]);
}

/** A graph of one conv without bias: the parameter `net.conv[1].weight`, 2 x 1 x 1 x 2. */
function tinyGraph(): Graph {
  const b = new ExampleBuilder('tiny', 2);
  return b.finish([4, 4], ['output', b.conv(b.input(1), 2, { kernel: [1, 2], bias: false })]);
}

const NAME = 'net.conv[1].weight';

function problemsOf(bytes: Uint8Array, graph: Graph = tinyGraph()) {
  const reading = readSafetensors(fileOf(bytes), graph);
  return reading.ok ? [] : reading.problems;
}

describe('writing', () => {
  test('the bytes of the format', () => {
    const graph = tinyGraph();
    const file = writeSafetensors(graph, { chunks: () => [Float32Array.of(1, -2, 0.5, 3)] }, { seed: '7' });
    const bytes = bytesOf(file.chunks);
    expect(bytes.length).toBe(file.size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = Number(view.getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(text.trimEnd()).toBe(
      `{"__metadata__":{"seed":"7"},"${NAME}":{"dtype":"F32","shape":[2,1,1,2],"data_offsets":[0,16]}}`,
    );
    expect([0, 4, 8, 12].map((i) => view.getFloat32(8 + length + i, true))).toEqual([1, -2, 0.5, 3]);
  });

  test('tensors follow the graph, one after the other', () => {
    const graph = smallUnet(3);
    const bytes = bytesOf(writeSafetensors(graph, exampleWeights).chunks);
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const header: Record<string, { data_offsets: [number, number] }> = JSON.parse(
      new TextDecoder().decode(bytes.subarray(8, 8 + length)),
    );
    expect(Object.keys(header)).toEqual(parametersOf(graph).map((parameter) => parameter.name));
    let end = 0;
    for (const { data_offsets: offsets } of Object.values(header)) {
      expect(offsets[0]).toBe(end);
      end = offsets[1];
    }
    expect(8 + length + end).toBe(bytes.length);
  });
});

describe('reading', () => {
  test('gives back what was written, in pieces', () => {
    const b = new ExampleBuilder('net', 2);
    const graph = b.finish([8, 8], ['output', b.conv(b.conv(b.input(), 200), 300)]);
    const weights = seededWeights(1);
    const file = fileOf(bytesOf(writeSafetensors(graph, weights, { a: 'b' }).chunks));
    const reading = readSafetensors(file, graph);
    if (!reading.ok) throw new Error('not read');
    expect(reading.metadata).toEqual({ a: 'b' });
    for (const parameter of parametersOf(graph)) {
      const [found, expected] = [readTensor(reading.weights, parameter), readTensor(weights, parameter)];
      expect(sameBits(found, expected), parameter.name).toBe(true);
    }
    expect(file.largest).toBeLessThan(file.size / 4);
  });

  test.each([0, 1, 2, 3])('data need not be aligned: %i bytes off', (shift) => {
    const header = { [NAME]: { dtype: 'F32', shape: [2, 1, 1, 2], data_offsets: [0, 16] } };
    const padded = JSON.stringify(header) + ' '.repeat(shift);
    const data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    const bytes = new Uint8Array(rawFile(padded, data));
    const reading = readSafetensors(fileOf(bytes), tinyGraph());
    if (!reading.ok) throw new Error('not read');
    const [parameter] = parametersOf(tinyGraph());
    expect(parameter && [...readTensor(reading.weights, parameter)]).toEqual([1, 2, 3, 4]);
  });

  // 1, -2, the smallest subnormal of the type, and a number that float32 rounds.
  test.each([
    ['F16', [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x55, 0x35], [1, -2, 2 ** -24, 0.333251953125]],
    ['BF16', [0x80, 0x3f, 0x00, 0xc0, 0x01, 0x00, 0xab, 0x3e], [1, -2, 2 ** -133, 0.333984375]],
    [
      'F64',
      [...new Uint8Array(Float64Array.of(1, -2, 0.1, 1 / 3).buffer)],
      [1, -2, Math.fround(0.1), Math.fround(1 / 3)],
    ],
  ])('%s becomes float32', (dtype, bytes, expected) => {
    const header = { [NAME]: { dtype, shape: [2, 1, 1, 2], data_offsets: [0, bytes.length] } };
    const reading = readSafetensors(fileOf(rawFile(header, Uint8Array.from(bytes))), tinyGraph());
    if (!reading.ok) throw new Error('not read');
    const [parameter] = parametersOf(tinyGraph());
    expect(parameter && [...readTensor(reading.weights, parameter)]).toEqual(expected);
  });
});

describe('problems', () => {
  const of = (
    code: WeightsProblem['code'],
    expected: string,
    found: string,
    tensor: string | undefined = NAME,
  ) => ({
    code,
    format: 'safetensors',
    tensor,
    expected,
    found,
  });
  const ofFile = (code: WeightsProblem['code'], expected: string, found: string) => ({
    ...of(code, expected, found),
    tensor: undefined,
  });

  test('all that do not fit the network, at once', () => {
    const graph = smallUnet(2);
    const other = new ExampleBuilder('other', 2);
    const x = other.conv(other.input(), 9, {}, 'encoder[1]');
    const file = writeSafetensors(
      other.finish([8, 8], ['output', other.conv(x, 4, {}, 'extra')]),
      exampleWeights,
    );
    const problems = problemsOf(bytesOf(file.chunks), graph);
    const conv = (n: number) => `encoder[1].conv[${n}].weight`;
    expect(problems).toContainEqual(of('tensor-shape-mismatch', '8 x 6 x 3 x 3', '9 x 6 x 3 x 3', conv(1)));
    expect(problems).toContainEqual(of('missing-tensor', '8 x 8 x 3 x 3', 'nothing', conv(2)));
    expect(problems).toContainEqual(of('extra-tensor', 'nothing', '4', 'extra.conv[1].bias'));
    // Two of another shape, two too many, and all the others of the network missing.
    expect(problems).toHaveLength(2 + 2 + parametersOf(graph).length - 2);
  });

  const good = { dtype: 'F32', shape: [2, 1, 1, 2], data_offsets: [0, 16] };
  const data = new Uint8Array(16);

  test.each<[string, Uint8Array, object]>([
    ['an empty file', new Uint8Array(), ofFile('weights-truncated', 'at least 8 bytes', '0 bytes')],
    [
      'a header length beyond the file',
      rawFile({ [NAME]: good }).slice(0, 20),
      ofFile('weights-truncated', 'at least 86 bytes', '20 bytes'),
    ],
    [
      'a hostile header length',
      new Uint8Array(16).fill(255),
      ofFile(
        'weights-damaged',
        expect.stringContaining('100000000'),
        expect.stringContaining('18446744073709551615'),
      ),
    ],
    ['no JSON', rawFile('{"a": '), ofFile('weights-damaged', 'a header of JSON text', 'something else')],
    [
      'JSON that is no object',
      rawFile('[1]'),
      ofFile('weights-damaged', 'a JSON object as the header', 'another list'),
    ],
    [
      'data cut off',
      rawFile({ [NAME]: good }, data.subarray(1)),
      of('weights-truncated', 'at least 102 bytes', '101 bytes'),
    ],
    [
      'an entry that is no object',
      rawFile({ [NAME]: 3 }),
      of('tensor-damaged', 'an object', 'a value of type number'),
    ],
    [
      'a type that is not read',
      rawFile({ [NAME]: { ...good, dtype: 'I64' } }, data),
      of('unreadable-tensor-type', 'F32, F16, BF16, F64', 'I64'),
    ],
    [
      'a type named like a method',
      rawFile({ [NAME]: { ...good, dtype: 'toString' } }, data),
      of('unreadable-tensor-type', 'F32, F16, BF16, F64', 'toString'),
    ],
    [
      'a negative size',
      rawFile({ [NAME]: { ...good, shape: [2, -1] } }, data),
      of('tensor-damaged', 'a shape of whole numbers', 'another list'),
    ],
    [
      'sizes beyond all bounds',
      rawFile({ [NAME]: { ...good, shape: [2 ** 50, 2 ** 50] } }, data),
      of('tensor-damaged', `${2 ** 102} bytes for 1125899906842624 x 1125899906842624 of F32`, '16 bytes'),
    ],
    [
      'offsets that run backwards',
      rawFile({ [NAME]: { ...good, data_offsets: [16, 0] } }, data),
      of('tensor-damaged', '16 bytes for 2 x 1 x 1 x 2 of F32', '-16 bytes'),
    ],
    [
      'no offsets',
      rawFile({ [NAME]: { dtype: 'F32', shape: [2, 1, 1, 2] } }, data),
      of('tensor-damaged', 'two whole numbers as data_offsets', 'nothing'),
    ],
  ])('%s', (_name, bytes, problem) => {
    expect(problemsOf(bytes)).toEqual([problem]);
  });

  test('two tensors in the same bytes', () => {
    const b = new ExampleBuilder('two', 2);
    const x = b.conv(b.input(1), 1, { kernel: [2, 2], bias: false });
    const graph = b.finish([8, 8], ['output', b.conv(x, 1, { kernel: [2, 2], bias: false })]);
    const entry = { dtype: 'F32', shape: [1, 1, 2, 2], data_offsets: [0, 16] };
    const header = {
      'net.conv[1].weight': entry,
      'net.conv[2].weight': { ...entry, data_offsets: [12, 28] },
    };
    expect(problemsOf(rawFile(header, new Uint8Array(28)), graph)).toEqual([
      of('tensor-damaged', 'bytes of its own', 'bytes that another tensor has', 'net.conv[2].weight'),
    ]);
  });

  test('any damage to a file is a problem or a reading, never a throw', () => {
    const graph = smallUnet(2);
    const bytes = bytesOf(writeSafetensors(graph, exampleWeights).chunks);
    let damaged = 0;
    for (let i = 0; i < 600; i++) {
      const copy = Uint8Array.from(bytes);
      // A walk over the header's bytes, each with another new value.
      copy[(i * 7) % 4000] = (i * 89 + 13) % 256;
      damaged += readSafetensors(fileOf(copy), graph).ok ? 0 : 1;
      readSafetensors(fileOf(bytes.subarray(0, i * 50)), graph);
    }
    expect(damaged).toBeGreaterThan(300);
  });
});
