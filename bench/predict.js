// What `unet predict` takes beside the model, and a whole prediction against nnU-Net's predictor with the same weights.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, onnxRuntimeEngine } from '../dist/node.js';
import { median } from './measurement.js';

/** Made by scripts/peers-torch.sh. */
const python = join(
  process.env.UNET_PEERS_TORCH ?? join(homedir(), '.cache/unet-lang/peers-torch'),
  'bin/python',
);
const script = 'bench/predict_peers.py';
const TURNS = 3;
/** Windows that the model computes alone; the time of all is a multiple. */
const ALONE = 6;

const specs = `import { UNet2DPadded } from "./unet2d-padded.unet"
import { NnUNet3D } from "./plain.unet"

unet Padded16 extends UNet2DPadded { channels = 16 }

// PlainConvUNet of bench/predict_peers.py.
unet Scan extends NnUNet3D {
  input            = 1 x 64 x 64 x 64
  classes          = 3
  depth            = 3
  channels         = 8 * 2^(level - 1)
  repeat           = [2, 1, 1, 1]
  deep_supervision = levels(n: 2)
  normalize        = zscore
}
`;

function unet(...args) {
  return execFileSync(process.execPath, ['bin/unet.js', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Runs a command, and tells its time, its largest memory, and what it printed as JSON. */
function timed(...command) {
  const { output, ...figures } = JSON.parse(
    execFileSync(python, [script, 'run', ...command], { maxBuffer: 2 ** 26 }),
  );
  return { ...figures, told: JSON.parse(output) };
}

function predicted(model, input, output, ...options) {
  const args = ['predict', model, '--input', input, '-o', output, '--border', 'zero', '--json', ...options];
  const { told, seconds: wall, ...figures } = timed(process.execPath, 'bin/unet.js', ...args);
  return { ...told.cases[0], wall, ...figures };
}

/** The shortest time of a window in s, without anything else. */
async function secondsAlone(model, shape) {
  const session = await onnxRuntimeEngine().load(model);
  if (session instanceof Failure) throw new Error(session.message);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, Math.random);
  const times = [];
  for (let i = 0; i < ALONE; i += 1) {
    const begun = performance.now();
    await session.run({ shape, data });
    times.push((performance.now() - begun) / 1000);
  }
  await session.close();
  return Math.min(...times);
}

async function besideModel(work, { measure, what, model, input, output, window, channels }) {
  const path = join(work, model);
  const { seconds, windows, megabytes } = predicted(
    ...[path, join(work, input), join(work, output), '--tile', String(window[0])],
  );
  const count = Number(/^\d+/.exec(windows)?.[0] ?? 1);
  const alone = count * (await secondsAlone(path, [1, channels, ...window]));
  const { beside, total, reading, stitching, writing } = seconds;
  const ratio = beside / total;
  const parts = Object.entries({ reading, stitching, writing }).map(
    ([name, s]) => `${name} ${s.toFixed(1)} s`,
  );
  return {
    ...{ measure, what, figures: { 'beside the model': beside, 'the whole': total }, unit: 's', ratio },
    ...{ bar: '0.15x', holds: ratio <= 0.15 },
    note: [
      `${parts.join(', ')}, most of it while the model computed; ${megabytes.toFixed(0)} MB`,
      `${(total / alone).toFixed(2)}x the model alone: ${count} windows, each in its shortest time, ${alone.toFixed(1)} s`,
    ],
  };
}

function againstNnunet(work) {
  const figures = { ours: [], theirs: [], predicted: [], processor: [[], []], memory: [[], []] };
  for (let i = 0; i < TURNS; i += 1) {
    const theirs = timed(python, '-W', 'ignore', script, 'predict', work);
    const ours = predicted(
      join(work, 'scan.onnx'),
      join(work, 'scan_0000.nii.gz'),
      join(work, 'ours.nii.gz'),
    );
    figures.ours.push(ours.wall);
    figures.theirs.push(theirs.seconds);
    figures.predicted.push(theirs.told.predict);
    for (const [k, one] of [ours, theirs].entries()) {
      figures.processor[k].push(one.processor);
      figures.memory[k].push(one.megabytes);
    }
  }
  const row = (measure, what, own, other, unit, most) => {
    const ratio = median(own) / median(other);
    const shown = { unet: median(own), 'nnU-Net': median(other) };
    return { measure, what, figures: shown, unit, ratio, bar: `${most}x`, holds: ratio <= most };
  };
  const scan = 'a volume of 128 x 160 x 160, 48 windows';
  return [
    row('predict: process', `${scan}: the whole process`, figures.ours, figures.theirs, 's', 0.6),
    row(
      'predict: without import',
      `${scan}: the whole process against nnU-Net's, once PyTorch and nnU-Net are imported`,
      ...[figures.ours, figures.predicted, 's', 0.6],
    ),
    row(
      'predict: processors',
      `${scan}: the time of all processors, which depends less on what else runs`,
      ...[...figures.processor, 's', 0.6],
    ),
    row('predict: memory', `${scan}: the most memory of the process`, ...figures.memory, 'MB', 0.5),
  ];
}

export async function measure() {
  if (!existsSync(python)) {
    console.error(`bench predict needs nnU-Net: run scripts/peers-torch.sh (there is no ${python})`);
    return [];
  }
  const work = mkdtempSync(join(tmpdir(), 'unet-bench-predict-'));
  try {
    execFileSync(python, ['-W', 'ignore', script, 'make', work]);
    copyFileSync('specs/unet2d-padded.unet', join(work, 'unet2d-padded.unet'));
    copyFileSync('specs/nnunet/plain.unet', join(work, 'plain.unet'));
    writeFileSync(join(work, 'nets.unet'), specs);
    const [spec, weights] = [join(work, 'nets.unet'), join(work, 'scan.safetensors')];
    const checkpoint = join(work, 'nnunet/fold_0/checkpoint_final.pth');
    unet(
      'weights',
      'convert',
      `${spec}#Scan`,
      '--from',
      checkpoint,
      '--map',
      'nnunet-plain',
      '--to',
      weights,
    );
    const build = ['--target', 'onnx', '--dynamic', '-o'];
    unet('build', `${spec}#Scan`, ...build, join(work, 'scan.onnx'), '--weights', weights);
    unet('build', `${spec}#Padded16`, ...build, join(work, 'padded.onnx'));
    return [
      ...againstNnunet(work),
      await besideModel(work, {
        measure: 'predict: beside the model, 2D',
        what: 'UNet2DPadded with 16 channels on 4096 x 4096',
        ...{
          model: 'padded.onnx',
          input: 'image.tif',
          output: 'labels.tif',
          window: [512, 512],
          channels: 3,
        },
      }),
      await besideModel(work, {
        measure: 'predict: beside the model, 3D',
        what: 'a 3D network of 8 channels on 256 x 256 x 256',
        ...{
          model: 'scan.onnx',
          input: 'volume.nii.gz',
          output: 'labels.nii.gz',
          window: [96, 96, 96],
          channels: 1,
        },
      }),
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
