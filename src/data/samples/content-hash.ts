import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, fileFailure } from '../../diagnostics/failure.js';
import { statOf } from '../../runtime/files/folders.js';
import type { Sample } from './sample.js';
import type { SampleMemory } from './sample-memory.js';

/** What is read at once. It is one for all files, since making it takes longer than to read a small file. */
let chunk: Uint8Array | undefined;

/** Loaded when it is needed: it takes a tenth of the time in which a command starts. */
const createHash: typeof import('node:crypto').createHash = (...args) =>
  process.getBuiltinModule('node:crypto').createHash(...args);

/** The SHA-256 of a file's bytes, as hexadecimal text; of a folder, that of the names and hashes of all in it. */
export function contentHash(path: string): string | Failure {
  if (!statOf(path)?.isDirectory()) return fileHash(path);
  try {
    const hash = createHash('sha256');
    for (const name of readdirSync(path).sort()) {
      const own = contentHash(join(path, name));
      if (own instanceof Failure) return own;
      hash.update(`${name}\0${own}\n`);
    }
    return hash.digest('hex');
  } catch (error) {
    return fileFailure('read', path, error);
  }
}

function fileHash(path: string): string | Failure {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const hash = createHash('sha256');
    chunk ??= new Uint8Array(1 << 20);
    for (;;) {
      const count = readSync(descriptor, chunk, 0, chunk.length, null);
      if (count === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, count));
    }
  } catch (error) {
    return fileFailure('read', path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * The hashes of the files of a sample: of its images, its masks and its map of instances.
 *
 * @param known the hashes by path, those that are made here too: the pages of a file are separate samples
 */
export function fileHashes(
  { images, mask, classFiles, instances }: Sample,
  known: Map<string, string>,
): readonly string[] | Failure {
  const own: string[] = [];
  const masks = classFiles.length === 0 ? [mask] : classFiles.map(({ path }) => path);
  for (const path of [...images, ...masks, ...(instances === undefined ? [] : [instances])]) {
    const hash = known.get(path) ?? contentHash(path);
    if (hash instanceof Failure) return hash;
    known.set(path, hash);
    own.push(hash);
  }
  return own;
}

/** The hashes of the files of each sample, by its name. `memory` has those that are known. */
export function sampleHashes(
  samples: readonly Sample[],
  memory?: SampleMemory,
): ReadonlyMap<string, readonly string[]> | Failure {
  const known = new Map<string, string>();
  const hashes = new Map<string, readonly string[]>();
  for (const sample of samples) {
    const own = memory?.hashesOf(sample) ?? fileHashes(sample, known);
    if (own instanceof Failure) return own;
    hashes.set(sample.name, own);
  }
  return hashes;
}
