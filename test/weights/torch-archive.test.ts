import { describe, expect, test } from 'vitest';
import type { WeightsProblem } from '../../src/diagnostics/codes/weights/weights.js';
import { listPyTorch } from '../../src/weights/formats/pytorch-archive.js';
import { fileOf } from './files-in-memory.js';
import { archive, Call, type Pickled, pickle, Tensor, type ZipFile, zip } from './torch-archive.js';

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** Names and values of the tensors of an archive. */
function valuesOf(bytes: Uint8Array): Record<string, number[]> {
  const { tensors, problems } = listPyTorch(fileOf(bytes));
  expect(problems).toEqual([]);
  return Object.fromEntries(
    tensors.map(({ name, chunks }) => [name, [...chunks()].flatMap((chunk) => [...chunk])]),
  );
}

function problemsOf(bytes: Uint8Array): readonly WeightsProblem[] {
  return listPyTorch(fileOf(bytes)).problems;
}

const notAStateDict = (problem: object) => ({
  code: 'not-a-state-dict',
  format: 'pytorch',
  tensor: undefined,
  problem,
});
const damaged = (expected: string, found: string) => ({
  code: 'weights-damaged',
  format: 'pytorch',
  tensor: undefined,
  expected,
  found,
});

const numbers = { 0: floats(1, 2, 3, 4, 5, 6) };
const tensor = new Tensor('0', [2, 3], [3, 1], { count: 6 });

describe('where a state dict is found', () => {
  test.each<[string, Pickled]>([
    ['at the top', { a: tensor, b: tensor }],
    ['among entries that are no tensors', { a: tensor, classes: [0, 1], b: tensor, name: 'x' }],
    ['under state_dict', { epoch: 3, state_dict: { a: tensor, b: tensor } }],
    ['under model_state_dict', { optimizer: { state: {} }, model_state_dict: { a: tensor, b: tensor } }],
    ['under net', { model: { depth: 4 }, net: { a: tensor, b: tensor } }],
    ['of a network in DataParallel', { 'module.a': tensor, 'module.b': tensor }],
    ['of a compiled network in DataParallel', { 'module._orig_mod.a': tensor, 'module._orig_mod.b': tensor }],
    [
      'in an OrderedDict of parameters',
      new Call('collections.OrderedDict', [
        [
          ['a', new Call('torch._utils._rebuild_parameter', [tensor, 1, {}])],
          ['b', tensor],
        ],
      ]),
    ],
  ])('%s', (_name, value) => {
    expect(valuesOf(zip(archive(value, numbers)))).toEqual({ a: [1, 2, 3, 4, 5, 6], b: [1, 2, 3, 4, 5, 6] });
  });

  test('a prefix that only some names have is a part of the names', () => {
    expect(Object.keys(valuesOf(zip(archive({ 'module.a': tensor, b: tensor }, numbers))))).toEqual([
      'module.a',
      'b',
    ]);
  });

  test.each<[string, Pickled, object]>([
    ['a list', [tensor], { case: 'list' }],
    ['one tensor', tensor, { case: 'single-tensor' }],
    ['a number', 3, { case: 'value' }],
    ['nothing', {}, { case: 'empty-dict' }],
    [
      'a checkpoint of another form',
      { epoch: 3, generator: { a: tensor } },
      {
        case: 'no-tensors',
        searched: [
          ...['state_dict', 'model_state_dict', 'model', 'net', 'network_weights'],
          ...['params', 'params_ema', 'weights', 'ema'],
        ],
        keys: ['epoch', 'generator'],
      },
    ],
  ])('%s is no state dict', (_name, value, problem) => {
    expect(problemsOf(zip(archive(value, numbers)))).toEqual([notAStateDict(problem)]);
  });
});

describe('strides', () => {
  test.each([
    ['a transposed view', new Tensor('0', [3, 2], [1, 3], { count: 6 }), [1, 4, 2, 5, 3, 6]],
    ['a view that begins later', new Tensor('0', [2, 2], [3, 1], { count: 6, offset: 1 }), [2, 3, 5, 6]],
    ['an expanded view', new Tensor('0', [2, 2], [0, 1], { count: 6, offset: 4 }), [5, 6, 5, 6]],
    [
      'axes of size 1 with any stride',
      new Tensor('0', [1, 6, 1], [77, 1, 55], { count: 6 }),
      [1, 2, 3, 4, 5, 6],
    ],
    ['a scalar', new Tensor('0', [], [], { count: 6, offset: 2 }), [3]],
    ['nothing', new Tensor('0', [0, 3], [3, 1], { count: 6 }), []],
  ])('%s', (_name, view, expected) => {
    expect(valuesOf(zip(archive({ a: view }, numbers)))).toEqual({ a: expected });
  });

  test.each([
    ['a view beyond its storage', new Tensor('0', [2, 3], [3, 1], { count: 6, offset: 1 })],
    ['more strides than axes', new Tensor('0', [6], [1, 1], { count: 6 })],
    ['a stride that runs backwards', new Tensor('0', [6], [-1], { count: 6, offset: 5 })],
  ])('%s is damage', (_name, view) => {
    expect(problemsOf(zip(archive({ a: view }, numbers)))).toEqual([
      damaged('the pickle of a state dict', expect.stringContaining('torch._utils._rebuild_tensor_v2')),
    ]);
  });
});

describe('nothing but data is read', () => {
  test.each([
    ['posix.system', ['true']],
    ['builtins.eval', ['1']],
    ['torch._utils._rebuild_device_tensor_from_numpy', []],
    ['collections.defaultdict', []],
  ])('%s is refused by name', (global, args) => {
    expect(problemsOf(zip(archive({ a: tensor, b: new Call(global, args) }, numbers)))).toEqual([
      notAStateDict({ case: 'unknown-global', global }),
    ]);
  });

  test.each<[string, number[], string]>([
    ['an unknown opcode', [0x80, 2, 0x69, 0x2e], 'the unknown opcode 0x69 at byte 2'],
    ['the end without an end', [0x80, 2, 0x7d], 'the end of the pickle at byte 3'],
    ['a text beyond the end', [0x80, 2, 0x58, 255, 255, 255, 127, 0x2e], 'the end of the pickle at byte 8'],
    [
      'items without a dict',
      [0x80, 2, 0x4e, 0x28, 0x4e, 0x4e, 0x75, 0x2e],
      expect.stringMatching(/items.*dict/),
    ],
    ['a call of a number', [0x80, 2, 0x4b, 1, 0x29, 0x52, 0x2e], expect.stringMatching(/call.*function/)],
    ['something forgotten', [0x80, 2, 0x68, 9, 0x2e], expect.stringMatching(/9$/)],
    ['a storage of nothing', [0x80, 2, 0x4e, 0x51, 0x2e], expect.stringMatching(/persistent id/)],
    ['an empty stack', [0x80, 2, 0x2e], 'an empty stack'],
  ])('%s', (_name, bytes, found) => {
    const files = [{ name: 'x/data.pkl', bytes: Uint8Array.from(bytes) }];
    expect(problemsOf(zip(files))).toEqual([damaged('the pickle of a state dict', found)]);
  });
});

describe('the archive', () => {
  const files = archive({ a: tensor }, numbers);

  test('with sizes and places of 64 bits, and with a comment behind it', () => {
    expect(valuesOf(zip(files, { wide: true }))).toEqual({ a: [1, 2, 3, 4, 5, 6] });
    expect(valuesOf(zip(files, { comment: 'a comment PK' }))).toEqual({ a: [1, 2, 3, 4, 5, 6] });
  });

  const torn = (found: string) => ({
    ...damaged('a file data/0 of 24 bytes', found),
    code: 'tensor-damaged',
    tensor: 'a',
  });

  test.each<[string, readonly ZipFile[], object]>([
    ['no storage', archive({ a: tensor }), torn('none')],
    ['a storage that is too short', archive({ a: tensor }, { 0: floats(1, 2, 3) }), torn('12 bytes')],
    [
      'a compressed storage',
      archive({ a: tensor }, numbers).map((file) => ({ ...file, method: file.name.endsWith('0') ? 8 : 0 })),
      torn('a compressed one'),
    ],
    [
      'a compressed pickle',
      files.map((file) => ({ ...file, method: 8 })),
      damaged('an archive that is not compressed', 'a compressed one'),
    ],
    [
      'another archive',
      [{ name: 'weights.npy', bytes: floats(1) }],
      damaged('an archive of torch.save with one data.pkl', 'none'),
    ],
    [
      'two pickles',
      [...files, { name: 'b/data.pkl', bytes: pickle({}) }],
      damaged('an archive of torch.save with one data.pkl', '2'),
    ],
    [
      'numbers with the high byte first',
      archive({ a: tensor }, numbers, [{ name: 'archive/byteorder', bytes: Buffer.from('big') }]),
      notAStateDict({ case: 'big-endian' }),
    ],
  ])('%s', (_name, made, problem) => {
    expect(problemsOf(zip(made))).toEqual([problem]);
  });

  test('cut off anywhere', () => {
    const bytes = zip(files);
    for (let size = 0; size < bytes.length; size += 1) {
      expect(problemsOf(bytes.subarray(0, size)), `${size} bytes`).toEqual([
        damaged(expect.stringContaining('list of files'), expect.stringContaining('cut off')),
      ]);
    }
  });

  test('a pickle that is none of torch', () => {
    expect(problemsOf(pickle({ a: 1 }))).toEqual([notAStateDict({ case: 'other-pickle' })]);
  });
});
