import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unet } from '../cli/unet.js';
import { numbersOf, trainArguments, workFolder } from './cells-run.js';

interface Trained {
  readonly stdout: string;
  readonly files: Readonly<Record<string, string>>;
  /** Of each epoch. */
  readonly losses: readonly number[];
}

/** Trains on cells, and runs the model on an image. */
function trained(spec: string, cells: readonly string[], image?: string, said = /^$/): Trained {
  const work = workFolder(spec, cells);
  const { code, stdout, stderr } = unet(trainArguments('out'), work);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(said) });
  const { epochs } = JSON.parse(readFileSync(join(work, 'out/metrics.json'), 'utf8'));
  if (image !== undefined) {
    const { code: ran } = unet(
      ['run', 'out/model.onnx', '-i', `set/images/${image}`, '-o', 'mask.npy'],
      work,
    );
    expect(ran).toBe(0);
  }
  const files = numbersOf(join(work, 'out'));
  rmSync(work, { recursive: true });
  return { stdout, files, losses: epochs.map((row: { trainLoss: number }) => row.trainLoss) };
}

function expectLearned({ losses }: Trained): void {
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? 0));
}

test('no padding, deep supervision, a border map, clipping', () => {
  const spec = `unet Valid {
    input = 1 x 100 x 100  classes = 2  depth = 3  channels = 4  deep_supervision = levels(n: 2)  norm = batch  bias = false
  }
  training Deep {
    loss = cross_entropy  optimizer = sgd(lr: 0.05, nesterov: true)  schedule = poly  clip = 5  batch = 4  epochs = 3
    weight_map = border
  }`;
  const run = trained(spec, ['--count', '5', '--size', '48'], 'cells-001.png');
  expect(run.stdout).toContain('patches of 100 x 100');
  expectLearned(run);
  // The model of inference has no heads of inner levels.
  expect(run.files['model.onnx']).not.toContain('head[2]');
  expect(run.files['last.safetensors']).toContain('head[2]');
});

test('volumes, with strides of their own on each axis', () => {
  const spec = `unet Volume {
    input = 1 x 8 x 16 x 16  classes = 2  depth = 2  channels = 4  padding = same  norm = instance  bias = false
    stride = [1 x 2 x 2, 2 x 2 x 2]  deep_supervision = levels(n: 1)
  }
  training Volumes {
    loss = cross_entropy + dice  optimizer = adamw(lr: 0.01)  schedule = step(every: 1, factor: 0.5)  batch = 2
    epochs = 3  foreground = 0.5
  }`;
  const cells = ['--count', '4', '--size', '16 x 24 x 24', '--volume', '--radius', '6'];
  const run = trained(spec, cells);
  expectLearned(run);
  expect(run.files['metrics.csv']).toMatch(/^1,\d+,0\.01,.*\n2,\d+,0\.005,.*\n3,\d+,0\.0025,/m);
});

test('one class under a sigmoid, weighed against the background; images smaller than a patch', () => {
  const spec = (weights: string) => `unet One {
    input = 1 x 32 x 32  classes = 1  depth = 2  channels = 4  padding = same  head = sigmoid  norm = batch  bias = false
  }
  training Binary {
    loss = bce  optimizer = adam(lr: 0.01)  schedule = constant  batch = 2  epochs = 4  ${weights}
  }`;
  const cells = ['--count', '6', '--size', '28'];
  const small = /^note: 6 of 6 images are smaller than the patch of 32 x 32 [^\n]*\n$/;
  const run = trained(spec(''), cells, undefined, small);
  expectLearned(run);
  const weighed = trained(spec('class_weights = [3]'), cells, undefined, small);
  expect(weighed.losses[0]).not.toBe(run.losses[0]);
  // With the background's before its own: the same weights.
  const both = trained(spec('class_weights = [1, 3]'), cells, undefined, small);
  expect(both.losses).toEqual(weighed.losses);
});

// A rate of 1e-46 is 0 in float32: nothing changes. A recipe may not say 0 itself.
test('patience: training ends when nothing became better for so long', () => {
  const spec = `unet Small {
    input = 1 x 32 x 32  classes = 2  depth = 2  channels = 4  padding = same
  }
  training Idle {
    loss = cross_entropy  optimizer = sgd(lr: 1e-46)  batch = 2  epochs = 30  patience = 2
  }`;
  const run = trained(spec, ['--count', '4', '--size', '32']);
  // The first epoch is the best, and two more are none better.
  expect(run.losses).toHaveLength(3);
  expect(run.stdout).toMatch(/stopped early, best Dice [\d.]+ in epoch 1: /);
});

test('weights to start from may lack the heads that only training has', () => {
  const spec = `unet Deep {
    input = 1 x 32 x 32  classes = 2  depth = 3  channels = 4  padding = same  deep_supervision = levels(n: 2)
  }
  training Idle { loss = cross_entropy  optimizer = sgd(lr: 1e-46)  batch = 2  epochs = 1 }`;
  const work = workFolder(spec, ['--count', '4', '--size', '32']);
  const train = (output: string, ...args: readonly string[]) => {
    const { code, stderr } = unet(trainArguments(output, ...args), work);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return numbersOf(join(work, output));
  };
  const first = train('first', '--seed', '1');
  const whole = train('whole', '--seed', '2', '--weights', 'first/last.safetensors');
  expect(whole['last.safetensors']).toBe(first['last.safetensors']);
  const part = train('part', '--seed', '2', '--weights', 'first/model.onnx');
  expect(part['model.onnx']).toBe(first['model.onnx']);
  expect(part['last.safetensors']).not.toBe(first['last.safetensors']);
  writeFileSync(join(work, 'no.safetensors'), 'x');
  const { code, stderr } = unet(trainArguments('none', '--weights', 'no.safetensors'), work);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^unet: [^\n]*no\.safetensors/);
  rmSync(work, { recursive: true });
});
