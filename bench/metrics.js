// The metrics of a case of 216 x 216 x 216 positions and 20 classes, against NumPy and against DeepMind's surface-distance.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateCase, plainClasses } from '../dist/index.js';
import { median, milliseconds } from './measurement.js';

/** Made by scripts/peers.sh. */
const python = join(process.env.UNET_PEERS ?? join(homedir(), '.cache/unet-lang/peers'), 'bin/python');
const RUNS = 5;
const SIZE = 216;
const CLASSES = 20;
const SPACING = [2, 0.8, 0.8];
const OVERLAP = [
  'dice',
  'iou',
  'recall',
  'precision',
  'specificity',
  'volume_difference',
  'relative_volume_difference',
];

function peer(what, file) {
  const args = ['-W', 'ignore', 'bench/metrics_peers.py', what, file, String(SIZE), String(CLASSES)];
  return JSON.parse(execFileSync(python, args, { encoding: 'utf8', maxBuffer: 2 ** 26 }));
}

function row(measure, what, ours, theirs, name, bar) {
  const [own, other] = [median(ours), median(theirs)];
  const ratio = own / other;
  const figures = { evaluateCase: own, [name]: other };
  return { measure, what, figures, unit: 'ms', ratio, bar: `${bar}x`, holds: ratio <= bar };
}

export function measure() {
  if (!existsSync(python)) {
    console.error(`bench metrics needs the peers: run scripts/peers.sh (there is no ${python})`);
    return [];
  }
  const work = mkdtempSync(join(tmpdir(), 'unet-bench-metrics-'));
  try {
    const file = join(work, 'case.raw');
    peer('make', file);
    const bytes = readFileSync(file);
    const maps = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const [truth, predicted] = [maps.subarray(0, SIZE ** 3), maps.subarray(SIZE ** 3)];
    const shared = {
      shape: [SIZE, SIZE, SIZE],
      spacing: SPACING,
      classes: plainClasses(Array.from({ length: CLASSES }, (_, k) => `class ${k}`)),
    };
    const ours = (options) =>
      milliseconds(() => {
        evaluateCase(truth, predicted, { ...shared, ...options });
      });
    const times = { overlap: [[], []], surface: [[], []] };
    // In turns, so that both see the same machine.
    for (let i = 0; i < RUNS; i += 1) {
      times.overlap[0].push(ours({ metrics: OVERLAP }));
      times.overlap[1].push(1000 * peer('overlap', file)[0]);
      times.surface[0].push(ours({ metrics: ['hd95', 'nsd'], tolerance: 2 }));
      times.surface[1].push(1000 * peer('surface_distance', file)[0]);
    }
    const most = Math.max(...times.overlap[0]);
    const overlap = row(
      'metrics: overlap',
      `all overlap metrics of ${CLASSES} classes in ${SIZE}^3, against one bincount of NumPy`,
      ...times.overlap,
      'bincount',
      1,
    );
    return [
      {
        ...overlap,
        holds: overlap.holds && most < 2000,
        note: [`the slowest of ${RUNS} took ${most.toFixed(0)} ms, of 2000 ms at most`],
      },
      row(
        'metrics: surfaces',
        `HD95 and NSD of ${CLASSES - 1} classes in ${SIZE}^3, against surface-distance`,
        ...times.surface,
        'surface-distance',
        3,
      ),
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
