import type { trainingCodes } from '../../../src/diagnostics/codes/training.js';
import type { CodeArguments } from '../../../src/diagnostics/codes.js';

const network = 'Small';
const folder = 'runs/cells';
const path = 'runs/cells/checkpoint.safetensors';

/** Arguments of every variant of every message of trainings. */
export const trainingSamples: { readonly [C in keyof typeof trainingCodes]: readonly CodeArguments<C>[] } = {
  'recipe-invalid': [
    {
      ...{ network, recipe: 'Quick', isReported: false },
      diagnostics: [
        {
          code: 'input-does-not-fit',
          message: 'W = 34 does not fit Small',
          help: 'nearest that fit: 32, 36',
        },
        { code: 'contradiction', message: '`bce` is a loss for `head = sigmoid`' },
      ],
    },
    {
      ...{ network, recipe: undefined, isReported: true },
      diagnostics: [{ code: 'contradiction', message: '`bce` is a loss for `head = sigmoid`' }],
    },
  ],
  'time-step-network': [{ network }],
  'step-invalid': [
    {
      network,
      problems: [
        { kind: 'patch', message: 'W = 9 does not fit Small' },
        { kind: 'batch', message: 'a batch is a whole number of patches from 1, not 0' },
      ],
    },
  ],
  'step-memory': [
    {
      ...{ network, needed: '9.6 GiB', available: '4.0 GiB', each: '1.2 GiB' },
      ...{ batch: 8, patch: [512, 512], largest: 3 },
    },
    {
      ...{ network, needed: '9.6 GiB', available: '4.0 GiB', each: '9.6 GiB' },
      ...{ batch: 1, patch: [4096, 4096], largest: 0 },
    },
  ],
  'data-mismatch': [
    { network, mismatch: { case: 'axes', data: 2, network: 3 } },
    { network, mismatch: { case: 'channels', data: 1, network: 3 } },
    {
      network,
      mismatch: { case: 'flat', folder: 'set', image: 'a', slice: [48, 48], input: [1, 48, 48] },
    },
    { network, mismatch: { case: 'classes', folder: 'set', data: 3, network: 2 } },
  ],
  'patience-without-validation': [{ patience: 5 }],
  'warmup-too-long': [{ warmup: 1000, epochs: 3, stepsPerEpoch: 25 }],
  'labels-missing': [
    { part: 'training', images: { names: ['a', 'b'], count: 2 }, isValidated: true },
    { part: 'training', images: { names: ['a', 'b', 'c'], count: 12 }, isValidated: false },
    { part: 'validation', images: { names: ['d'], count: 1 }, isValidated: true },
  ],
  'group-pattern': [
    { pattern: '{group}_{group}', problem: { case: 'places' } },
    { pattern: 'p1', problem: { case: 'captures', count: 0 } },
    { pattern: '(p)(1)', problem: { case: 'captures', count: 2 } },
    { pattern: '(', problem: { case: 'expression', reason: 'Unterminated group' } },
  ],
  'group-unmatched': [
    { pattern: '{group}_*', images: { names: ['a'], count: 1 }, total: 9 },
    { pattern: '{group}_*', images: { names: ['a', 'b', 'c'], count: 7 }, total: 9 },
  ],
  'single-group': [{ group: 'p1', samples: 9 }],
  'group-divided': [
    { groups: [{ group: 'p1', training: ['p1_a', 'p1_b'], validation: ['p1_c'] }] },
    {
      groups: Array.from({ length: 7 }, (_, i) => ({
        ...{ group: `p${i}`, training: [`p${i}_a`], validation: [`p${i}_b`] },
      })),
    },
  ],
  'fold-number': [{ index: 6, count: 5 }],
  'fold-count': [
    { count: 5, available: 1, of: 'groups' },
    { count: 5, available: 3, of: 'files' },
    { count: 5, available: 4, of: 'pages' },
  ],
  'batch-shape': [
    { what: 'images', wanted: [2, 1, 8, 8], found: [1, 1, 8, 8] },
    { what: 'weights', wanted: [2, 1, 8, 8], found: 3 },
  ],
  'training-diverged': [
    {
      overflow: { case: 'loss', value: Number.POSITIVE_INFINITY, images: ['a', 'b'] },
      at: { step: 26, epoch: 2 },
      kept: { step: 25, epoch: 1, folder },
      cause: { case: 'rate', rate: 0.1 },
    },
    {
      overflow: { case: 'weights' },
      at: { step: 26, epoch: 2 },
      kept: undefined,
      cause: { case: 'intensities', image: 'b', most: 2e38 },
    },
    {
      overflow: { case: 'validation-loss', value: Number.POSITIVE_INFINITY },
      at: { step: 25, epoch: 1 },
      kept: undefined,
      cause: { case: 'rate', rate: 0.1 },
    },
  ],
  'spec-text-missing': [{}],
  'model-not-exported': [{ network, problems: ['the operator has no form', 'the opset is too old'] }],
  'run-folder-occupied': [{ folder }],
  'run-finished': [{ folder, epochs: 2 }],
  'run-shorter': [
    {
      folder,
      before: { epochs: 2, patience: undefined },
      now: { epochs: 4, patience: undefined },
    },
    { folder, before: { epochs: 40, patience: 3 }, now: { epochs: 40, patience: 9 } },
  ],
  'checkpoint-missing': [{ folder }],
  'run-not-finished': [
    { folder, weights: `${folder}/best.safetensors` },
    { folder, weights: undefined },
  ],
  'run-unfinished': [{ folder }],
  'run-different': [
    {
      folder,
      differences: [
        { part: 'spec', change: { case: 'network', before: 'A', now: 'B' } },
        { part: 'recipe', change: { key: 'epochs', values: { before: '3', now: '5' } } },
        { part: 'data', change: { case: 'count', before: 6, now: 2 } },
      ],
    },
    {
      folder,
      differences: [
        {
          part: 'spec',
          change: {
            ...{ case: 'line', file: 'cells.unet', line: 5 },
            ...{ before: 'channels = 4', now: 'channels = 5' },
          },
        },
        { part: 'recipe', change: { key: 'augment' } },
      ],
    },
    {
      folder,
      differences: [
        {
          part: 'spec',
          change: { case: 'line', file: 'cells.unet', line: 9, before: '}', now: undefined },
        },
        { part: 'data', change: { case: 'image', before: 'b', now: 'c' } },
      ],
    },
    { folder, differences: [{ part: 'data', change: { case: 'content', image: 'b' } }] },
    {
      folder,
      differences: [
        { part: 'data', change: { case: 'setting', key: 'classes', values: { before: '2', now: '3' } } },
      ],
    },
    { folder, differences: [{ part: 'data', change: { case: 'setting', key: 'validation' } }] },
    {
      folder,
      differences: [
        { part: 'spec', change: undefined },
        { part: 'recipe', change: undefined },
        { part: 'data', change: undefined },
      ],
    },
  ],
  'run-in-use': [
    {
      ...{ folder, lock: 'runs/cells/lock' },
      owner: { case: 'other-machine', pid: 7, host: 'elsewhere', since: '2026-01-01T10:00:00.000Z' },
    },
    {
      ...{ folder, lock: 'runs/cells/lock' },
      owner: { case: 'this-machine', pid: 7, since: '2026-01-01T10:00:00.000Z', isCertain: true },
    },
    {
      ...{ folder, lock: 'runs/cells/lock' },
      owner: { case: 'this-machine', pid: 7, since: '2026-01-01T10:00:00.000Z', isCertain: false },
    },
    { folder, lock: 'runs/cells/lock', owner: { case: 'several' } },
  ],
  'run-changed': [{ folder }],
  'run-missing': [{ folder }],
  'run-format': [{ folder, format: 9, known: 1 }],
  'run-damaged': [
    {
      path: 'runs/cells/run.json',
      damage: { case: 'not-json', reason: 'Unexpected end of JSON input' },
    },
    ...(['not-an-object', 'no-description', 'no-hashes', 'rows', 'data'] as const).map((kind) => ({
      path: 'runs/cells/run.json',
      damage: { case: kind },
    })),
  ],
  'checkpoint-damaged': [
    {
      checkpoints: [
        { path, damage: { case: 'unreadable', reason: 'it is a folder' } },
        { path: 'runs/cells/checkpoint.previous.safetensors', damage: { case: 'empty' } },
      ],
    },
    ...(
      [
        'no-progress',
        'progress-not-json',
        'progress-incomplete',
        'no-losses',
        'best-epoch',
        'metrics',
        'hash',
      ] as const
    ).map((kind) => ({ checkpoints: [{ path, damage: { case: kind } }] })),
    { checkpoints: [{ path, damage: { case: 'epochs', rows: 0, epochs: 1 } }] },
    { checkpoints: [{ path, damage: { case: 'size', bytes: 1001, expected: 1000 } }] },
  ],
  'checkpoint-mismatch': [
    { path, mismatch: { case: 'format', format: 2, known: 1 } },
    { path, mismatch: { case: 'settings' } },
    { path, mismatch: { case: 'missing-tensor', tensor: 'optimizer/b', more: 0 } },
    { path, mismatch: { case: 'extra-tensor', tensor: 'parameter/w', more: 4 } },
    {
      path,
      mismatch: {
        case: 'tensor-shape',
        ...{ tensor: 'parameter/w', shape: [2, 3], wanted: [3, 2], more: 0 },
      },
    },
  ],
};
