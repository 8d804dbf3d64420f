import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type {
  CheckpointDamage,
  CheckpointMismatch,
} from '../../src/diagnostics/codes/training/checkpoints.js';
import { Failure } from '../../src/diagnostics/failure.js';
import {
  CHECKPOINT,
  type Checkpoint,
  type CheckpointReading,
  PREVIOUS_CHECKPOINT,
  readCheckpoint,
  writeCheckpoint,
} from '../../src/train/run-folder/checkpoint.js';
import { randomNumbers } from '../metrics/random-numbers.js';
import { epochRow } from './epoch-row.js';

// The real file functions, unless a test makes one of them fail.
vi.mock('node:fs', { spy: true });

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'unet-checkpoint-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);

function example(epoch: number): Checkpoint {
  const random = randomNumbers(epoch);
  const tensor = (name: string, ...shape: number[]) => ({
    ...{ name, shape },
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5),
  });
  const epochs = Array.from({ length: epoch }, (_, i) => epochRow(i + 1));
  return {
    // "7" and a name that both lists have: the file must keep order and tell them apart.
    parameters: [tensor('w', 2, 3, 1, 2), tensor('7', 4), tensor('scalar')],
    state: [tensor('w', 2, 3, 1, 2), tensor('w/first_moment', 2, 3, 1, 2)],
    progress: {
      epoch,
      step: 10 * epoch,
      lossSum: 0.25,
      settings: 'abc',
      best: { epoch: 1, value: 0.5 },
      epochs,
    },
  };
}

const expected = {
  ...example(1),
  settings: 'abc',
};

function reading(): CheckpointReading {
  const read = readCheckpoint(folder, expected);
  if (!read || read instanceof Failure) throw new Error(read?.message ?? 'none');
  return read;
}

function failure(other: Partial<typeof expected> = {}): Failure {
  const read = readCheckpoint(folder, { ...expected, ...other });
  if (!(read instanceof Failure)) throw new Error('no failure');
  return read;
}

/** The failure of a folder with one checkpoint, which is damaged. */
const damagedBy = (damage: unknown) => ({
  code: 'checkpoint-damaged',
  args: { checkpoints: [{ path: at(CHECKPOINT), damage }] },
});

describe('a checkpoint', () => {
  test('gives back what was written, to the bit, and equal contents are equal bytes', () => {
    const written = example(2);
    written.parameters[0]?.data.set([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-45]);
    expect(writeCheckpoint(at('new/folder'), written)).toBeUndefined();
    const first = fs.readFileSync(at(`new/folder/${CHECKPOINT}`));
    const read = readCheckpoint(at('new/folder'), expected);
    expect(read).toEqual({ checkpoint: written, notes: [] });
    if (!read || read instanceof Failure) throw new Error('not read');
    expect(Object.is(read.checkpoint.parameters[0]?.data[2], -0)).toBe(true);
    // What was read writes the same file again, also after a row came with its keys in another order.
    const { progress } = read.checkpoint;
    const turned = progress.epochs.map(
      (row) => Object.fromEntries(Object.entries(row).toReversed()) as typeof row,
    );
    writeCheckpoint(folder, { ...read.checkpoint, progress: { ...progress, epochs: turned } });
    expect(fs.readFileSync(at(CHECKPOINT)).equals(first)).toBe(true);
  });

  test('losses that are NaN or infinite, and no best epoch, come back', () => {
    const checkpoint = example(1);
    const rows = [
      epochRow(1, { trainLoss: Number.NaN, validationLoss: Number.NEGATIVE_INFINITY, dice: [null, 1] }),
    ];
    const progress = { ...checkpoint.progress, best: undefined, epochs: rows };
    writeCheckpoint(folder, { ...checkpoint, progress });
    expect(reading().checkpoint.progress).toEqual(progress);
  });

  test('the file is a safetensors file', () => {
    const checkpoint = example(1);
    writeCheckpoint(folder, checkpoint);
    const bytes = fs.readFileSync(at(CHECKPOINT));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    const [start, end] = header['optimizer/w'].data_offsets;
    const data = bytes.subarray(8 + length + start, 8 + length + end);
    const values = Array.from({ length: 12 }, (_, i) => data.readFloatLE(4 * i));
    expect(values).toEqual([...(checkpoint.state[0]?.data ?? [])]);
    expect(header['optimizer/w'].shape).toEqual([2, 3, 1, 2]);
    expect(JSON.parse(header.__metadata__['unet.checkpoint']).step).toBe(10);
  });

  test('a folder without one gives neither a reading nor a failure', () => {
    expect(readCheckpoint(folder, expected)).toBeUndefined();
    expect(readCheckpoint(at('missing'), expected)).toBeUndefined();
  });

  test('a tensor whose values do not fill its shape is a bug', () => {
    const checkpoint = example(1);
    const short = { name: 'w', shape: [3], data: new Float32Array(2) };
    expect(() => writeCheckpoint(folder, { ...checkpoint, state: [short] })).toThrow('2 values');
  });
});

describe('the checkpoint before', () => {
  test('stays beside the last, and no others', () => {
    for (const epoch of [1, 2, 3]) writeCheckpoint(folder, example(epoch));
    expect(fs.readdirSync(folder).sort()).toEqual([PREVIOUS_CHECKPOINT, CHECKPOINT].sort());
    expect(reading()).toEqual({ checkpoint: example(3), notes: [] });
    fs.rmSync(at(CHECKPOINT));
    expect(reading()).toEqual({
      checkpoint: example(2),
      notes: [
        expect.stringContaining(`${at(CHECKPOINT)} is missing`),
        expect.stringMatching(/checkpoint\.previous\.safetensors, after epoch 2$/),
      ],
    });
  });

  test('damage to the last falls back, damage to both is a failure with both reasons', () => {
    writeCheckpoint(folder, example(1));
    writeCheckpoint(folder, example(2));
    fs.truncateSync(at(CHECKPOINT), 100);
    const { checkpoint, notes } = reading();
    expect(checkpoint).toEqual(example(1));
    expect(notes).toHaveLength(2);
    expect(notes[0]).toContain(at(CHECKPOINT));
    fs.writeFileSync(at(PREVIOUS_CHECKPOINT), '');
    const both = failure();
    expect(both).toMatchObject({
      code: 'checkpoint-damaged',
      args: {
        checkpoints: [
          {
            path: at(CHECKPOINT),
            damage: { case: 'unreadable', reason: expect.stringContaining('cut off') },
          },
          { path: at(PREVIOUS_CHECKPOINT), damage: { case: 'empty' } },
        ],
      },
    });
    expect(both.message).toContain(notes[0]);
    // The next checkpoint replaces both damaged files.
    expect(writeCheckpoint(folder, example(3))).toBeUndefined();
    expect(reading()).toEqual({ checkpoint: example(3), notes: [] });
  });
});

describe('damage', () => {
  /** A file of a header and data. */
  const raw = (header: unknown, data: Uint8Array) => {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, data]);
  };

  /** The checkpoint in parts, to be put together otherwise. */
  function parts() {
    writeCheckpoint(folder, example(1));
    const bytes = fs.readFileSync(at(CHECKPOINT));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    return { header, metadata: header.__metadata__, data: bytes.subarray(8 + length), bytes };
  }

  test('no byte can be another, and none can be missing or too many', () => {
    const { bytes } = parts();
    const write = (content: Uint8Array) => fs.writeFileSync(at(CHECKPOINT), content);
    for (let i = 0; i < bytes.length; i++) {
      const copy = Buffer.from(bytes);
      copy[i] = (copy[i] ?? 0) ^ (1 << (i % 8));
      write(copy);
      const read = readCheckpoint(folder, expected);
      // White space after the header's JSON is the one place where a byte says nothing.
      if (read instanceof Failure) {
        expect(read.code).toMatch(/^checkpoint-/);
        expect(read.message).not.toContain('\n');
      } else expect(read?.checkpoint).toEqual(example(1));
      if (i >= bytes.length - 4 * (12 + 4 + 1 + 24)) expect(read, `byte ${i}`).toBeInstanceOf(Failure);
    }
    for (let length = 0; length < bytes.length; length += 13) {
      write(bytes.subarray(0, length));
      const kind = length === 0 ? 'empty' : 'unreadable';
      expect(failure()).toMatchObject(damagedBy({ case: kind }));
    }
    write(Buffer.concat([bytes, Buffer.from('x')]));
    expect(failure()).toMatchObject(
      damagedBy({ case: 'size', bytes: bytes.length + 1, expected: bytes.length }),
    );
  });

  test.each<[string, (text: string) => string | undefined, CheckpointDamage]>([
    ['no progress', () => undefined, { case: 'no-progress' }],
    ['no JSON', (text) => text.slice(1), { case: 'progress-not-json' }],
    ['a list', () => '[]', { case: 'progress-incomplete' }],
    ['a negative step', (text) => text.replace('"step":10', '"step":-1'), { case: 'progress-incomplete' }],
    ['half an epoch', (text) => text.replace('"epoch":1,', '"epoch":1.5,'), { case: 'progress-incomplete' }],
    ['a best epoch of words', (text) => text.replace('"value":0.5', '"value":"x"'), { case: 'best-epoch' }],
    [
      'a metric of words',
      (text) => text.replace(/"trainLoss":[^,]+/, '"trainLoss":"x"'),
      { case: 'metrics' },
    ],
    ['a metric less', (text) => text.replace(/"meanIou":[^,]+,/, ''), { case: 'metrics' }],
    [
      'epochs lost',
      (text) => text.replace(/"epochs":.*]}/, '"epochs":[]}'),
      { case: 'epochs', rows: 0, epochs: 1 },
    ],
  ])('progress: %s', (_name, change, damage) => {
    changeProgress(change);
    expect(failure()).toMatchObject(damagedBy(damage));
  });

  test('progress of a later format is not damage', () => {
    changeProgress((text) => text.replace('"format":1', '"format":2'));
    expect(failure()).toMatchObject({
      code: 'checkpoint-mismatch',
      args: { path: at(CHECKPOINT), mismatch: { case: 'format', format: 2, known: 1 } },
    });
  });

  function changeProgress(change: (text: string) => string | undefined): void {
    const { header, metadata, data } = parts();
    const text = change(metadata['unet.checkpoint']);
    expect(text).not.toBe(metadata['unet.checkpoint']);
    const changed = { ...header, __metadata__: { ...metadata, 'unet.checkpoint': text } };
    fs.writeFileSync(at(CHECKPOINT), raw(changed, data));
  }

  test('a plain weights file, and a file of another kind', () => {
    const { header, data } = parts();
    fs.writeFileSync(at(CHECKPOINT), raw({ ...header, __metadata__: {} }, data));
    expect(failure()).toMatchObject(damagedBy({ case: 'no-progress' }));
    fs.writeFileSync(at(CHECKPOINT), 'epoch,step\n1,2\n3,4\n');
    const unreadable = (reason: string) =>
      damagedBy({ case: 'unreadable', reason: expect.stringContaining(reason) });
    expect(failure()).toMatchObject(unreadable('safetensors'));
    fs.rmSync(at(CHECKPOINT));
    fs.mkdirSync(at(CHECKPOINT));
    expect(failure()).toMatchObject(unreadable('it is a folder'));
  });
});

describe('a checkpoint of another run is not damaged, so the checkpoint before is not read', () => {
  test.each<[string, Partial<typeof expected>, CheckpointMismatch]>([
    ['settings', { settings: 'other' }, { case: 'settings' }],
    [
      'a tensor missing',
      { state: [...expected.state, { name: 'b', shape: [1], data: new Float32Array(1) }] },
      { case: 'missing-tensor', tensor: 'optimizer/b', more: 0 },
    ],
    [
      'a tensor too many',
      { state: expected.state.slice(1) },
      { case: 'extra-tensor', tensor: 'optimizer/w', more: 0 },
    ],
    [
      'another shape',
      {
        parameters: [
          { name: 'w', shape: [3, 2, 1, 2], data: new Float32Array(12) },
          ...expected.parameters.slice(1),
        ],
      },
      { case: 'tensor-shape', tensor: 'parameter/w', shape: [2, 3, 1, 2], wanted: [3, 2, 1, 2], more: 0 },
    ],
    ['nothing fits', { parameters: [], state: [] }, { case: 'extra-tensor', tensor: 'parameter/w', more: 4 }],
  ])('%s', (_name, other, mismatch) => {
    writeCheckpoint(folder, example(1));
    writeCheckpoint(folder, example(1));
    expect(failure(other)).toMatchObject({
      code: 'checkpoint-mismatch',
      args: { path: at(CHECKPOINT), mismatch },
    });
  });
});

describe('if nothing can be written', () => {
  const cannotWrite = (path: string, reason: string) => ({
    message: expect.stringMatching(new RegExp(`${path}.*${reason}`)),
  });

  test.skipIf(!fs.existsSync('/dev/full'))('a full disk leaves both as they were', () => {
    writeCheckpoint(folder, example(1));
    writeCheckpoint(folder, example(2));
    fs.symlinkSync('/dev/full', at('checkpoint.next.safetensors'));
    expect(writeCheckpoint(folder, example(3))).toMatchObject(
      cannotWrite(at('checkpoint.next.safetensors'), 'the disk is full'),
    );
    expect(reading()).toEqual({ checkpoint: example(2), notes: [] });
    fs.rmSync(at(CHECKPOINT));
    expect(reading().checkpoint).toEqual(example(1));
  });

  test('a path that is a file', () => {
    fs.writeFileSync(at('file'), '');
    expect(writeCheckpoint(at('file'), example(1))).toMatchObject(
      cannotWrite(at('file/checkpoint.next.safetensors'), 'a file, not a folder'),
    );
  });

  test('a folder without permission', () => {
    writeCheckpoint(folder, example(1));
    // Root may do everything, so the test gives the answer of the system itself.
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 });
    vi.mocked(fs.renameSync).mockImplementation(() => {
      throw denied;
    });
    expect(writeCheckpoint(folder, example(2))).toMatchObject(
      cannotWrite(at('checkpoint.next.safetensors'), 'permission denied'),
    );
    vi.mocked(fs.statSync).mockImplementation(() => {
      throw denied;
    });
    expect(failure().message).toBe(`cannot read ${folder}: permission denied`);
  });
});
