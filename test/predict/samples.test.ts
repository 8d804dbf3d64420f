import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildOnnx } from '../../codegen/onnx/build.js';
import { requestedMaps } from '../../src/cli/input/inference/map-options.js';
import { openPredictModel } from '../../src/cli/input/inference/open-predict-model.js';
import { type PredictChoice, readPredictChoice } from '../../src/cli/input/inference/predict-options.js';
import { compile } from '../../src/compiler/compile.js';
import { networkMetadata } from '../../src/compiler/metadata.js';
import { Rng } from '../../src/data/rng.js';
import { readArray } from '../../src/formats/read.js';
import type { ArrayHeader } from '../../src/formats/stored-array.js';
import { writeArray } from '../../src/formats/write.js';
import { writeLabels } from '../../src/predict/labels/write-labels.js';
import { type PredictModel, predictModel } from '../../src/predict/model/predict-model.js';
import { dropoutsOf, sampledSession } from '../../src/predict/model/sampled-session.js';
import { type PredictCaseOptions, predictCase } from '../../src/predict/predict-case.js';
import { tensorRows } from '../../src/predict/rows/row-source.js';
import { sharedRows } from '../../src/predict/rows/shared-rows.js';
import type { OtherInputs } from '../../src/runtime/engine.js';
import { onnxRuntimeEngine } from '../../src/runtime/onnxruntime/onnxruntime.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { freshFolder, ok, put, putPng } from '../data/folder.js';
import { evaluate } from '../reference/evaluate.js';

const work = freshFolder();
afterAll(() => rmSync(work, { recursive: true }));

function networkOf(text: string, set: Readonly<Record<string, string>> = {}) {
  const [network] = compile('net.unet', text, { set }).networks;
  if (!network) throw new Error('the spec has errors');
  return network;
}

function bytesOf(network: ReturnType<typeof networkOf>, dropoutInputs: boolean): Buffer {
  const built = buildOnnx(network.graph, {
    ...{
      weights: seededWeights(3),
      fileName: 'model.onnx',
      producerVersion: '0',
      dynamic: true,
      dropoutInputs,
    },
    metadata: networkMetadata(network),
  });
  const [file] = built.ok ? built.files : [];
  if (!file) throw new Error('the model was not built');
  return Buffer.concat(Array.from(file.chunks, (chunk) => Buffer.from(chunk)));
}

function randomImage(shape: readonly number[], seed: number) {
  const draws = new Rng(seed, 'image');
  const size = shape.reduce((product, one) => product * one, 1);
  return { shape, data: Float32Array.from({ length: size }, () => draws.uniform(0, 1)) };
}

const blocks = `
block Dropped(c) { input -> conv(3, c) -> relu -> dropout(0.4) }
block Plain(c) { input -> conv(3, c) -> relu }
`;
const tiny = `${blocks}
unet Net { input = 1 x 8 x 8  classes = 2  head = logits  depth = 2  channels = 4  padding = same  block = Plain  decoder_block[1] = Dropped }
`;

describe('a sample of a network', () => {
  test('is the network with the factors that it drew', async () => {
    const network = networkOf(
      'unet Net { input = 1 x 16 x 16  classes = 3  depth = 2  channels = 4  padding = same  dropout = 0.1 * level }',
    );
    const { graph } = network;
    const session = ok(await onnxRuntimeEngine().load(bytesOf(network, true), { threads: 1 }));
    let seen: OtherInputs = new Map();
    const spy = {
      ...session,
      run: (...args: Parameters<typeof session.run>) => {
        seen = args[1] ?? seen;
        return session.run(...args);
      },
    };
    const sample = sampledSession({ session: spy, graph }, 7, 'one');
    expect(sample.inputs.map(({ name }) => name)).toEqual(['input']);
    // Another size than that of the spec, and two windows at once.
    const input = randomImage([2, 1, 24, 20], 1);
    const output = [...ok(await sample.run(input)).values()][0];
    const dropouts = dropoutsOf(graph);
    expect(dropouts.length).toBeGreaterThan(4);
    const values = evaluate(graph, seededWeights(3), {
      ...input,
      mask: (path, length) => {
        const factors = seen.get(`${path}/factors`)?.data ?? new Float32Array();
        expect(factors).toHaveLength(length);
        return factors;
      },
    });
    const wanted = values.get(graph.outputs[0]?.value ?? 0)?.data ?? new Float64Array();
    const apart = wanted.map((value, i) => Math.abs(value - (output?.data[i] ?? Number.NaN)));
    expect(Math.max(...apart)).toBeLessThan(1e-5);
    // Each factor is 0 or 1 / (1 - rate), in these proportions.
    for (const { attributes, path } of dropouts) {
      const { rate } = attributes;
      const data = seen.get(`${path.text}/factors`)?.data ?? new Float32Array();
      const dropped = data.filter((factor) => factor === 0).length;
      expect(data.every((factor) => factor === 0 || Math.abs(factor - 1 / (1 - rate)) < 1e-6)).toBe(true);
      const deviation = Math.sqrt((rate * (1 - rate)) / data.length);
      expect(Math.abs(dropped / data.length - rate)).toBeLessThan(4.5 * deviation);
    }
    await session.close();
  });

  test('has the mean and the variance that follow by hand', async () => {
    const network = networkOf(tiny);
    const { graph } = network;
    const model = {
      session: ok(await onnxRuntimeEngine().load(bytesOf(network, true), { threads: 1 })),
      graph,
    };
    const input = randomImage([1, 1, 8, 8], 2);
    // The features before the only dropout, and the 1 x 1 convolution after it.
    const values = evaluate(graph, seededWeights(3), input);
    const features = values.get(graph.nodes.find(({ path }) => path.text === 'decoder[1].relu[1]')?.id ?? 0);
    const head = graph.nodes.find(({ path }) => path.text === 'head.conv[1]');
    const [weight = [], bias = []] = (head?.parameters ?? []).map((parameter) =>
      [...seededWeights(3).chunks(parameter)].flatMap((chunk) => [...chunk]),
    );
    const count = 2000;
    const sums = new Float64Array(128);
    const squares = new Float64Array(128);
    for (let i = 0; i < count; i++) {
      const output = [...ok(await sampledSession(model, 1, `${i}`).run(input)).values()][0];
      for (const [at, value] of (output?.data ?? []).entries()) {
        sums[at] = (sums[at] ?? 0) + value;
        squares[at] = (squares[at] ?? 0) + value * value;
      }
    }
    const means: number[] = [];
    const variances: number[] = [];
    for (let at = 0; at < 128; at++) {
      const [k, position] = [Math.floor(at / 64), at % 64];
      const terms = [0, 1, 2, 3].map(
        (c) => (weight[4 * k + c] ?? 0) * (features?.data[64 * c + position] ?? 0),
      );
      // A factor is 0 or 1 / 0.6: its mean is 1, and its variance 0.4 / 0.6.
      const mean = terms.reduce((sum, one) => sum + one, bias[k] ?? 0);
      const variance = terms.reduce((sum, one) => sum + one * one * (0.4 / 0.6), 0);
      const found = (sums[at] ?? 0) / count;
      if (variance < 1e-9) continue;
      means.push((found - mean) / Math.sqrt(variance / count));
      variances.push(((squares[at] ?? 0) / count - found * found) / variance);
    }
    expect(means.length).toBeGreaterThan(60);
    expect(Math.max(...means.map(Math.abs))).toBeLessThan(4.5);
    // The deviation of a variance of 2,000 samples is about 3 % of it.
    expect(Math.max(...variances.map((one) => Math.abs(one - 1)))).toBeLessThan(0.2);
    await model.session.close();
  }, 60_000);

  test('differs by seed, name and window, and by nothing else', async () => {
    const network = networkOf(tiny);
    const { graph } = network;
    const model = {
      session: ok(await onnxRuntimeEngine().load(bytesOf(network, true), { threads: 1 })),
      graph,
    };
    const [one, other] = [randomImage([1, 1, 8, 8], 2), randomImage([1, 1, 8, 8], 3)];
    let drawn: Float32Array = new Float32Array();
    const session = {
      ...model.session,
      run: (...args: Parameters<typeof model.session.run>) => {
        drawn = Float32Array.from([...(args[1]?.values() ?? [])].flatMap(({ data }) => [...data]));
        return model.session.run(...args);
      },
    };
    const factorsOf = async (seed: number, name: string, input: typeof one) => {
      ok(await sampledSession({ session, graph }, seed, name).run(input));
      return drawn;
    };
    const first = await factorsOf(0, 'a', one);
    expect(await factorsOf(0, 'a', one)).toEqual(first);
    expect(await factorsOf(1, 'a', one)).not.toEqual(first);
    expect(await factorsOf(0, 'b', one)).not.toEqual(first);
    const second = await factorsOf(0, 'a', other);
    expect(second).not.toEqual(first);
    // In one batch, each window has the factors that it has by itself.
    const both = { shape: [2, 1, 8, 8], data: Float32Array.from([...other.data, ...one.data]) };
    expect(await factorsOf(0, 'a', both)).toEqual(Float32Array.from([...second, ...first]));
    await model.session.close();
  });
});

const runSpec = `
param rate = 0
unet Net { input = 1 x 16 x 16  classes = 2  depth = 2  channels = 4  padding = same  dropout = rate }
`;

/** The folder of a run as training leaves it, as far as samples need it. */
function putRun(name: string, text: string, set: readonly string[], modelText = text): string {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  const given = Object.fromEntries(set.map((one) => one.split('=')));
  put(join(folder, 'spec.unet'), text);
  put(
    join(folder, 'run.json'),
    JSON.stringify({ format: 1, network: 'Net', spec: 'spec.unet', finished: true }),
  );
  put(join(folder, 'recipe.json'), JSON.stringify({ set }));
  writeFileSync(join(folder, 'model.onnx'), bytesOf(networkOf(modelText, given), false));
  return folder;
}

const base: PredictChoice = {
  ...{ input: ['x'], output: 'y', windows: 'nnunet', border: 'mirror', post: [], threads: '1' },
};
const standard: PredictCaseOptions = {
  ...{ windows: { tile: 16 }, border: 'mirror', mirror: false, resume: false, settings: '{}' },
  maps: [
    { name: 'entropy', content: { kind: 'entropy' } },
    { name: 'disagreement', content: { kind: 'disagreement' } },
  ],
};

async function sampled(folder: string, samples: string, seed = '0', index = 0): Promise<PredictModel> {
  const choice = { ...base, samples, seed };
  return ok(
    await openPredictModel(folder, choice, ok(readPredictChoice(choice)), onnxRuntimeEngine(), index),
  );
}

describe('a prediction of samples', () => {
  let folder = '';
  let image = '';
  beforeAll(async () => {
    folder = putRun('run', runSpec, ['rate=0.3']);
    const draws = new Rng(5, 'bytes');
    const pixels = Array.from({ length: 70 * 40 }, () => draws.index(256));
    image = await putPng(join(work, 'image.png'), pixels, 40);
  });

  async function filesOf(model: PredictModel, name: string, options: Partial<PredictCaseOptions> = {}) {
    const output = join(work, name);
    const found = ok(await predictCase([model], [image], output, { ...standard, ...options }));
    return ok(writeLabels(found, output)).map((file) => readFileSync(file));
  }

  test('has the same bytes with every batch, and after a stop; another seed has others', async () => {
    const model = await sampled(folder, '5');
    const wanted = await filesOf(model, 'samples.npy');
    expect(await filesOf(model, 'samples.npy', { batch: 4 })).toEqual(wanted);
    expect(await filesOf(model, 'samples.npy', { batch: 1 })).toEqual(wanted);
    for (const stop of [2, 60, 111]) {
      let done = 0;
      const stopped = predictCase([model], [image], join(work, 'samples.npy'), {
        ...standard,
        onProgress: () => {
          done += 1;
          if (done === stop) throw new Error('stop');
        },
      });
      await expect(stopped).rejects.toThrow('stop');
      expect(await filesOf(model, 'samples.npy', { resume: true })).toEqual(wanted);
    }
    await model.session.close();
    const [again, other] = [await sampled(folder, '5'), await sampled(folder, '5', '1')];
    expect(await filesOf(again, 'samples.npy')).toEqual(wanted);
    const others = await filesOf(other, 'samples.npy');
    expect(others[1]).not.toEqual(wanted[1]);
    await again.session.close();
    await other.session.close();
  });

  test('is the mean of its samples, also of mirror images', async () => {
    const model = await sampled(folder, '3');
    expect(model.samples).toHaveLength(3);
    const small = await putPng(
      join(work, 'small.png'),
      Array.from({ length: 256 }, (_, i) => (i * 7) % 256),
      16,
    );
    const output = join(work, 'small.npy');
    const found = ok(await predictCase([model], [small], output, { ...standard, mirror: true }));
    const files = ok(writeLabels(found, output));
    const flips = [[], [1], [0], [0, 1]];
    const at = (i: number, flip: readonly number[]) => {
      const [y, x] = [Math.floor(i / 16), i % 16];
      return (flip.includes(0) ? 15 - y : y) * 16 + (flip.includes(1) ? 15 - x : x);
    };
    const members: (readonly number[])[] = [];
    for (const { run } of model.samples ?? []) {
      const logits = new Float64Array(256);
      for (const flip of flips) {
        const data = Float32Array.from({ length: 256 }, (_, i) => ((at(i, flip) * 7) % 256) / 255);
        const result = ok(await run({ shape: [1, 1, 16, 16], data })).data;
        for (let i = 0; i < 256; i++) {
          const [p, q] = [result[at(i, flip)] ?? 0, result[256 + at(i, flip)] ?? 0];
          logits[i] = (logits[i] ?? 0) + Math.log(q / p) / 4;
        }
      }
      members.push([...logits].map((one) => 1 / (1 + Math.exp(-one))));
    }
    const entropyOf = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const means = members[0]?.map((_, i) => members.reduce((sum, own) => sum + (own[i] ?? 0), 0) / 3) ?? [];
    const within = means.map((_, i) => members.reduce((sum, own) => sum + entropyOf(own[i] ?? 0), 0) / 3);
    const read = async (file: string) => Array.from(ok(await readArray(file)).data, Number);
    expect(await read(files[0] ?? '')).toEqual(means.map((p) => (p > 0.5 ? 1 : 0)));
    const [entropy, disagreement] = [await read(files[1] ?? ''), await read(files[2] ?? '')];
    expect(Math.max(...entropy.map((one, i) => Math.abs(one - entropyOf(means[i] ?? 0))))).toBeLessThan(2e-6);
    const between = means.map((p, i) => entropyOf(p) - (within[i] ?? 0));
    expect(Math.max(...disagreement.map((one, i) => Math.abs(one - (between[i] ?? 0))))).toBeLessThan(2e-6);
    expect(Math.max(...between)).toBeGreaterThan(1e-3);
    await model.session.close();
  });

  test('of a volume at another spacing reads each row once, and is the mean of its samples', async () => {
    const text =
      'unet Net { input = 1 x 8 x 8 x 8  spacing = 1.5mm x 1.5mm x 1.5mm  classes = 2  depth = 2  channels = 2  padding = same  dropout = 0.3 }';
    const model = await sampled(putRun('volumes', text, []), '3');
    const path = join(work, 'volume.nii');
    const header: ArrayHeader = {
      ...{ path, format: 'NIfTI-1', type: 'float32', bits: 32, scale: undefined, colour: 'none', notes: [] },
      axes: [
        { name: 'z', size: 14 },
        { name: 'y', size: 11 },
        { name: 'x', size: 13 },
      ],
      geometry: {
        ...{ spacing: [2, 1, 1], unit: 'mm', orientation: 'RAS' },
        affine: [
          [1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 2, 0],
          [0, 0, 0, 1],
        ],
      },
    };
    const { data } = randomImage([14, 11, 13], 6);
    expect(writeArray(path, { header, data })).toBeUndefined();
    const bytesFor = async (models: readonly PredictModel[]) => {
      const output = join(work, 'volume-labels.nii');
      const options = { ...standard, windows: { tile: 8 } };
      const found = ok(await predictCase(models, [path], output, options));
      return ok(writeLabels(found, output)).map((file) => readFileSync(file));
    };
    const wanted = await bytesFor([model]);
    // Each sample as a model, with rows of its own.
    const alone = (model.samples ?? []).map((windows) => ({ ...model, samples: [windows] }));
    expect(await bytesFor(alone)).toEqual(wanted);
    expect(wanted).toHaveLength(3);
    await model.session.close();
  });

  test('of several models are of different samples', async () => {
    const [first, second] = [await sampled(folder, '2', '0', 0), await sampled(folder, '2', '0', 1)];
    const input = randomImage([1, 1, 16, 16], 4);
    const outputs = [];
    for (const { run } of [...(first.samples ?? []), ...(second.samples ?? [])]) {
      outputs.push([...ok(await run(input)).data].join());
    }
    expect(new Set(outputs).size).toBe(4);
    await first.session.close();
    await second.session.close();
  });

  test('needs a run folder with dropout and its own spec', async () => {
    const choice = { ...base, samples: '4' };
    const open = (path: string) =>
      openPredictModel(path, choice, ok(readPredictChoice(choice)), onnxRuntimeEngine(), 0);
    copyFileSync(join(folder, 'model.onnx'), join(work, 'copy.onnx'));
    expect(existsSync(join(work, 'copy.onnx'))).toBe(true);
    const refused = (problem: string) => ({ code: 'samples-unavailable', args: { problem } });
    expect(await open(join(work, 'copy.onnx'))).toMatchObject(refused('no-run'));
    expect(await open(putRun('dry', runSpec, []))).toMatchObject(refused('no-dropout'));
    const changed = runSpec.replace('rate = 0', 'rate = 0.2');
    expect(await open(putRun('changed', changed, [], runSpec))).toMatchObject(refused('other-spec'));
  });
});

test.each([
  [{ samples: '1' }, 'invalid-option-value'],
  [{ samples: '1001' }, 'invalid-option-value'],
  [{ samples: 'many' }, 'invalid-option-value'],
  [{ samples: '2', seed: '-1' }, 'invalid-option-value'],
  [{ samples: '2', seed: '4294967296' }, 'invalid-option-value'],
  [{ seed: '1' }, 'incomplete-options'],
])('%j is refused', (options, code) => {
  expect(readPredictChoice({ ...base, ...options })).toMatchObject({ code });
});

test('rows that several readers share are read once, and kept no longer than they are needed', async () => {
  const source = tensorRows(randomImage([1, 20, 3], 8));
  let reads = 0;
  const counted = {
    ...source,
    rows: (from: number, to: number) => {
      reads += 1;
      return source.rows(from, to);
    },
  };
  const readers = sharedRows(counted, 3);
  const ranges = [
    [0, 4],
    [4, 9],
    [9, 20],
  ] as const;
  // One is ahead of the others.
  const order = [0, 0, 1, 2, 1, 0, 1, 2, 2];
  const next = [0, 0, 0];
  for (const reader of order) {
    const [from, to] = ranges[next[reader] ?? 0] ?? [0, 0];
    next[reader] = (next[reader] ?? 0) + 1;
    expect(await readers[reader]?.rows(from, to)).toEqual(await source.rows(from, to));
  }
  expect(reads).toBe(3);
  // All have them: they are read again.
  await readers[0]?.rows(0, 4);
  expect(reads).toBe(4);
});

test('uncertainty needs several members or a head', async () => {
  const session = ok(await onnxRuntimeEngine().load(bytesOf(networkOf(tiny), false), { threads: 1 }));
  const model = ok(predictModel(session, 'model.onnx', undefined));
  const entropy = { uncertainty: 'entropy' };
  const both = { uncertainty: 'entropy,disagreement,entropy' };
  expect(ok(requestedMaps(model, entropy, 1)).map(({ name }) => name)).toEqual(['entropy']);
  expect(ok(requestedMaps(model, both, 2)).map(({ name }) => name)).toEqual(['entropy', 'disagreement']);
  expect(requestedMaps(model, both, 1)).toMatchObject({ code: 'single-member' });
  const unnamed = { ...model, head: { head: undefined, threshold: 0.5, reason: undefined } };
  expect(requestedMaps(unnamed, entropy, 1)).toMatchObject({ code: 'head-unknown' });
  await session.close();
});
