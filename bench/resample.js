// Resampling of images and logits, against nnU-Net's, which is skimage.transform.resize; both on one thread.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { median, milliseconds } from './measurement.js';

/** Made by scripts/peers-torch.sh. */
const python = join(
  process.env.UNET_PEERS_TORCH ?? join(homedir(), '.cache/unet-lang/peers-torch'),
  'bin/python',
);
const TURNS = 3;

const cases = [
  {
    measure: 'resample-volume',
    what: 'cubic, 96 x 128 x 128 to 120 x 160 x 160',
    order: 3,
    shape: [1, 96, 128, 128],
    sizes: [120, 160, 160],
  },
  {
    measure: 'resample-slices',
    what: 'cubic in slices, 40 x 256 x 256 to 60 x 200 x 200',
    order: 3,
    shape: [1, 40, 256, 256],
    sizes: [60, 200, 200],
    separate: 0,
  },
  {
    measure: 'resample-image',
    what: 'cubic, 3 channels of 512 x 512 to 700 x 700',
    order: 3,
    shape: [3, 512, 512],
    sizes: [700, 700],
  },
  {
    measure: 'resample-logits',
    what: 'linear, 4 classes of 60 x 128 x 128 to 75 x 160 x 160',
    order: 1,
    shape: [4, 60, 128, 128],
    sizes: [75, 160, 160],
  },
];

function theirs({ shape, sizes, order, separate }) {
  const args = ['bench/resample_peers.py', JSON.stringify({ shape, sizes, order, separate })];
  return 1000 * Number(execFileSync(python, args, { encoding: 'utf8' }));
}

export async function measure() {
  if (!existsSync(python)) {
    console.error(`bench resample needs nnU-Net: run scripts/peers-torch.sh (there is no ${python})`);
    return [];
  }
  const work = mkdtempSync(join(tmpdir(), 'unet-bench-resample-'));
  try {
    const outfile = join(work, 'resample.mjs');
    await build({ entryPoints: ['src/resample/resample.ts'], bundle: true, format: 'esm', outfile });
    const { resampleImage } = await import(pathToFileURL(outfile).href);
    return cases.map((one) => {
      const { measure, what, shape, sizes, order, separate } = one;
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, Math.random);
      const ours = () => milliseconds(() => resampleImage({ shape, data }, sizes, { order, separate }));
      for (let i = 0; i < 3; i += 1) ours();
      const [own, other] = [[], []];
      for (let i = 0; i < TURNS; i += 1) {
        other.push(theirs(one));
        own.push(Math.min(ours(), ours(), ours()));
      }
      const figures = { unet: median(own), 'nnU-Net': median(other) };
      const ratio = median(own) / median(other);
      return { measure, what, figures, unit: 'ms', ratio, bar: '1x', holds: ratio <= 1 };
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
