import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, fileFailure } from '../../diagnostics/failure.js';
import type { Sample } from './sample.js';

/** What is read at once. It is one for all files, since making it takes longer than to read a small file. */
let chunk: Uint8Array | undefined;

/** Loaded when it is needed: it takes a tenth of the time in which a command starts. */
const createHash: typeof import('node:crypto').createHash = (...args) =>
  process.getBuiltinModule('node:crypto').createHash(...args);

/** The SHA-256 of a file's bytes, as hexadecimal text; of a folder, that of the names and hashes of all in it. */
export function contentHash(path: string): string | Failure {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return fileHash(path);
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

/** The hashes of the files of each sample, by its name: of its images, its masks and its map of instances. */
export function sampleHashes(samples: readonly Sample[]): ReadonlyMap<string, readonly string[]> | Failure {
  // The pages of a file are separate samples.
  const known = new Map<string, string>();
  const hashes = new Map<string, readonly string[]>();
  for (const { name, images, mask, classFiles, instances } of samples) {
    const own: string[] = [];
    const masks = classFiles.length === 0 ? [mask] : classFiles.map(({ path }) => path);
    for (const path of [...images, ...masks, ...(instances === undefined ? [] : [instances])]) {
      const hash = known.get(path) ?? contentHash(path);
      if (hash instanceof Failure) return hash;
      known.set(path, hash);
      own.push(hash);
    }
    hashes.set(name, own);
  }
  return hashes;
}
