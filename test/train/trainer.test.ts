import { describe, expect, test } from 'vitest';
import type { OptimizerSetting } from '../../src/autodiff/step/optimizer-setting.js';
import { compile } from '../../src/compiler/compile.js';
import type { TrainingBatch } from '../../src/data/loader/training-batch.js';
import { Rng } from '../../src/data/rng.js';
import { Failure } from '../../src/diagnostics/failure.js';
import type { Tensor } from '../../src/runtime/tensor.js';
import { Trainer } from '../../src/train/loop/trainer.js';
import { seededWeights } from '../../src/weights/initialize.js';

const BATCH = 2;
const SIZE = [8, 8] as const;

interface Options {
  readonly text?: string;
  readonly optimizer?: OptimizerSetting;
  readonly clip?: number;
  readonly seed?: number;
}

const plain: OptimizerSetting = { kind: 'sgd', momentum: 0, nesterov: false, weight_decay: 0 };

async function openTrainer({ text = '', optimizer = plain, clip, seed = 0 }: Options): Promise<Trainer> {
  const spec = `unet Net { input = 1 x 8 x 8  classes = 2  depth = 1  channels = 3  padding = same  ${text} }`;
  const [network] = compile('net.unet', spec).networks;
  if (!network) throw new Error(spec);
  const trainer = await Trainer.open({
    network,
    batch: BATCH,
    patch: SIZE,
    loss: [{ weight: 1, loss: { kind: 'cross_entropy' } }],
    optimizer,
    clip,
    weights: seededWeights(3),
    seed,
    threads: 1,
  });
  if (trainer instanceof Failure) throw new Error(trainer.message);
  return trainer;
}

function batchOf(seed: number): TrainingBatch {
  const shape = [BATCH, 1, ...SIZE];
  const draws = new Rng(seed, 'batch');
  const tensor = (of: () => number): Tensor => ({ shape, data: Float32Array.from({ length: 128 }, of) });
  return {
    images: tensor(() => draws.uniform(-1, 1)),
    labels: tensor(() => (draws.uniform(0, 1) > 0.5 ? 1 : 0)),
    weights: tensor(() => 1),
  };
}

async function lossAt(trainer: Trainer, batch: TrainingBatch, step: number, rate: number): Promise<number> {
  const loss = await trainer.train(batch, step, rate);
  if (loss instanceof Failure) throw new Error(loss.message);
  return loss;
}

/** The parameters of a trainer as one list, in double precision. */
function flat(trainer: Trainer): Float64Array {
  const parts = [...trainer.state].filter(([name]) => trainer.isParameter(name));
  return Float64Array.from(parts.flatMap(([, { data }]) => [...data]));
}

/** The gradients at the parameters of a trainer: what a step of a huge rate takes away, by the rate. */
async function gradientsAt(trainer: Trainer, batch: TrainingBatch, probe: Trainer): Promise<Float64Array> {
  probe.restore(new Map([...trainer.state].filter(([name]) => trainer.isParameter(name))));
  const before = flat(probe);
  await lossAt(probe, batch, 0, 4096);
  const after = flat(probe);
  return before.map((value, i) => (value - (after[i] ?? 0)) / 4096);
}

type Update = (w: number, g: number, state: number[], t: number) => number;

const RATE = 0.03;
const cases: readonly (readonly [string, OptimizerSetting, Update])[] = [
  ['sgd', plain, (w, g) => w - RATE * g],
  [
    // torch.optim.SGD: g + decay w; v = m v + g.
    'sgd with momentum and decay',
    { kind: 'sgd', momentum: 0.9, nesterov: false, weight_decay: 0.1 },
    (w, g, state) => {
      state[0] = 0.9 * (state[0] ?? 0) + g + 0.1 * w;
      return w - RATE * state[0];
    },
  ],
  [
    'sgd with Nesterov momentum',
    { kind: 'sgd', momentum: 0.9, nesterov: true, weight_decay: 0 },
    (w, g, state) => {
      state[0] = 0.9 * (state[0] ?? 0) + g;
      return w - RATE * (g + 0.9 * state[0]);
    },
  ],
  ['adam', { kind: 'adam', weight_decay: 0.1 }, (w, g, state, t) => w - adam(g + 0.1 * w, state, t)],
  [
    'adamw',
    { kind: 'adamw', weight_decay: 0.1 },
    (w, g, state, t) => w * (1 - RATE * 0.1) - adam(g, state, t),
  ],
];

/** Kingma & Ba 2014, algorithm 1. */
function adam(g: number, state: number[], t: number): number {
  const [first = 0, second = 0] = state;
  state[0] = 0.9 * first + 0.1 * g;
  state[1] = 0.999 * second + 0.001 * g * g;
  return (RATE * (state[0] / (1 - 0.9 ** t))) / (Math.sqrt(state[1] / (1 - 0.999 ** t)) + 1e-8);
}

describe('a step of an optimizer is its formula', () => {
  test.each(cases)('%s', async (_, optimizer, update) => {
    const [trainer, probe] = [await openTrainer({ optimizer }), await openTrainer({})];
    const states: number[][] = Array.from(flat(trainer), () => []);
    for (let step = 0; step < 4; step += 1) {
      const batch = batchOf(step);
      const gradients = await gradientsAt(trainer, batch, probe);
      const expected = flat(trainer).map((w, i) => update(w, gradients[i] ?? 0, states[i] ?? [], step + 1));
      await lossAt(trainer, batch, step, RATE);
      const found = flat(trainer);
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? 0))));
      expect(worst, `step ${step}`).toBeLessThan(2e-3 * RATE);
    }
  });
});

test('clip: gradients of a larger norm are scaled to it, smaller ones stay', async () => {
  const [free, tight, loose] = [
    await openTrainer({}),
    await openTrainer({ clip: 0.01 }),
    await openTrainer({ clip: 1e6 }),
  ];
  const start = flat(free);
  const steps: Float64Array[] = [];
  for (const trainer of [free, tight, loose]) {
    await lossAt(trainer, batchOf(0), 0, 1);
    steps.push(flat(trainer).map((value, i) => value - (start[i] ?? 0)));
  }
  const norm = (values: Float64Array) => Math.hypot(...values);
  const [full, clipped, same] = steps as [Float64Array, Float64Array, Float64Array]; // one of each trainer
  expect(norm(full)).toBeGreaterThan(0.05);
  expect(norm(clipped)).toBeCloseTo(0.01, 5);
  const factor = 0.01 / norm(full);
  expect(Math.max(...clipped.map((value, i) => Math.abs(value - factor * (full[i] ?? 0))))).toBeLessThan(
    1e-6,
  );
  expect(Math.max(...same.map((value, i) => Math.abs(value - (full[i] ?? 0))))).toBeLessThan(1e-6);
});

test('the masks of dropouts are other ones in each step, and the same for the same seed', async () => {
  const batch = batchOf(0);
  const losses = async (text: string, seed: number) => {
    const trainer = await openTrainer({ text, seed });
    // A rate of 0 changes nothing: all that differs is what is dropped.
    const found: number[] = [];
    for (const step of [0, 1, 2, 0]) found.push(await lossAt(trainer, batch, step, 0));
    return found;
  };
  const dropping = await losses('dropout = 0.5', 7);
  expect(new Set(dropping.slice(0, 3)).size).toBe(3);
  expect(dropping[3]).toBe(dropping[0]);
  expect(await losses('dropout = 0.5', 7)).toEqual(dropping);
  const other = await losses('dropout = 0.5', 8);
  expect(other[0]).not.toBe(dropping[0]);
  expect(new Set(await losses('', 7)).size).toBe(1);
});

test('a loss that is NaN changes nothing', async () => {
  const trainer = await openTrainer({});
  const before = flat(trainer);
  const batch = batchOf(0);
  batch.images.data[5] = Number.NaN;
  expect(await lossAt(trainer, batch, 0, 0.1)).toBeNaN();
  expect(flat(trainer)).toEqual(before);
  expect(trainer.isFinite).toBe(true);
  await lossAt(trainer, batchOf(0), 0, Number.POSITIVE_INFINITY);
  expect(trainer.isFinite).toBe(false);
});

test('positions have the weight 1 if a batch has no weights', async () => {
  const batch = batchOf(0);
  const { weights: _, ...bare } = batch;
  const [given, left] = [await openTrainer({}), await openTrainer({})];
  expect(await lossAt(left, bare, 0, 0.1)).toBe(await lossAt(given, batch, 0, 0.1));
  expect(flat(left)).toEqual(flat(given));
});

test('the parameters alone, by name, in the order of the step', async () => {
  const trainer = await openTrainer({ optimizer: { kind: 'adam', weight_decay: 0 } });
  expect([...trainer.parameters.keys()]).toEqual(trainer.step.parameters.map(({ name }) => name));
  expect(Float64Array.from([...trainer.parameters.values()].flatMap((data) => [...data]))).toEqual(
    flat(trainer),
  );
});

test('a batch of another shape is a failure, and changes nothing', async () => {
  const trainer = await openTrainer({});
  const before = flat(trainer);
  const batch = batchOf(0);
  const cut = ({ data }: Tensor): Tensor => ({ shape: [1, 1, ...SIZE], data: data.subarray(0, 64) });
  const train = (part: Partial<TrainingBatch>) => trainer.train({ ...batch, ...part }, 0, 0.1);
  const wanted = [BATCH, 1, ...SIZE];
  const found = [1, 1, ...SIZE];
  const failed = (args: object) => ({ code: 'batch-shape', args });
  expect(await train({ images: cut(batch.images) })).toMatchObject(failed({ what: 'images', wanted, found }));
  expect(await train({ labels: cut(batch.labels) })).toMatchObject(failed({ what: 'labels', wanted, found }));
  expect(await train({ weights: { shape: wanted, data: new Float32Array(3) } })).toMatchObject(
    failed({ what: 'weights', wanted, found: 3 }),
  );
  expect(flat(trainer)).toEqual(before);
});

test('settings that do not fit the network, and a network that takes a time step, fail', async () => {
  const timed = `block Timed(c) { h = input -> conv(3, c) t = time -> conv(1, c) h + t -> activation }
    unet Net { input = 1 x 8 x 8  classes = 2  depth = 1  channels = 3  padding = same  time = time_embedding  block = Timed }`;
  const [network] = compile('net.unet', timed).networks;
  if (!network) throw new Error(timed);
  expect(await Trainer.open({ network })).toMatchObject({
    code: 'time-step-network',
    args: { network: 'Net' },
  });
  const [plainNetwork] = compile(
    'net.unet',
    'unet Net { input = 1 x 8 x 8  classes = 2  depth = 1  padding = same }',
  ).networks;
  if (!plainNetwork) throw new Error('the spec has errors');
  expect(await Trainer.open({ network: plainNetwork, patch: [8, 9], batch: 0 })).toMatchObject({
    code: 'step-invalid',
    args: {
      network: 'Net',
      problems: [
        { message: expect.stringContaining('W = 9') },
        { message: expect.stringMatching(/batch .* 0/) },
      ],
    },
  });
});

test('a step frees the state before it; the state that a trainer was restored from stays as it was', async () => {
  const optimizer: OptimizerSetting = { kind: 'adam', weight_decay: 0 };
  const [trainer, other] = [await openTrainer({ optimizer }), await openTrainer({ optimizer })];
  await lossAt(trainer, batchOf(0), 0, RATE);
  const held = trainer.state;
  const copy = new Map([...held].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  other.restore(copy);
  await lossAt(trainer, batchOf(1), 1, RATE);
  expect([...held.values()].map(({ data }) => data.length)).toEqual([...held].map(() => 0));
  await lossAt(other, batchOf(1), 1, RATE);
  expect([...other.state]).toEqual([...trainer.state]);
  expect([...copy.values()].every(({ data }) => data.length > 0)).toBe(true);
  await lossAt(trainer, batchOf(2), 2, RATE);
  other.restore(copy);
  expect([...other.state]).toEqual([...copy]);
});
