import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OptimizerSetting } from '../../src/autodiff/step/optimizer-setting.js';
import { compile } from '../../src/compiler/compile.js';
import type { TrainingBatch } from '../../src/data/loader/training-batch.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { type Graph, parametersOf } from '../../src/ir/graph.js';
import { elementCount } from '../../src/ir/parameter.js';
import type { LossTerm } from '../../src/language/recipes/recipe-spec.js';
import { Trainer } from '../../src/train/loop/trainer.js';
import { trainingSettings } from '../../src/train/loop/training-settings.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { RandomStream } from '../../src/weights/random-stream.js';
import { readTensor } from '../../src/weights/weight-source.js';

const PYTHON = '/usr/bin/python3';
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0;
const STEPS = 50;
const BATCH = 2;

/**
 * Seeded images, labels and weights of each step: a label says where a smooth image is bright. With `sparse`, a third of
 * the positions has no label, nor has anything of one image; a class has its weight.
 */
function batches(
  { inputSize, nodes, outputs }: Graph,
  { sparse = false }: Case,
  classWeights: readonly number[],
): readonly Required<TrainingBatch>[] {
  const channels = nodes[0]?.channels ?? 1;
  const output = nodes[outputs[0]?.value ?? 0];
  // A network of one class tells it from the background.
  const classes = Math.max(2, output?.channels ?? 2);
  const size = elementCount(inputSize);
  return Array.from({ length: STEPS }, (_, step) => {
    const data = new Float32Array(BATCH * channels * size);
    new RandomStream(5, `images ${step}`).fillNormal(data, 1);
    const labels = new Float32Array(BATCH * size);
    const weights = new Float32Array(BATCH * size);
    const drawn = new Float32Array(BATCH * size);
    new RandomStream(5, `labelled ${step}`).fillUniform(drawn, 1);
    for (const i of labels.keys()) {
      const [n, at] = [Math.floor(i / size), i % size];
      const value =
        (data[n * channels * size + at] ?? 0) + (data[n * channels * size + ((at + 1) % size)] ?? 0);
      const label = Math.min(classes - 1, Math.max(0, Math.floor(value + 1)));
      // Uniform on (-1, 1).
      const isLabelled = !sparse || ((drawn[i] ?? 0) < 1 / 3 && !(step === 3 && n === 1));
      labels[i] = label;
      weights[i] = isLabelled ? (classWeights[label] ?? 1) : 0;
    }
    const shape = [BATCH, 1, ...inputSize];
    return {
      images: { shape: [BATCH, channels, ...inputSize], data },
      labels: { shape, data: labels },
      weights: { shape, data: weights },
    };
  });
}

export interface Case {
  readonly name: string;
  readonly text: string;
  /** The recipe; cross-entropy alone when left out. */
  readonly recipe?: string;
  /** Whether nobody labelled some of the positions. */
  readonly sparse?: boolean;
  readonly optimizer: OptimizerSetting & { readonly rate: number };
  readonly clip?: number;
  readonly tolerance: number;
}

const flat = 'input = 2 x 32 x 40  classes = 3  depth = 2  channels = 8  padding = same';
const sgd = { kind: 'sgd', momentum: 0.9, nesterov: false, weight_decay: 0, rate: 0.02 } as const;
export const cases: readonly Case[] = [
  {
    name: 'SGD with momentum, batch norms',
    text: `${flat}  norm = batch  bias = false`,
    optimizer: sgd,
    tolerance: 1e-3,
  },
  {
    name: "Nesterov's momentum, weight decay, clipped, residual blocks with instance norms",
    text: `${flat}  norm = instance  bias = false  block = residual  activation = leaky_relu(0.1)`,
    optimizer: { ...sgd, nesterov: true, weight_decay: 1e-3 },
    clip: 1,
    tolerance: 1e-3,
  },
  {
    name: 'SGD in 3D with an attention gate',
    text: 'input = 1 x 16 x 16 x 24  classes = 2  depth = 2  channels = 4  padding = same  skip = attention  up = trilinear(conv: 1)',
    optimizer: { ...sgd, rate: 0.01 },
    tolerance: 1e-3,
  },
  {
    name: 'Adam, batch norms, nested skips',
    text: `${flat}  norm = batch  bias = false  skip = nested`,
    optimizer: { kind: 'adam', weight_decay: 0, rate: 1e-3 },
    tolerance: 1e-2,
  },
  {
    name: 'AdamW, group norms',
    text: `${flat}  norm = group(groups: 4)  activation = silu`,
    optimizer: { kind: 'adamw', weight_decay: 0.05, rate: 1e-3 },
    tolerance: 1e-2,
  },
  {
    name: 'cross-entropy and Dice of each image, class weights, sparse labels',
    text: `${flat}  norm = batch  bias = false  activation = silu`,
    recipe: 'loss = 0.5 * cross_entropy + 0.5 * dice(smooth: 1)  class_weights = [0.5, 1, 3]',
    sparse: true,
    optimizer: sgd,
    tolerance: 1e-3,
  },
  {
    name: 'binary cross-entropy, Dice and focal loss of a sigmoid head',
    text: `${flat.replace('classes = 3', 'classes = 1')}  head = sigmoid  norm = batch  bias = false  activation = silu`,
    recipe: 'loss = bce + dice + 0.5 * focal(gamma: 1.5, alpha: 0.25)  class_weights = [1, 2]',
    optimizer: sgd,
    tolerance: 1e-3,
  },
  {
    name: 'deep supervision at four resolutions, Dice of the batch, sparse labels',
    text: 'input = 2 x 32 x 48  classes = 3  depth = 4  channels = 4  padding = same  norm = group(groups: 2)  activation = silu  deep_supervision = levels(n: 3)',
    recipe: 'loss = 0.5 * cross_entropy + 0.5 * dice(smooth: 1, batch: true, squared: true)',
    sparse: true,
    optimizer: sgd,
    tolerance: 1e-3,
  },
  {
    name: 'Tversky of the foreground and focal loss in 3D, Adam, sparse labels',
    text: 'input = 1 x 8 x 16 x 16  classes = 3  depth = 2  channels = 4  padding = same  norm = batch  activation = silu',
    recipe: 'loss = tversky(background: false) + 2 * focal(alpha: 0.75)',
    sparse: true,
    optimizer: { kind: 'adam', weight_decay: 0, rate: 3e-3 },
    tolerance: 1e-2,
  },
  {
    name: 'focal Tversky and generalized Dice, class weights, sparse labels',
    text: `${flat}  norm = group(groups: 4)  activation = silu`,
    recipe: 'loss = focal_tversky + 0.5 * generalized_dice  class_weights = [1, 2, 1]',
    sparse: true,
    optimizer: sgd,
    tolerance: 1e-3,
  },
];

/** The losses of PyTorch. */
function torchLosses(
  graph: Graph,
  steps: readonly Required<TrainingBatch>[],
  loss: readonly LossTerm[],
  { optimizer, clip }: Case,
): readonly number[] {
  const folder = mkdtempSync(join(tmpdir(), 'unet-torch-'));
  const parameters = parametersOf(graph);
  const weights = seededWeights(1);
  const [first] = steps;
  const job = {
    rank: graph.rank,
    nodes: graph.nodes.map(({ kind, attributes, inputs, parameters: own }) => ({
      kind,
      attributes,
      inputs,
      parameters: own.map(({ name, role }) => ({ name, role })),
    })),
    outputs: graph.outputs.map(({ value }) => value),
    parameters: parameters.map(({ name, shape, trainable }) => ({ name, shape, trainable })),
    loss,
    optimizer,
    clip: clip ?? null,
    steps: steps.length,
    images: first?.images.shape,
    labels: first?.labels.shape,
  };
  writeFileSync(join(folder, 'job.json'), JSON.stringify(job));
  const arrays = [
    ...parameters.map((parameter) => readTensor(weights, parameter)),
    ...steps.flatMap(({ images, labels, weights }) => [images.data, labels.data, weights.data]),
  ];
  writeFileSync(
    join(folder, 'data.bin'),
    Buffer.concat(arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength))),
  );
  const { stdout, stderr, status } = spawnSync(
    PYTHON,
    [join(import.meta.dirname, 'pytorch_steps.py'), folder],
    {
      encoding: 'utf8',
    },
  );
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split('\n').map(Number);
}

/** Trains each case here and in PyTorch, and compares the losses. */
export function describeSteps(selected: readonly Case[]): void {
  describe.skipIf(!hasTorch)(`${STEPS} steps give the losses that PyTorch gives`, () => {
    test.each(selected)('$name', async (one) => {
      const recipeText = one.recipe ?? 'loss = cross_entropy';
      const { networks, recipes, diagnostics } = compile(
        'net.unet',
        `unet Net { ${one.text} }\ntraining Fifty { ${recipeText} }`,
      );
      const [network] = networks;
      const [recipe] = recipes;
      if (!network || !recipe) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
      const { training: graph } = network;
      const { loss, loader } = trainingSettings(network, recipe);
      const trainer = await Trainer.open({
        network,
        batch: BATCH,
        patch: graph.inputSize,
        loss,
        optimizer: one.optimizer,
        clip: one.clip,
        weights: seededWeights(1),
        seed: 1,
        threads: 1,
      });
      if (trainer instanceof Failure) throw new Error(trainer.message);
      const steps = batches(graph, one, loader.classWeights ?? []);
      const found: number[] = [];
      for (const [index, batch] of steps.entries()) {
        const loss = await trainer.train(batch, index, one.optimizer.rate);
        if (loss instanceof Failure) throw new Error(loss.message);
        found.push(loss);
      }
      await trainer.close();
      const expected = torchLosses(graph, steps, loss, one);
      const worst = Math.max(...expected.map((loss, i) => Math.abs((found[i] ?? 0) - loss) / loss));
      expect(worst).toBeLessThan(one.tolerance);
      // It learned something: the steps were no idle ones.
      expect(found.at(-1)).toBeLessThan(0.9 * (found[0] ?? 0));
    });
  });
}
