import { setFloat16 } from '@petamoriken/float16';
import { describe, expect, test } from 'vitest';
import { problemText } from '../../src/diagnostics/codes/weights/weights.js';
import { parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import { readWeights } from '../../src/weights/bind/read-weights.js';
import { listPyTorch } from '../../src/weights/formats/pytorch-archive.js';
import { readTensor } from '../../src/weights/weight-source.js';
import { fileOf, folderOf } from './files-in-memory.js';
import { archive, Call, Global, Persistent, type Pickled, Tensor, zip } from './torch-archive.js';
import { compiled } from './torch-networks.js';

const { graph } = compiled(`unet Net {
  input = 1 x 4 x 4; classes = 2; depth = 1; channels = 1; padding = same; norm = batch
}`);
const parameters = parametersOf(graph);

/** The bytes of numbers, by independent means, and the storage of PyTorch. */
const dtypes: Readonly<
  Record<string, { readonly storage: string; bytes(values: readonly number[]): Uint8Array }>
> = {
  float32: {
    storage: 'torch.FloatStorage',
    bytes: (values) => new Uint8Array(Float32Array.from(values).buffer),
  },
  float64: {
    storage: 'torch.DoubleStorage',
    bytes: (values) => new Uint8Array(Float64Array.from(values).buffer),
  },
  float16: {
    storage: 'torch.HalfStorage',
    bytes(values) {
      const view = new DataView(new ArrayBuffer(2 * values.length));
      for (const [i, value] of values.entries()) setFloat16(view, 2 * i, value, true);
      return new Uint8Array(view.buffer);
    },
  },
  bfloat16: {
    storage: 'torch.BFloat16Storage',
    bytes: (values) =>
      new Uint8Array(
        Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (word) => word >>> 16).buffer,
      ),
  },
};

/** Values that every type holds exactly: multiples of 1/4 that are different in each tensor. */
const valuesOf = (index: number, count: number) =>
  Array.from({ length: count }, (_, i) => (((i + 7 * index) % 50) - 20) / 4);

const strides = (shape: readonly number[]) => shape.map((_, axis) => elementCount(shape.slice(axis + 1)));

type StateDict = Record<string, Pickled>;

/** A state dict of the network, and its storages. */
function stateDict(prefix = '', dtype = 'float32', first = 0) {
  const { storage, bytes } = dtypes[dtype] ?? { storage: '', bytes: () => new Uint8Array() };
  const state: StateDict = {};
  const storages: Record<string, Uint8Array> = {};
  for (const [i, { name, shape }] of parameters.entries()) {
    const count = elementCount(shape);
    const key = String(first + i);
    state[prefix + name] = new Tensor(key, shape, strides(shape), { count, type: storage });
    storages[key] = bytes(valuesOf(i + first, count));
  }
  return { state, storages };
}

const extraStorages = {
  900: new Uint8Array(BigInt64Array.of(7n).buffer),
  901: new Uint8Array(Float32Array.of(1, 2, 3).buffer),
};
const integer = new Tensor('900', [], [], { count: 1, type: 'torch.LongStorage' });
const loose = new Tensor('901', [3], [1], { count: 3 });

const read = (value: Pickled, storages: Readonly<Record<string, Uint8Array>>) =>
  readWeights(
    {
      format: 'pytorch',
      file: fileOf(zip(archive(value, { ...storages, ...extraStorages }))),
      openBeside: folderOf({}),
    },
    graph,
  );

/** The values of all parameters, which must fit. */
function found(...args: Parameters<typeof read>): readonly number[][] {
  const reading = read(...args);
  if (!reading.ok) throw new Error(reading.problems.map(problemText).join('\n'));
  return parameters.map((parameter) => [...readTensor(reading.weights, parameter)]);
}

const expected = (first = 0) => parameters.map(({ shape }, i) => valuesOf(i + first, elementCount(shape)));

/** Objects of programs that train, which no reader may need, and none may run. */
const foreign: Readonly<Record<string, Pickled>> = {
  namespace: new Call('argparse.Namespace', [], { build: { lr: 1 } }, true),
  path: new Call('pathlib.PosixPath', ['a', 'b']),
  device: new Call('torch.device', ['cuda', 0]),
  dtype: new Global('torch.float32'),
  defaultdict: new Call('collections.defaultdict', [new Global('builtins.list')], { set: [1] }),
  deque: new Call('collections.deque', [], { append: 3 }),
  list: new Call('mylib.TypedList', [], { append: 3, build: {} }, true),
  command: new Call('posix.system', ['touch /tmp/executed']),
  nested: [
    new Call('mylib.Config', [new Call('mylib.Inner', [])]),
    { deep: new Call('builtins.eval', ['1']) },
  ],
  callResult: new Call(new Call('operator.attrgetter', ['a']), [1], { build: {} }),
  complex: new Tensor('901', [1], [1], { count: 1, type: 'torch.ComplexFloatStorage' }),
  sparse: new Call('torch._utils._rebuild_sparse_tensor', [new Global('torch.sparse_coo'), [loose]]),
};

const dtype64 = new Call('numpy.dtype', ['f8', false, true], {
  build: [3, '<', null, null, null, -1, -1, 0],
});
const scalar = (module: string) =>
  new Call(`${module}.multiarray.scalar`, [dtype64, new Call('_codecs.encode', ['abcdefgh', 'latin1'])]);
const numpy = { best: scalar('numpy.core'), best_ema: scalar('numpy._core') };

const optimizer = {
  state: { 0: { step: loose, exp_avg: loose } },
  param_groups: [{ lr: 1, params: [0, 1], betas: [1, 1], foreach: null, fused: true }],
};

const keys = [
  ...['state_dict', 'model_state_dict', 'model', 'net', 'network_weights'],
  ...['params', 'params_ema', 'weights', 'ema'],
];

/** Forms of the state dict itself. */
const forms: Readonly<Record<string, (state: StateDict) => Pickled>> = {
  'the state dict itself': (state) => state,
  'an integer beside the tensors': (state) => ({ ...state, n_averaged: integer }),
  "numpy's scalars beside the tensors": (state) => ({ ...state, ...numpy, epoch: 3, name: 'x' }),
  'a counter below the prefix': (state) => ({
    ...state,
    [`${Object.keys(state)[0]}.num_batches_tracked`]: integer,
  }),
  'an OrderedDict': (state) =>
    new Call('collections.OrderedDict', [Object.entries(state)], { build: { _metadata: {} } }),
  parameters: (state) =>
    Object.fromEntries(
      Object.entries(state).map(([name, one]) => [
        name,
        new Call('torch._utils._rebuild_parameter', [one, true, new Call('collections.OrderedDict', [])]),
      ]),
    ),
  "tensors of MONAI's class": (state) =>
    Object.fromEntries(
      Object.entries(state).map(([name, one]) => {
        if (!(one instanceof Tensor)) return [name, one];
        const { key, shape, strides: steps, options } = one;
        const type = new Global(options.type ?? '');
        const storage = new Persistent(['storage', type, key, 'cpu', options.count ?? 0]);
        return [
          name,
          new Call('torch._tensor._rebuild_from_type_v2', [
            new Global('torch._utils._rebuild_tensor_v2'),
            new Global('monai.data.meta_tensor.MetaTensor'),
            [storage, 0, shape, steps, false, new Call('collections.OrderedDict', [])],
            { meta: {} },
          ]),
        ];
      }),
    ),
};

/** What a trainer puts around a state dict, by the key. */
const wrappers: Readonly<Record<string, (state: StateDict, key: string) => Pickled>> = {
  'a key alone': (state, key) => ({ [key]: state }),
  'a key, and what trainers keep': (state, key) => ({
    epoch: 3,
    ...numpy,
    [key]: state,
    optimizer,
    ...foreign,
  }),
  'a key, and one tensor at the top': (state, key) => ({ pos_weight: loose, [key]: state }),
  'a key in a key': (state, key) => ({ model: { [key === 'model' ? 'net' : key]: state } }),
};

const prefixes = ['', 'module.', '_orig_mod.', 'model.', 'module._orig_mod.', 'net.backbone.', 'a.b.c.d.'];

describe('every wrapper, key, prefix and type gives the plain values', () => {
  test.each(
    Object.keys(forms).flatMap((form) => Object.keys(dtypes).map((dtype) => [form, dtype] as const)),
  )('%s, of %s', (form, dtype) => {
    for (const prefix of prefixes) {
      const { state, storages } = stateDict(prefix, dtype);
      expect(found(forms[form]?.(state) ?? null, storages), prefix).toEqual(expected());
    }
  });

  test.each(
    Object.keys(wrappers).flatMap((wrapper) => Object.keys(dtypes).map((dtype) => [wrapper, dtype] as const)),
  )('%s, of %s', (wrapper, dtype) => {
    for (const prefix of prefixes) {
      const { state, storages } = stateDict(prefix, dtype);
      for (const key of keys) {
        const value = wrappers[wrapper]?.(state, key) ?? null;
        expect(found(value, storages), `${key}, '${prefix}'`).toEqual(expected());
      }
    }
  });
});

describe('which of several state dicts is taken', () => {
  const first = stateDict('', 'float32', 0);
  const second = stateDict('module.', 'float16', 100);
  const storages = { ...first.storages, ...second.storages };

  const ordered = keys.flatMap((key, i) => keys.slice(i + 1).map((other) => [key, other] as const));
  test.each(ordered)('%s before %s, and the note names both', (key, other) => {
    for (const value of [
      { [key]: first.state, [other]: second.state },
      { [other]: second.state, [key]: first.state },
    ]) {
      expect(found(value, storages)).toEqual(expected(0));
      expect(read(value, storages)).toMatchObject({
        notes: [{ case: 'state-dict-chosen', taken: key, others: [other] }],
      });
    }
  });

  test('a key before tensors at the top', () => {
    const value = { ...second.state, ema: first.state };
    expect(found(value, storages)).toEqual(expected(0));
    expect(read(value, storages)).toMatchObject({ notes: [{ taken: 'ema', others: [''] }] });
  });

  test('one that fits before one that does not', () => {
    const value = { model: { 'other.weight': loose }, params_ema: second.state };
    expect(found(value, storages)).toEqual(expected(100));
    expect(read(value, storages)).toMatchObject({ notes: [{ taken: 'params_ema', others: ['model'] }] });
  });

  test('a single one needs no note, whatever is beside it', () => {
    const value = { model: first.state, weights: { classes: integer }, net: { depth: 3 }, optimizer };
    expect(read(value, storages)).toMatchObject({ ok: true, notes: [] });
  });

  test('if none fits, the problems are those of the most similar', () => {
    const [lost = ''] = Object.keys(first.state);
    const { [lost]: _, ...rest } = first.state;
    expect(read({ model: { 'other.weight': loose }, net: rest }, storages)).toMatchObject({
      ok: false,
      problems: [{ code: 'missing-tensor', tensor: lost }],
    });
  });
});

describe('what is never taken for a weight', () => {
  const { state, storages } = stateDict();
  const [name = ''] = Object.keys(state);
  const { key, shape, strides: steps, options } = state[name] as Tensor; // `as`: every value of `state` is one.

  test('an object in place of a tensor is refused by its class', () => {
    const value = { ...state, [name]: new Call('torch._utils._rebuild_sparse_tensor', [loose]) };
    expect(read({ state_dict: value }, storages)).toMatchObject({
      problems: [
        {
          code: 'not-a-state-dict',
          problem: { case: 'unknown-global', global: 'torch._utils._rebuild_sparse_tensor' },
        },
      ],
    });
  });

  test.each([
    '_rebuild_sparse_tensor',
    '_rebuild_qtensor',
    '_rebuild_meta_tensor_no_storage',
    '_rebuild_nested_tensor',
  ])('a file whose tensors are all made by %s is refused by it', (rebuild) => {
    const global = `torch._utils.${rebuild}`;
    const all = Object.fromEntries(Object.keys(state).map((one) => [one, new Call(global, [loose])]));
    const wrappings: Readonly<Record<string, Pickled>>[] = [
      all,
      { epoch: 1, state_dict: all },
      { model: { state_dict: all } },
    ];
    for (const value of wrappings) {
      expect(read(value, storages)).toMatchObject({
        problems: [{ code: 'not-a-state-dict', problem: { case: 'unknown-global', global } }],
      });
    }
  });

  test('a tensor of the loss beside the network is all that is reported', () => {
    const prefixed = stateDict('model.');
    expect(
      read({ state_dict: { ...prefixed.state, 'loss.weight': loose } }, prefixed.storages),
    ).toMatchObject({
      ok: false,
      problems: [{ code: 'extra-tensor', tensor: 'loss.weight' }],
    });
  });

  test('two networks in one state dict are never mixed', () => {
    const [model, ema] = [stateDict('model.'), stateDict('ema.', 'float32', 100)];
    const reading = read({ ...model.state, ...ema.state }, { ...model.storages, ...ema.storages });
    expect(reading).toMatchObject({ ok: false });
    const problems = reading.ok ? [] : reading.problems;
    expect(problems.map(({ code, tensor: one }) => [code, one])).toEqual(
      Object.keys(ema.state).map((one) => ['extra-tensor', one]),
    );
  });

  test('an integer of the name that a prefix leaves is not taken', () => {
    const prefixed = stateDict('model.');
    const reading = read({ ...prefixed.state, [name]: integer }, prefixed.storages);
    expect(reading).toMatchObject({ ok: false });
  });

  test('a prefix that only some tensors have stays', () => {
    const value = { ...state, [name]: loose, [`module.${name}`]: state[name] ?? null };
    expect(read(value, storages)).toMatchObject({ ok: false });
  });

  test.each([
    ['torch.LongStorage', undefined, 'I64'],
    ['torch.CharStorage', undefined, 'I8'],
    ['torch.ComplexFloatStorage', undefined, 'C64'],
    ['torch.QInt8Storage', undefined, 'torch.QInt8Storage'],
    ['torch.storage.UntypedStorage', 'torch.float8_e4m3fn', 'torch.float8_e4m3fn'],
    ['torch.storage.UntypedStorage', 'torch.uint16', 'torch.uint16'],
  ])('a needed tensor of %s is refused by its type; another one is none of our business', (type, dtype, type2) => {
    const tensor = new Tensor(key, shape, steps, { ...options, type, ...(dtype ? { dtype } : {}) });
    expect(read({ ...state, [name]: tensor }, storages)).toMatchObject({
      problems: [{ code: 'unreadable-tensor-type', tensor: name, found: type2 }],
    });
    expect(found({ ...state, 'else.where': tensor }, storages)).toEqual(expected());
  });

  test('an integer tensor of the name of no parameter, in a safetensors file too', () => {
    let end = 0;
    const header: Record<string, object> = {};
    for (const parameter of parameters) {
      const start = end;
      end += 4 * elementCount(parameter.shape);
      header[parameter.name] = { dtype: 'F32', shape: parameter.shape, data_offsets: [start, end] };
    }
    const json = JSON.stringify({
      ...header,
      steps: { dtype: 'I64', shape: [], data_offsets: [end, end + 8] },
    });
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(json.length));
    const bytes = Buffer.concat([head, Buffer.from(json), Buffer.alloc(end + 8)]);
    const reading = readWeights(
      { format: 'safetensors', file: fileOf(bytes), openBeside: folderOf({}) },
      graph,
    );
    expect(reading).toMatchObject({ ok: true });
  });
});

describe('views', () => {
  const { state, storages } = stateDict();
  const negated = (metadata: Pickled) =>
    Object.fromEntries(
      Object.entries(state).map(([name, one]) => {
        if (!(one instanceof Tensor)) return [name, one];
        return [name, new Tensor(one.key, one.shape, one.strides, { ...one.options, metadata })];
      }),
    );
  const negative = expected().map((values) => values.map((value) => -value));

  test.each<[string, Pickled, readonly number[][]]>([
    ['negated', { neg: true }, negative],
    ['not negated', { neg: false }, expected()],
    ['negated and conjugated', { neg: true, conj: true }, negative],
    ['conjugated: the same for real numbers', { conj: true }, expected()],
    ['in an OrderedDict', new Call('collections.OrderedDict', [[['neg', true]]]), negative],
    ['without metadata', {}, expected()],
  ])('%s', (_name, metadata, values) => {
    expect(found(negated(metadata), storages)).toEqual(values);
  });

  test('of an unknown kind: refused, with the tensor', () => {
    const names = Object.keys(state);
    expect(read(negated({ rotated: true }), storages)).toMatchObject({
      ok: false,
      problems: names.map((tensor) => ({ code: 'tensor-damaged', tensor, found: "'rotated'" })),
    });
  });

  test('a negated view with other strides', () => {
    const data = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    const view = new Tensor('0', [3, 2], [1, 3], { count: 6, metadata: { neg: true } });
    const listing = listPyTorch(fileOf(zip(archive({ a: view }, { 0: data }))));
    expect(listing.tensors.flatMap(({ chunks }) => [...chunks()].flatMap((chunk) => [...chunk]))).toEqual([
      -1, -4, -2, -5, -3, -6,
    ]);
  });
});
