import type {
  CheckpointDamage,
  CheckpointMismatch,
} from '../../../src/diagnostics/codes/training/checkpoints.js';
import type { RunDamage, RunDifference } from '../../../src/diagnostics/codes/training/runs.js';
import type { trainingCodes } from '../../../src/diagnostics/codes/training.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const damages: readonly CheckpointDamage[] = [
  { case: 'empty' },
  { case: 'no-progress' },
  { case: 'progress-not-json' },
  { case: 'progress-incomplete' },
  { case: 'no-losses' },
  { case: 'best-epoch' },
  { case: 'metrics' },
  { case: 'hash' },
  { case: 'epochs', rows: 3, epochs: 4 },
  { case: 'size', bytes: 12, expected: 4096 },
  { case: 'unreadable', reason: 'permission denied' },
];

const mismatches: readonly CheckpointMismatch[] = [
  { case: 'format', format: 2, known: 1 },
  { case: 'settings' },
  { case: 'missing-tensor', tensor: 'enc1.conv1.weight', more: 0 },
  { case: 'extra-tensor', tensor: 'enc9.conv1.weight', more: 3 },
  { case: 'tensor-shape', tensor: 'enc1.conv1.weight', shape: [8, 1, 3, 3], wanted: [16, 1, 3, 3], more: 0 },
];

const differences: readonly RunDifference[] = [
  { part: 'spec', change: undefined },
  { part: 'spec', change: { case: 'network', before: 'Net', now: 'Other' } },
  { part: 'spec', change: { case: 'line', file: 'net.unet', line: 4, before: 'depth = 3', now: undefined } },
  { part: 'recipe', change: { key: 'batch', values: { before: '4', now: '8' } } },
  { part: 'recipe', change: { key: 'augment' } },
  { part: 'data', change: { case: 'count', before: 20, now: 24 } },
  { part: 'data', change: { case: 'content', image: 'images/a.png' } },
  { part: 'data', change: { case: 'image', before: 'images/a.png', now: 'images/b.png' } },
  { part: 'data', change: { case: 'setting', key: 'ignore', values: { before: '3', now: '255' } } },
];

const runDamages: readonly RunDamage[] = [
  { case: 'not-json', reason: 'Unexpected end of JSON input' },
  { case: 'not-an-object' },
  { case: 'no-description' },
  { case: 'no-hashes' },
  { case: 'rows' },
];

const at = { step: 120, epoch: 3 };
const kept = { step: 80, epoch: 2, folder: 'runs/cells' };
const rate = { case: 'rate', rate: 0.1 } as const;

export const trainingSamples: { readonly [C in keyof typeof trainingCodes]: readonly CodeArguments<C>[] } = {
  'recipe-invalid': [
    {
      network: 'Net',
      recipe: 'Quick',
      diagnostics: [{ code: 'invalid-value', message: 'the patch is too small', help: 'set `patch = 64`' }],
      isReported: false,
    },
    {
      network: 'Net',
      recipe: undefined,
      diagnostics: [{ code: 'invalid-value', message: 'the patch is too small' }],
      isReported: false,
    },
    {
      network: 'Net',
      recipe: 'Quick',
      diagnostics: [{ code: 'invalid-value', message: 'the patch is too small' }],
      isReported: true,
    },
  ],
  'time-step-network': [{ network: 'Denoiser' }],
  'step-invalid': [
    { network: 'Net', problems: [{ kind: 'batch', message: 'the batch must be a whole number from 1' }] },
  ],
  'step-memory': [
    {
      network: 'Net',
      needed: '40.1 GB',
      available: '16.0 GB',
      batch: 8,
      patch: [512, 512],
      each: '5.0 GB',
      largest: 3,
    },
    {
      network: 'Net',
      needed: '40.1 GB',
      available: '16.0 GB',
      batch: 1,
      patch: [512, 512, 512],
      each: '40.1 GB',
      largest: 0,
    },
  ],
  'data-mismatch': [
    { network: 'Net', mismatch: { case: 'axes', data: 3, network: 2 } },
    { network: 'Net', mismatch: { case: 'channels', data: 3, network: 1 } },
    {
      network: 'Net',
      mismatch: { case: 'flat', folder: 'cells', image: 'a.png', slice: [1, 64, 64], input: [1, 64, 64] },
    },
    { network: 'Net', mismatch: { case: 'classes', folder: 'cells', data: 3, network: 2 } },
  ],
  'patience-without-validation': [{ patience: 10 }],
  'warmup-too-long': [{ warmup: 500, epochs: 4, stepsPerEpoch: 100 }],
  'labels-missing': [
    { part: 'training', images: { names: ['a'], count: 1 }, isValidated: false },
    { part: 'training', images: { names: ['a', 'b'], count: 2 }, isValidated: true },
    { part: 'validation', images: { names: ['a', 'b', 'c'], count: 12 }, isValidated: true },
  ],
  'batch-shape': [
    { what: 'images', wanted: [4, 1, 64, 64], found: [4, 3, 64, 64] },
    { what: 'labels', wanted: [4, 64, 64], found: 100 },
    { what: 'weights', wanted: [4, 64, 64], found: 1 },
  ],
  'training-diverged': [
    { overflow: { case: 'loss', value: Number.NaN, images: ['a', 'b'] }, at, kept, cause: rate },
    {
      overflow: { case: 'weights' },
      at,
      kept: undefined,
      cause: { case: 'intensities', image: 'images/a.tif', most: 65_535 },
    },
    { overflow: { case: 'validation-loss', value: Number.POSITIVE_INFINITY }, at, kept, cause: rate },
  ],
  'spec-text-missing': [{}],
  'model-not-exported': [{ network: 'Net', problems: ['the sizes of Net cannot be free'] }],
  'run-folder-occupied': [{ folder: 'runs/cells' }],
  'run-finished': [{ folder: 'runs/cells' }],
  'run-unfinished': [{ folder: 'runs/cells' }],
  'run-different': [
    ...differences.map((one) => ({ folder: 'runs/cells', differences: [one] })),
    {
      folder: 'runs/cells',
      differences: [
        { part: 'spec', change: undefined },
        { part: 'data', change: undefined },
      ],
    },
  ],
  'run-in-use': [
    {
      folder: 'runs/cells',
      lock: 'runs/cells/lock',
      owner: { case: 'other-machine', pid: 812, host: 'node7', since: '2026-01-01 12:00' },
    },
    {
      folder: 'runs/cells',
      lock: 'runs/cells/lock',
      owner: { case: 'this-machine', pid: 812, since: '2026-01-01 12:00', isCertain: true },
    },
    {
      folder: 'runs/cells',
      lock: 'runs/cells/lock',
      owner: { case: 'this-machine', pid: 812, since: '2026-01-01 12:00', isCertain: false },
    },
    { folder: 'runs/cells', lock: 'runs/cells/lock', owner: { case: 'several' } },
  ],
  'run-changed': [{ folder: 'runs/cells' }],
  'run-missing': [{ folder: 'runs/cells' }],
  'run-format': [{ folder: 'runs/cells', format: 2, known: 1 }],
  'run-damaged': runDamages.map((damage) => ({ path: 'runs/cells/run.json', damage })),
  'checkpoint-damaged': [
    ...damages.map((damage) => ({ checkpoints: [{ path: 'runs/cells/last.safetensors', damage }] })),
    {
      checkpoints: [
        { path: 'runs/cells/last.safetensors', damage: { case: 'empty' } },
        { path: 'runs/cells/previous.safetensors', damage: { case: 'hash' } },
      ],
    },
  ],
  'checkpoint-mismatch': mismatches.map((mismatch) => ({ path: 'runs/cells/last.safetensors', mismatch })),
};
