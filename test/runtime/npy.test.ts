import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NpyProblem } from '../../src/diagnostics/codes/images.js';
import { Failure, failure } from '../../src/diagnostics/failure.js';
import { asImage, npyChunks, readNpy } from '../../src/runtime/images/npy.js';
import type { Tensor } from '../../src/runtime/tensor.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-npy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The bytes of a .npy file from the format's description, the header padded to `align` bytes. */
function npy(header: string, payload: Uint8Array, version = 1, align = 64): Buffer {
  const start = version === 1 ? 10 : 12;
  const length = Math.ceil((start + header.length + 1) / align) * align - start;
  const head = Buffer.alloc(start + length, ' ');
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) head.writeUInt16LE(length, 8);
  else head.writeUInt32LE(length, 8);
  head.write(header, start, 'latin1');
  head[head.length - 1] = 0x0a;
  return Buffer.concat([head, payload]);
}

const dict = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`;

function load(bytes: Uint8Array): Tensor | Failure {
  const path = join(folder, 'x.npy');
  writeFileSync(path, bytes);
  return readNpy(path);
}

function tensor(result: Tensor | Failure): { shape: number[]; data: number[] } {
  if (result instanceof Failure) throw new Error(result.message);
  return { shape: [...result.shape], data: Array.from(result.data) };
}

/** Writes numbers with a DataView setter, in the byte order wanted. */
function bytesOf(
  setter: string,
  size: number,
  values: readonly (number | bigint)[],
  little: boolean,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(size * values.length));
  // The setters all have this form; their names come from the table of the test.
  const set = Reflect.get(view, setter) as (offset: number, value: number | bigint, little: boolean) => void;
  for (const [i, value] of values.entries()) set.call(view, i * size, value, little);
  return new Uint8Array(view.buffer);
}

describe('readNpy', () => {
  for (const [type, setter, size, values] of [
    ['u1', 'setUint8', 1, [0, 1, 200, 255]],
    ['i1', 'setInt8', 1, [0, -1, 127, -128]],
    ['b1', 'setUint8', 1, [0, 1, 1, 0]],
    ['u2', 'setUint16', 2, [0, 1, 258, 65535]],
    ['i2', 'setInt16', 2, [0, -2, 258, -32768]],
    ['u4', 'setUint32', 4, [0, 1, 16909060, 2147483648]],
    ['i4', 'setInt32', 4, [0, -1, 1024, -2147483648]],
    ['u8', 'setBigUint64', 8, [0n, 1n, 258n, 1n << 40n]],
    ['i8', 'setBigInt64', 8, [0n, -1n, 258n, -(1n << 40n)]],
    ['f4', 'setFloat32', 4, [0, -1.5, 3.25, 1e30]],
    ['f8', 'setFloat64', 8, [0, -1.5, 3.25, 1024.5]],
  ] as const) {
    for (const order of ['<', '>', '=', '|']) {
      test(`${order}${type}`, () => {
        const bytes = bytesOf(setter, size, values, order !== '>');
        const expected = { shape: [2, 2], data: values.map((value) => Math.fround(Number(value))) };
        expect(tensor(load(npy(dict(order + type, '2, 2'), bytes)))).toEqual(expected);
      });
    }
  }

  test('float16: one, minus two, the smallest, the largest, a third, infinity', () => {
    const bits = [0x3c00, 0xc000, 0x0001, 0x7bff, 0x3555, 0x7c00];
    const data = [1, -2, 2 ** -24, 65504, 0.333251953125, Number.POSITIVE_INFINITY];
    expect(tensor(load(npy(dict('<f2', '6,'), bytesOf('setUint16', 2, bits, true)))).data).toEqual(data);
    expect(tensor(load(npy(dict('>f2', '6,'), bytesOf('setUint16', 2, bits, false)))).data).toEqual(data);
  });

  test('versions 1, 2 and 3, headers that end anywhere', () => {
    const bytes = bytesOf('setFloat64', 8, [1, 2, 3], true);
    for (const version of [1, 2, 3]) {
      for (const align of [1, 3, 16, 64]) {
        expect(tensor(load(npy(dict('<f8', '3,'), bytes, version, align)))).toEqual({
          shape: [3],
          data: [1, 2, 3],
        });
      }
    }
  });

  test('keys in any order, a single number, no elements', () => {
    const header = "{'shape': (2,), 'descr':'<i2','fortran_order':False}";
    expect(tensor(load(npy(header, Uint8Array.of(5, 0, 6, 0))))).toEqual({ shape: [2], data: [5, 6] });
    expect(tensor(load(npy(dict('|u1', ''), Uint8Array.of(9))))).toEqual({ shape: [], data: [9] });
    expect(tensor(load(npy(dict('|u1', '0, 3'), new Uint8Array(0))))).toEqual({ shape: [0, 3], data: [] });
  });

  test('Fortran order: the first axis is the fastest in the file', () => {
    // Element (i, j, k) of 2 x 3 x 4 is 100 i + 10 j + k.
    const values: number[] = [];
    for (let k = 0; k < 4; k++)
      for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) values.push(100 * i + 10 * j + k);
    const result = tensor(load(npy(dict('|u1', '2, 3, 4', 'True'), Uint8Array.from(values))));
    expect(result.shape).toEqual([2, 3, 4]);
    expect(result.data).toEqual([
      0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 100, 101, 102, 103, 110, 111, 112, 113, 120, 121, 122, 123,
    ]);
  });

  const elements = (shape: readonly number[], bytes: number): NpyProblem => {
    const expected = 4 * shape.reduce((a, b) => a * b, 1);
    return { case: 'elements', shape, bytes, expected };
  };

  test.each<[string, Uint8Array, NpyProblem]>([
    ['other bytes', Buffer.from('\x89PNG\r\n\x1a\n and so on'), { case: 'not-npy' }],
    ['a few bytes', Buffer.from([0x93, 0x4e]), { case: 'not-npy' }],
    ['a new version', npy(dict('<f4', ''), new Uint8Array(4), 9), { case: 'unknown-version', version: 9 }],
    [
      'a header cut off',
      npy(dict('<f4', '1,'), new Uint8Array(0)).subarray(0, 40),
      { case: 'header-cut-off' },
    ],
    ['elements cut off', npy(dict('<f4', '2, 3'), new Uint8Array(23)), elements([2, 3], 23)],
    [
      'a size beyond memory',
      npy(dict('<f4', '9000000000000, 9000000'), new Uint8Array(4)),
      elements([9e12, 9e6], 4),
    ],
    [
      'no shape',
      npy("{'descr': '<f4', 'fortran_order': False}", new Uint8Array(4)),
      { case: 'header-damaged' },
    ],
    ['a strange shape', npy(dict('<f4', 'two'), new Uint8Array(4)), { case: 'header-damaged' }],
  ])('fails for %s', (_name, bytes, problem) => {
    expect(load(bytes)).toEqual(failure('npy-damaged', { path: join(folder, 'x.npy'), problem }));
  });

  test.each([
    ['complex numbers', npy(dict('<c8', '1,'), new Uint8Array(8)), 'c8'],
    ['objects', npy(dict('|O', '1,'), new Uint8Array(8)), 'O'],
    [
      'records',
      npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)),
      undefined,
    ],
  ])('fails for %s', (_name, bytes, type) => {
    expect(load(bytes)).toEqual(failure('npy-not-numbers', { path: join(folder, 'x.npy'), type }));
  });

  test('fails for no bytes', () => {
    expect(load(new Uint8Array())).toEqual(failure('file-empty', { path: join(folder, 'x.npy') }));
  });

  test('fails for a file that does not exist, and for a folder', () => {
    const path = join(folder, 'missing.npy');
    expect(readNpy(path)).toEqual(failure('file-unreadable', { path, cause: 'ENOENT' }));
    expect(readNpy(folder)).toEqual(failure('file-unreadable', { path: folder, cause: 'EISDIR' }));
  });
});

describe('npyChunks', () => {
  test('is version 1.0, little-endian, row-major, padded to 64 bytes', () => {
    const tensor: Tensor = { shape: [2, 1, 3], data: Float32Array.of(0, 1, -2, 0.5, 1e30, -0) };
    const bytes = Buffer.concat([...npyChunks(tensor)]);
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 3), }";
    expect(bytes.equals(npy(header, bytesOf('setFloat32', 4, [0, 1, -2, 0.5, 1e30, -0], true)))).toBe(true);
  });

  for (const shape of [[], [3], [1, 2], [2, 3, 4, 1]]) {
    test(`comes back: ${shape.join(' x ')}`, () => {
      const count = shape.reduce((a, b) => a * b, 1);
      const data = Float32Array.from({ length: count + 1 }, (_, i) => i / 7).subarray(1);
      expect(load(Buffer.concat([...npyChunks({ shape, data })]))).toEqual({
        shape,
        data: Float32Array.from(data),
      });
      expect(readFileSync(join(folder, 'x.npy')).length % 64).toBe((4 * count) % 64);
    });
  }
});

describe('asImage', () => {
  const image = (shape: number[], channels: number, rank: number) => {
    const result = asImage({ shape, data: new Float32Array(0) }, 'x.npy', channels, rank);
    return result instanceof Failure ? result : [...result.shape];
  };

  test('accepts C first, a batch of one, and no channels for one', () => {
    expect(image([3, 5, 6], 3, 2)).toEqual([3, 5, 6]);
    expect(image([1, 3, 5, 6], 3, 2)).toEqual([3, 5, 6]);
    expect(image([5, 6], 1, 2)).toEqual([1, 5, 6]);
    expect(image([1, 5, 6], 1, 2)).toEqual([1, 5, 6]);
    expect(image([1, 1, 5, 6], 1, 2)).toEqual([1, 5, 6]);
    expect(image([4, 5, 6], 1, 3)).toEqual([1, 4, 5, 6]);
    expect(image([7, 4, 5, 6], 7, 3)).toEqual([7, 4, 5, 6]);
  });

  test('refuses the rest with both shapes', () => {
    const refused = (shape: number[], channels: number, rank: number, channelsLast = false) => {
      const expected = failure('array-shape-mismatch', {
        name: 'x.npy',
        shape,
        channels,
        rank,
        channelsLast,
      });
      expect(image(shape, channels, rank)).toEqual(expected);
      return expected;
    };
    refused([5, 6], 3, 2);
    refused([2, 3, 5, 6], 3, 2);
    refused([2, 4, 5, 6], 1, 3);
    refused([6], 1, 2);
    expect(refused([5, 6, 3], 3, 2, true).help).toContain('last');
    expect(refused([3, 0, 6], 3, 2).message).toContain('empty');
  });
});
