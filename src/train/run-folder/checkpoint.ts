import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, fileFailure } from '../../diagnostics/failure.js';
import { OpenFiles } from '../../runtime/files/open-files.js';
import { writeFileAtomically } from '../../runtime/files/write-file.js';
import { allocate, elementCount, shapeText } from '../../runtime/tensor.js';
import { listSafetensors } from '../../weights/formats/safetensors-header.js';
import { writeTensors } from '../../weights/formats/safetensors-write.js';
import { isObject } from '../../weights/json-text.js';
import { littleEndianBytes } from '../../weights/little-endian.js';
import type { RandomAccess } from '../../weights/random-access.js';
import type { StoredTensor } from '../../weights/tensor-listing.js';
import { problemText } from '../../diagnostics/codes/weights/weights.js';
import {
  type BestEpoch,
  type EpochRow,
  nonFiniteAsText,
  orderedRow,
  readEpochRow,
} from '../report/run-folder-epochs.js';

/** Where a tensor belongs: a parameter, or what the optimizer keeps for one. */
export interface TensorDescription {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface CheckpointTensor extends TensorDescription {
  /** Row-major, elementCount(shape) of them. */
  readonly data: Float32Array;
}

/** How far training has come. */
export interface CheckpointProgress {
  /** Epochs that are done. */
  readonly epoch: number;
  /** Steps that are done. */
  readonly step: number;
  /** The sum of the losses of the epoch that is not done yet. */
  readonly lossSum: number;
  readonly best: BestEpoch | undefined;
  /** A hash of all that must be the same to go on: spec, recipe, data. */
  readonly settings: string;
  /** A row an epoch that is done. */
  readonly epochs: readonly EpochRow[];
}

/** Everything that is needed to go on as if training had never stopped. */
export interface Checkpoint {
  readonly parameters: readonly CheckpointTensor[];
  readonly state: readonly CheckpointTensor[];
  readonly progress: CheckpointProgress;
}

/** What a checkpoint must hold to be of use here. */
export interface ExpectedCheckpoint {
  readonly parameters: readonly TensorDescription[];
  readonly state: readonly TensorDescription[];
  readonly settings: string;
}

export interface CheckpointReading {
  readonly checkpoint: Checkpoint;
  /** Sentences: that the last checkpoint is damaged, how, and that the one before was read. */
  readonly notes: readonly string[];
}

export const CHECKPOINT = 'checkpoint.safetensors';
export const PREVIOUS_CHECKPOINT = 'checkpoint.previous.safetensors';
/** The name of a checkpoint that is complete and does not have its place yet. */
const NEXT_CHECKPOINT = 'checkpoint.next.safetensors';

const FORMAT = 1;
const keys = { progress: 'unet.checkpoint', hash: 'unet.sha256' } as const;
/** Of the names in the file: a parameter and a state tensor may be called the same. */
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

/** What a hash of a checkpoint begins with: all that is not the numbers of tensors. */
function startHash(progress: string, tensors: readonly (readonly [string, TensorDescription])[]): Hash {
  const places = tensors.map(([name, { shape }]) => [name, shape]);
  return createHash('sha256').update(JSON.stringify([progress, places]));
}

/**
 * Writes `checkpoint.safetensors` into a folder: tensors as F32, and in the header's metadata the progress as JSON
 * and a hash of everything. The new file is complete on the disk before the one that was there becomes
 * `checkpoint.previous.safetensors`, so at least one of the two is whole at any time. On a failure both stay.
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
  const failure = writeFileAtomically(next, file.chunks);
  if (failure !== undefined) return failure;
  try {
    if (statSync(current, { throwIfNoEntry: false })) renameSync(current, join(folder, PREVIOUS_CHECKPOINT));
    renameSync(next, current);
  } catch (error) {
    return fileFailure('write', current, error);
  }
  syncFolder(folder);
  return undefined;
}

/** Puts the names on the disk, too; some systems can't, and have them there anyway or later. */
function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch {
    // The files themselves are complete under one name or the other.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Why a file can't be used: because it is damaged, or because it is of another run. */
interface Unusable {
  readonly damaged: boolean;
  readonly reason: string;
}

const damaged = (reason: string): Unusable => ({ damaged: true, reason });
const foreign = (reason: string): Unusable => ({ damaged: false, reason });

function readBest(json: unknown): BestEpoch | undefined {
  if (!isObject(json)) return undefined;
  const { epoch, value }: Record<string, unknown> = { ...json };
  return typeof epoch === 'number' && typeof value === 'number' ? { epoch, value } : undefined;
}

/** The progress from its JSON text. */
function readProgress(text: string): CheckpointProgress | Unusable {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return damaged('its progress is no JSON text');
  }
  const { format, epoch, step, lossSum, settings, best, epochs }: Record<string, unknown> = isObject(json)
    ? { ...json }
    : {};
  if (typeof format === 'number' && format !== FORMAT) {
    return foreign(`its format is ${format}, but this version reads format ${FORMAT}`);
  }
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (!isCount(epoch) || !isCount(step) || typeof settings !== 'string' || !Array.isArray(epochs)) {
    return damaged('its progress lacks the epoch, the step, the settings or the metrics');
  }
  if (typeof lossSum !== 'number') return damaged('its progress lacks the losses of the epoch');
  const bestEpoch = best === null ? undefined : readBest(best);
  if (best !== null && !bestEpoch) return damaged('its best epoch is not a number and a value');
  const rows = epochs.map(readEpochRow).filter((row) => row !== undefined);
  if (rows.length !== epochs.length) return damaged('its metrics are not as they are written');
  if (rows.length !== epoch || rows.some((row, i) => row.epoch !== i + 1)) {
    return damaged(`it has metrics of ${rows.length} epochs, but ${epoch} are done`);
  }
  return { epoch, step, lossSum, settings, best: bestEpoch, epochs: rows };
}

/** What the file should hold and does not, or holds and should not: the first such tensor, and how many. */
function mismatch(
  expected: readonly (readonly [string, TensorDescription])[],
  found: ReadonlyMap<string, StoredTensor>,
): string | undefined {
  const names = new Set(expected.map(([name]) => name));
  const lines = expected.flatMap(([name, { shape }]) => {
    const tensor = found.get(name);
    if (!tensor) return [`the tensor '${name}' is not in it`];
    if (shapeText(tensor.shape) === shapeText(shape)) return [];
    return [`the tensor '${name}' is ${shapeText(tensor.shape)}, not ${shapeText(shape)}`];
  });
  for (const name of found.keys()) if (!names.has(name)) lines.push(`the tensor '${name}' has no place`);
  return lines.length < 2 ? lines[0] : `${lines[0]} (and ${lines.length - 1} more such tensors)`;
}

/** Where the header and the data of a file that could be listed end. */
function sizeOf(file: RandomAccess, tensors: readonly StoredTensor[]): number {
  const head = file.read(0, 8);
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  return tensors.reduce((size, { shape }) => size + 4 * elementCount(shape), 8 + Number(length));
}

function readOpen(file: RandomAccess, expected: ExpectedCheckpoint): Checkpoint | Unusable {
  if (file.size === 0) return damaged('it is empty');
  const { tensors, problems, metadata } = listSafetensors(file);
  const [problem] = problems;
  if (problem) return damaged(problemText(problem));
  const { [keys.progress]: text, [keys.hash]: written } = metadata;
  if (text === undefined || written === undefined) return damaged('it holds weights, but no progress');
  const progress = readProgress(text);
  if ('reason' in progress) return progress;
  const size = sizeOf(file, tensors);
  if (file.size !== size) return damaged(`it has ${file.size} bytes instead of ${size}`);
  const hash = createHash('sha256').update(
    JSON.stringify([text, tensors.map(({ name, shape }) => [name, shape])]),
  );
  const data = new Map<string, Float32Array>();
  for (const { name, shape, chunks } of tensors) {
    const values = allocate(elementCount(shape), `the tensor '${name}'`);
    if (values instanceof Failure) return foreign(values.message);
    let filled = 0;
    for (const chunk of chunks()) {
      values.set(chunk, filled);
      filled += chunk.length;
    }
    hash.update(littleEndianBytes(values));
    data.set(name, values);
  }
  if (hash.digest('hex') !== written) return damaged('its content does not fit its hash');
  if (progress.settings !== expected.settings)
    return foreign('it was written with another spec, recipe or data');
  const other = mismatch(namedTensors(expected), new Map(tensors.map((tensor) => [tensor.name, tensor])));
  if (other !== undefined) return foreign(other);
  const part = (key: keyof typeof prefixes) =>
    expected[key].map(({ name, shape }) => ({
      ...{ name, shape },
      // There, or the tensor would be a mismatch.
      data: data.get(prefixes[key] + name) as Float32Array,
    }));
  return { parameters: part('parameters'), state: part('state'), progress };
}

function readOne(path: string, expected: ExpectedCheckpoint): Checkpoint | Unusable {
  const files = new OpenFiles();
  try {
    const file = files.access(path);
    return file instanceof Failure ? damaged(file.message) : readOpen(file, expected);
  } catch (error) {
    return damaged(fileFailure('read', path, error).message);
  } finally {
    files.close();
  }
}

/**
 * Reads the checkpoint of a folder, or the one before where the last is damaged or missing, with a note. Undefined
 * where the folder has none. Everything is checked: sizes, names, shapes, the progress, and the hash of all bytes.
 */
export function readCheckpoint(
  folder: string,
  expected: ExpectedCheckpoint,
): CheckpointReading | Failure | undefined {
  const notes: string[] = [];
  const paths = [CHECKPOINT, PREVIOUS_CHECKPOINT].map((name) => join(folder, name));
  let there: string[];
  try {
    there = paths.filter((path) => statSync(path, { throwIfNoEntry: false }));
  } catch (error) {
    return fileFailure('read', folder, error);
  }
  for (const path of there) {
    const read = readOne(path, expected);
    if ('progress' in read) {
      if (path !== paths[0] && notes.length === 0) notes.push(`${paths[0]} is missing`);
      const from = `training goes on from ${path}, after epoch ${read.progress.epoch}`;
      return { checkpoint: read, notes: path === paths[0] ? [] : [...notes, from] };
    }
    const line = `${path} can't be used: ${read.reason}`;
    if (!read.damaged) return new Failure(line);
    notes.push(line);
  }
  if (there.length === 0) return undefined;
  const remedy = 'choose another folder, or delete what cannot be used to begin from the first step';
  return new Failure(`${notes.join('; ')}: ${remedy}`);
}
