import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { Rng } from '../../src/data/rng.js';
import { Failure } from '../../src/diagnostics/failure.js';
import type { OrtDevice } from '../../src/runtime/engine.js';
import type { Tensor } from '../../src/runtime/tensor.js';
import { Trainer } from '../../src/train/loop/trainer.js';
import { seededWeights } from '../../src/weights/initialize.js';
import { hasWebGpu } from '../runtime/webgpu-device.js';

const here = await hasWebGpu();
const STEPS = 6;

const networks = {
  'U-Net': 'input = 1 x 16 x 16  norm = batch  bias = false',
  'attention gates': 'input = 1 x 16 x 16  norm = instance  skip = attention',
  '3D U-Net': 'input = 1 x 8 x 8 x 8  norm = batch  bias = false',
} as const;

/** The losses of the first steps, each on images and labels of its own. */
async function losses(text: string, device: OrtDevice): Promise<readonly number[]> {
  const spec = `unet Net { ${text}  classes = 2  depth = 1  channels = 4  padding = same }`;
  const [network] = compile('net.unet', spec).networks;
  if (!network) throw new Error(spec);
  const size = network.training.inputSize;
  const trainer = await Trainer.open({
    network,
    batch: 2,
    patch: size,
    loss: [{ weight: 1, loss: { kind: 'cross_entropy' } }],
    optimizer: { kind: 'adam', weight_decay: 0 },
    clip: 1,
    weights: seededWeights(3),
    seed: 1,
    device,
  });
  if (trainer instanceof Failure) throw new Error(trainer.message);
  const values: number[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    const draws = new Rng(step, 'batch');
    const shape = [2, 1, ...size];
    const length = shape.reduce((product, one) => product * one, 1);
    const tensor = (of: () => number): Tensor => ({ shape, data: Float32Array.from({ length }, of) });
    const loss = await trainer.train(
      {
        images: tensor(() => draws.uniform(-1, 1)),
        labels: tensor(() => (draws.uniform(0, 1) > 0.5 ? 1 : 0)),
        weights: tensor(() => 1),
      },
      step,
      1e-2,
    );
    if (loss instanceof Failure) throw new Error(loss.message);
    values.push(loss);
  }
  await trainer.close();
  return values;
}

test.skipIf(!here).each(Object.entries(networks))(
  '%s trains alike on WebGPU and on the CPU',
  async (_, text) => {
    const [own, other] = [await losses(text, 'cpu'), await losses(text, 'webgpu')];
    expect(new Set(own).size).toBe(STEPS);
    for (const [step, loss] of own.entries()) {
      expect(Math.abs((other[step] ?? 0) - loss) / loss, `step ${step}`).toBeLessThan(1e-3);
    }
  },
);
