import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { npyChunks } from '../../src/runtime/images/npy.js';
import { freshFolder, put } from '../data/folder.js';
import { type Sizes, stored } from '../images/stored.js';
import { zip } from '../weights/torch-archive.js';
import { type ForeignNode, writeForeignModel } from './foreign-model.js';
import { unet } from './unet.js';

// The rest of what runs: run-kinds.test.ts has one such number at random places.
const work = freshFolder();
const at = (...parts: readonly string[]) => join(work, ...parts);
afterAll(() => rmSync(work, { recursive: true }));

const wild = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const [deep, high, wide] = [2, 4, 6];
const volume: Sizes = [
  ['z', deep],
  ['y', high],
  ['x', wide],
];
const pages: Sizes = [['page', deep], ...volume.slice(1)];
const count = deep * high * wide;

/** Numbers of both signs, all of which float16 holds, but for one. */
function numbersWith(value: number): number[] {
  const values = Array.from({ length: count }, (_, i) => (i % 3) - 1.5);
  values[count - 5] = value;
  return values;
}

function npyOf(type: 'f2' | 'f4' | 'f8' | '>f4', values: readonly number[]): Buffer {
  const [size] = type.slice(-1);
  const data = Buffer.alloc(values.length * Number(size));
  for (const [i, value] of values.entries()) {
    if (type === 'f8') data.writeDoubleLE(value, 8 * i);
    else if (type === 'f4') data.writeFloatLE(value, 4 * i);
    else if (type === '>f4') data.writeFloatBE(value, 4 * i);
    else data.writeUInt16LE(halfOf(value), 2 * i);
  }
  const order = type.startsWith('>') ? type : `<${type}`;
  const header = `{'descr': '${order}', 'fortran_order': False, 'shape': (${deep}, ${high}, ${wide}), }`;
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(`${header.padEnd(117)}\n`),
    data,
  ]);
}

function halfOf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  if (!Number.isFinite(value)) return value > 0 ? 0x7c00 : 0xfc00;
  const halves = new Map([
    [-2, 0xc000],
    [-1.5, 0xbe00],
    [-0.5, 0xb800],
    [0.5, 0x3800],
  ]);
  return halves.get(value) ?? 0;
}

/** A volume in MGH: the numbers are big-endian. */
function mghOf(values: readonly number[]): Buffer {
  const header = Buffer.alloc(284);
  for (const [i, field] of [1, wide, high, deep, 1, 3].entries()) header.writeInt32BE(field, 4 * i);
  const data = Buffer.alloc(4 * count);
  for (const [i, value] of values.entries()) data.writeFloatBE(value, 4 * i);
  return Buffer.concat([header, data]);
}

function putHdf5(path: string, values: readonly number[], isDouble: boolean): void {
  put(path, '');
  const file = new File(path, 'w');
  const data = isDouble ? Float64Array.from(values) : Float32Array.from(values);
  file.create_dataset({ name: 'raw', data, shape: [deep, high, wide], chunks: [1, 2, 3], compression: 4 });
  file.close();
}

function putZarr(path: string, values: readonly number[]): void {
  const [metadata, datasets] = [{ version: '0.4' }, [{ path: '0' }]];
  const axes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space' }));
  put(join(path, '.zgroup'), JSON.stringify({ zarr_format: 2 }));
  put(join(path, '.zattrs'), JSON.stringify({ multiscales: [{ ...metadata, axes, datasets }] }));
  const array = { zarr_format: 2, shape: [deep, high, wide], chunks: [deep, high, wide], dtype: '<f4' };
  const rest = { compressor: null, fill_value: 0, order: 'C', filters: null };
  put(join(path, '0/.zarray'), JSON.stringify({ ...array, ...rest }));
  put(join(path, '0/0.0.0'), Buffer.from(Float32Array.from(values).buffer));
}

const written =
  (sizes: Sizes, format: ArrayHeader['format'], type: 'float32' | 'float64') =>
  (path: string, values: readonly number[]) => {
    expect(writeArray(path, stored(format, sizes, { type }, values))).toBeUndefined();
  };

/** `.hdr` and `.img`, from a `.nii`. */
function putPair(path: string, values: readonly number[]): void {
  written(volume, 'NIfTI-1', 'float32')(at('whole.nii'), values);
  const bytes = readFileSync(at('whole.nii'));
  const start = bytes.readFloatLE(108);
  const header = Buffer.from(bytes.subarray(0, 348));
  header.write('ni1\0', 344, 'latin1');
  header.writeFloatLE(0, 108);
  writeFileSync(path, header);
  writeFileSync(path.replace(/hdr$/, 'img'), bytes.subarray(start));
}

type Writer = (path: string, values: readonly number[]) => void;
const formats: readonly (readonly [string, Writer])[] = [
  ...(['float32', 'float64'] as const).flatMap((type): (readonly [string, Writer])[] => [
    [`${type}.nii`, written(volume, 'NIfTI-1', type)],
    [`${type}.nii.gz`, written(volume, 'NIfTI-2', type)],
    [`${type}.nrrd`, written(volume, 'NRRD', type)],
    [`${type}.mha`, written(volume, 'MetaImage', type)],
    [`${type}.tif`, written(pages, 'TIFF', type)],
  ]),
  ['pair.hdr', putPair],
  ['a.mgh', (path, values) => put(path, mghOf(values))],
  ['half.npy', (path, values) => put(path, npyOf('f2', values))],
  ['double.npy', (path, values) => put(path, npyOf('f8', values))],
  ['big.npy', (path, values) => put(path, npyOf('>f4', values))],
  ['a.npz', (path, values) => put(path, zip([{ name: 'arr_0.npy', bytes: npyOf('f4', values) }]))],
  ['float.h5', (path, values) => putHdf5(path, values, false)],
  ['double.h5', (path, values) => putHdf5(path, values, true)],
  ['a.zarr', putZarr],
];

/** As it is, and the same with a normalisation that its own graph does. */
const net = (name: string, normalize: string) =>
  `unet ${name} { input = 1 x 2 x 4 x 6; classes = 2; depth = 1; channels = 2; padding = same; kernel = 1x3x3; stride = 1x2x2
  normalize = ${normalize} }\n`;
const normalizations = ['none', 'minmax', 'zscore(nonzero: true)', 'percentile(0.5, 99.5)', 'range(-9, 9)'];

beforeAll(async () => {
  await ready;
  writeForeignModel(at('deep.onnx'), [{ op: 'Sigmoid' }], ['n', 1, 'd', 'h', 'w']);
  writeForeignModel(at('flat.onnx'), [{ op: 'Tanh' }], ['n', 1, 'h', 'w']);
  writeFileSync(at('nets.unet'), normalizations.map((one, i) => net(`N${i}`, one)).join(''));
  for (const target of ['onnx', 'tfjs']) {
    const args = ['build', 'nets.unet#N0', '--target', target, '-o', target === 'onnx' ? 'n0.onnx' : 'tfjs'];
    expect(unet(args, work).code).toBe(0);
  }
});

function run(model: string, input: string | readonly string[], output: string, ...more: readonly string[]) {
  rmSync(at(output), { force: true });
  const inputs = [input].flat().flatMap((one) => ['-i', one]);
  const { code, stderr } = unet(['run', model, ...inputs, '-o', output, '--threads', '1', ...more], work);
  return { code, stderr, isWritten: existsSync(at(output)) };
}

const refusedAs = (code: string) => ({
  ...{ code: 1, isWritten: false },
  stderr: expect.stringContaining(`error[${code}]`),
});

describe.each(formats)('%s', (name, write) => {
  test.each(wild)('with %s gives no mask', (value) => {
    write(at(name), numbersWith(value));
    for (const output of ['o.nii.gz', 'o.npy', 'o.tif']) {
      expect(run('deep.onnx', name, output)).toEqual(refusedAs('values-not-finite'));
    }
    expect(run('deep.onnx', name, 'o.npy', '--nan', '-2').code).toBe(0);
    const replaced = readFileSync(at('o.npy'));
    write(at(name), numbersWith(-2));
    expect(run('deep.onnx', name, 'o.npy').code).toBe(0);
    expect(readFileSync(at('o.npy'))).toEqual(replaced);
  });
});

describe.each(wild)('%s', (value) => {
  beforeAll(() => {
    written(volume, 'NIfTI-1', 'float32')(at('v.nii'), numbersWith(value));
    written(volume, 'NIfTI-1', 'float32')(at('fine.nii'), numbersWith(1));
  });

  test.each(['x', 'y', 'z'])('in a slice along %s', (axis) => {
    expect(run('flat.onnx', 'v.nii', 'o.nii', '--axis', axis)).toEqual(refusedAs('values-not-finite'));
  });

  test.each(['sigmoid', 'softmax', 'logits'])('with --head %s', (head) => {
    const model = head === 'sigmoid' ? 'deep.onnx' : 'flat.onnx';
    expect(run(model, 'v.nii', 'o.nii', '--head', head)).toEqual(refusedAs('values-not-finite'));
  });

  test('in the second of two files', () => {
    writeForeignModel(at('two.onnx'), [{ op: 'Sigmoid' }], ['n', 2, 'd', 'h', 'w']);
    expect(run('two.onnx', ['fine.nii', 'v.nii'], 'o.nii')).toEqual(refusedAs('values-not-finite'));
  });

  test.each(normalizations.map((one, i) => [one, `nets.unet#N${i}`]))('before normalize = %s', (_, model) => {
    expect(run(model, 'v.nii', 'o.nii')).toEqual(refusedAs('values-not-finite'));
    expect(run(model, 'v.nii', 'o.nii', '--fit', 'resize')).toEqual(refusedAs('values-not-finite'));
  });

  test.each(['n0.onnx', 'tfjs'])('in front of %s', (model) => {
    expect(run(model, 'v.nii', 'o.nii')).toEqual(refusedAs('values-not-finite'));
  });

  // Each of these gives finite numbers of infinite ones.
  test.each<[string, readonly ForeignNode[]]>([
    ['Sigmoid', [{ op: 'Sigmoid' }]],
    ['Tanh', [{ op: 'Tanh' }]],
    ['Clip', [{ op: 'Clip', constants: ['zero', 'unit'] }]],
    ['Relu and Tanh', [{ op: 'Relu' }, { op: 'Tanh' }]],
  ])('as a weight before %s', (_, after) => {
    const nodes = [{ op: 'Conv', constants: [`weight ${value}`] }, ...after];
    writeForeignModel(at('w.onnx'), nodes, ['n', 1, 'h', 'w']);
    writeFileSync(
      at('p.npy'),
      Buffer.concat([...npyChunks({ shape: [2, 2], data: Float32Array.of(1, -2, 3, 4) })]),
    );
    expect(run('w.onnx', 'p.npy', 'o.png', '--head', 'logits')).toEqual(refusedAs('weights-not-finite'));
  });

  test('as a weight of a TensorFlow.js model', () => {
    const path = at('tfjs/weights-1-of-1.bin');
    const bytes = readFileSync(path);
    const damaged = Buffer.from(bytes);
    damaged.writeFloatLE(value, 4);
    writeFileSync(path, damaged);
    expect(run('tfjs', 'fine.nii', 'o.nii')).toEqual(refusedAs('weights-not-finite'));
    writeFileSync(path, bytes);
    expect(run('tfjs', 'fine.nii', 'o.nii').code).toBe(0);
  });
});

test('an infinite bound of a Clip is no weight', () => {
  const nodes = [{ op: 'Clip', constants: ['number -Infinity', 'number Infinity'] }, { op: 'Sigmoid' }];
  writeForeignModel(at('bounds.onnx'), nodes, ['n', 1, 'd', 'h', 'w']);
  written(volume, 'NIfTI-1', 'float32')(at('fine.nii'), numbersWith(1));
  expect(run('bounds.onnx', 'fine.nii', 'o.nii')).toMatchObject({ code: 0, isWritten: true });
});
