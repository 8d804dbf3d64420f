import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CheckpointDamage,
  type CheckpointMismatch,
  checkpointDamageText,
} from '../../diagnostics/codes/training/checkpoints.js';
import { problemText } from '../../diagnostics/codes/weights/weights.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { OpenFiles } from '../../runtime/files/open-files.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import { allocate, elementCount, shapeText } from '../../runtime/tensor.js';
import { listSafetensors } from '../../weights/formats/safetensors-header.js';
import { writeTensors } from '../../weights/formats/safetensors-write.js';
import { isObject } from '../../weights/json-text.js';
import { littleEndianBytes } from '../../weights/little-endian.js';
import type { RandomAccess } from '../../weights/random-access.js';
import type { StoredTensor } from '../../weights/tensor-listing.js';
import {
  type BestEpoch,
  type EpochRow,
  nonFiniteAsText,
  orderedRow,
  readBestEpoch,
  readEpochRow,
} from '../report/run-folder-epochs.js';

/** A parameter, or a tensor that the optimizer keeps for one. */
export interface TensorDescription {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface CheckpointTensor extends TensorDescription {
  /** Row-major: elementCount(shape) numbers. */
  readonly data: Float32Array;
}

/** How far a training is. */
export interface CheckpointProgress {
  /** Finished epochs. */
  readonly epoch: number;
  /** Finished steps. */
  readonly step: number;
  /** The sum of the losses of the unfinished epoch. */
  readonly lossSum: number;
  readonly best: BestEpoch | undefined;
  /** A hash of everything that must stay the same for the run to continue: spec, recipe, data. */
  readonly settings: string;
  /** One row per finished epoch. */
  readonly epochs: readonly EpochRow[];
}

/** Everything that a run needs to continue as if it had never stopped. */
export interface Checkpoint {
  readonly parameters: readonly CheckpointTensor[];
  readonly state: readonly CheckpointTensor[];
  readonly progress: CheckpointProgress;
}

/** What a checkpoint must contain to be used. */
export interface ExpectedCheckpoint {
  readonly parameters: readonly TensorDescription[];
  readonly state: readonly TensorDescription[];
  /** The hash of the settings. */
  readonly settings: string;
  /** Hashes of the settings that the same run had before; none when left out. */
  readonly earlier?: readonly string[];
}

export interface CheckpointReading {
  readonly checkpoint: Checkpoint;
  /** Sentences: how the last checkpoint is damaged, and that the one before was read. */
  readonly notes: readonly string[];
}

export const CHECKPOINT = 'checkpoint.safetensors';
export const PREVIOUS_CHECKPOINT = 'checkpoint.previous.safetensors';
/** The name of a new checkpoint until it is complete. */
const NEXT_CHECKPOINT = 'checkpoint.next.safetensors';

const FORMAT = 1;
const keys = { progress: 'unet.checkpoint', hash: 'unet.sha256' } as const;
/** Prefixes of the names in the file: a parameter and a state tensor may have the same name. */
const prefixes = { parameters: 'parameter/', state: 'optimizer/' } as const;

/** The tensors with their names in the file. */
function namedTensors<T extends TensorDescription>(parts: {
  readonly parameters: readonly T[];
  readonly state: readonly T[];
}): (readonly [string, T])[] {
  return (['parameters', 'state'] as const).flatMap((part) =>
    parts[part].map((tensor) => [prefixes[part] + tensor.name, tensor] as const),
  );
}

/** The beginning of a checkpoint's hash: everything except the numbers of the tensors. */
function startHash(progress: string, tensors: readonly (readonly [string, TensorDescription])[]): Hash {
  const shapes = tensors.map(([name, { shape }]) => [name, shape]);
  return createHash('sha256').update(JSON.stringify([progress, shapes]));
}

/**
 * Writes `checkpoint.safetensors` into a folder: tensors as F32, and in the header's metadata the progress as JSON and a hash
 * of everything. The new file is complete on the disk before the old one becomes `checkpoint.previous.safetensors`, so at
 * least one of the two is whole at any time. After a failure, both are as before.
 */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): Failure | undefined {
  const { epoch, step, lossSum, settings, best = null, epochs } = checkpoint.progress;
  const text = { format: FORMAT, epoch, step, lossSum, settings, best, epochs: epochs.map(orderedRow) };
  const progress = JSON.stringify(text, nonFiniteAsText);
  const tensors = namedTensors(checkpoint);
  const hash = startHash(progress, tensors);
  for (const [name, { shape, data }] of tensors) {
    if (data.length !== elementCount(shape)) {
      throw new Error(`${name} of shape ${shapeText(shape)} has ${data.length} values`);
    }
    hash.update(littleEndianBytes(data));
  }
  const file = writeTensors(
    tensors.map(([name, { shape, data }]) => ({ name, shape, chunks: () => [data] })),
    { [keys.progress]: progress, [keys.hash]: hash.digest('hex') },
  );
  const [next, current] = [join(folder, NEXT_CHECKPOINT), join(folder, CHECKPOINT)];
  const failed = writeFileAtomically(next, file.chunks);
  if (failed !== undefined) return failed;
  try {
    if (statSync(current, { throwIfNoEntry: false })) renameSync(current, join(folder, PREVIOUS_CHECKPOINT));
    renameSync(next, current);
  } catch (error) {
    return fileFailure('write', current, error);
  }
  syncFolder(folder);
  return undefined;
}

/** Writes the names to the disk, too. Some systems cannot do this on request; they write them anyway, or later. */
function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch {
    // The files themselves are complete, under one name or the other.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Why a file cannot be used. */
type Unusable = { readonly damage: CheckpointDamage } | { readonly mismatch: CheckpointMismatch };

const damaged = (damage: CheckpointDamage): Unusable => ({ damage });
const foreign = (mismatch: CheckpointMismatch): Unusable => ({ mismatch });

/** The progress from its JSON text. */
function readProgress(text: string): CheckpointProgress | Unusable {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return damaged({ case: 'progress-not-json' });
  }
  const { format, epoch, step, lossSum, settings, best, epochs }: Record<string, unknown> = isObject(json)
    ? { ...json }
    : {};
  if (typeof format === 'number' && format !== FORMAT) {
    return foreign({ case: 'format', format, known: FORMAT });
  }
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (!isCount(epoch) || !isCount(step) || typeof settings !== 'string' || !Array.isArray(epochs)) {
    return damaged({ case: 'progress-incomplete' });
  }
  if (typeof lossSum !== 'number') return damaged({ case: 'no-losses' });
  const bestEpoch = best === null ? undefined : readBestEpoch(best);
  if (best !== null && !bestEpoch) return damaged({ case: 'best-epoch' });
  const rows = epochs.map(readEpochRow).filter((row) => row !== undefined);
  if (rows.length !== epochs.length) return damaged({ case: 'metrics' });
  if (rows.length !== epoch || rows.some((row, i) => row.epoch !== i + 1)) {
    return damaged({ case: 'epochs', rows: rows.length, epochs: epoch });
  }
  return { epoch, step, lossSum, settings, best: bestEpoch, epochs: rows };
}

type TensorMismatch = Extract<CheckpointMismatch, { readonly more: number }>;

/** The first tensor that the file lacks, has in another shape, or should not have, and how many more there are. */
function mismatch(
  expected: readonly (readonly [string, TensorDescription])[],
  found: ReadonlyMap<string, StoredTensor>,
): CheckpointMismatch | undefined {
  const names = new Set(expected.map(([name]) => name));
  const all: TensorMismatch[] = expected.flatMap(([name, { shape: wanted }]): TensorMismatch[] => {
    const shape = found.get(name)?.shape;
    if (!shape) return [{ case: 'missing-tensor', tensor: name, more: 0 }];
    if (shapeText(shape) === shapeText(wanted)) return [];
    return [{ case: 'tensor-shape', tensor: name, shape, wanted, more: 0 }];
  });
  for (const tensor of found.keys()) {
    if (!names.has(tensor)) all.push({ case: 'extra-tensor', tensor, more: 0 });
  }
  const [first] = all;
  return first && { ...first, more: all.length - 1 };
}

/** The size of a file that could be listed: its header and its data. */
function sizeOf(file: RandomAccess, tensors: readonly StoredTensor[]): number {
  const head = file.read(0, 8);
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  return tensors.reduce((size, { shape }) => size + 4 * elementCount(shape), 8 + Number(length));
}

function readOpen(file: RandomAccess, expected: ExpectedCheckpoint): Checkpoint | Unusable | Failure {
  if (file.size === 0) return damaged({ case: 'empty' });
  const { tensors, problems, metadata } = listSafetensors(file);
  const [problem] = problems;
  if (problem) return damaged({ case: 'unreadable', reason: problemText(problem) });
  const { [keys.progress]: text, [keys.hash]: written } = metadata;
  if (text === undefined || written === undefined) return damaged({ case: 'no-progress' });
  const progress = readProgress(text);
  if (!('epochs' in progress)) return progress;
  const size = sizeOf(file, tensors);
  if (file.size !== size) return damaged({ case: 'size', bytes: file.size, expected: size });
  const hash = createHash('sha256').update(
    JSON.stringify([text, tensors.map(({ name, shape }) => [name, shape])]),
  );
  const data = new Map<string, Float32Array>();
  for (const { name, shape, chunks } of tensors) {
    const values = allocate(elementCount(shape), { tensor: name });
    if (values instanceof Failure) return values;
    let filled = 0;
    for (const chunk of chunks()) {
      values.set(chunk, filled);
      filled += chunk.length;
    }
    hash.update(littleEndianBytes(values));
    data.set(name, values);
  }
  if (hash.digest('hex') !== written) return damaged({ case: 'hash' });
  if (![expected.settings, ...(expected.earlier ?? [])].includes(progress.settings))
    return foreign({ case: 'settings' });
  const other = mismatch(namedTensors(expected), new Map(tensors.map((tensor) => [tensor.name, tensor])));
  if (other !== undefined) return foreign(other);
  const part = (key: keyof typeof prefixes) =>
    expected[key].map(({ name, shape }) => ({
      ...{ name, shape },
      // It exists, or the tensor would be a mismatch.
      data: data.get(prefixes[key] + name) as Float32Array,
    }));
  return { parameters: part('parameters'), state: part('state'), progress };
}

function readOne(path: string, expected: ExpectedCheckpoint): Checkpoint | Unusable | Failure {
  const files = new OpenFiles();
  try {
    const file = files.access(path);
    return file instanceof Failure
      ? damaged({ case: 'unreadable', reason: file.message })
      : readOpen(file, expected);
  } catch (error) {
    return damaged({ case: 'unreadable', reason: fileFailure('read', path, error).message });
  } finally {
    files.close();
  }
}

/**
 * Reads the checkpoint of a folder; if it is damaged or missing, reads the one before, with a note. Undefined if the folder
 * has none. Everything is checked: sizes, names, shapes, the progress, and the hash of all bytes.
 */
export function readCheckpoint(
  folder: string,
  expected: ExpectedCheckpoint,
): CheckpointReading | Failure | undefined {
  const paths = [CHECKPOINT, PREVIOUS_CHECKPOINT].map((name) => join(folder, name));
  let existing: string[];
  try {
    existing = paths.filter((path) => statSync(path, { throwIfNoEntry: false }));
  } catch (error) {
    return fileFailure('read', folder, error);
  }
  if (existing.length === 0) return undefined;
  const [newest = ''] = paths;
  const unusable: { readonly path: string; readonly damage: CheckpointDamage }[] = [];
  for (const path of existing) {
    const read = readOne(path, expected);
    if (read instanceof Failure) return read;
    if ('mismatch' in read) return failure('checkpoint-mismatch', { path, mismatch: read.mismatch });
    if ('damage' in read) {
      unusable.push({ path, damage: read.damage });
      continue;
    }
    if (path === newest) return { checkpoint: read, notes: [] };
    const [damaged] = unusable;
    const why = damaged
      ? `${damaged.path} cannot be used: ${checkpointDamageText(damaged.damage)}`
      : `${newest} is missing`;
    const from = `training continues from ${path}, after epoch ${read.progress.epoch}`;
    return { checkpoint: read, notes: [why, from] };
  }
  return failure('checkpoint-damaged', { checkpoints: unusable });
}
