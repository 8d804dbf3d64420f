import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure, failure } from '../../diagnostics/failure.js';
import { ByteSource } from '../source.js';

/** Paths beside a header, from "slice%03d.raw" and the first, last and step of its number. */
export function numberedFiles(pattern: string, from: number, to: number, step: number): string[] {
  const field = /%(0?)(\d*)d/.exec(pattern);
  const count = Math.floor((to - from) / step) + 1;
  if (field === null || !(count >= 1 && count <= 1 << 20)) return [];
  return Array.from({ length: count }, (_, i) => {
    const number = String(from + i * step).padStart(Number(field[2] || 0), field[1] === '0' ? '0' : ' ');
    return pattern.replace(field[0], number);
  });
}

/** The files that a detached header names, and how many bytes they have. */
export function findDataFiles(
  header: string,
  names: readonly string[],
): { readonly paths: readonly string[]; readonly size: number } | Failure {
  let size = 0;
  const paths: string[] = [];
  for (const name of names) {
    const path = resolve(dirname(header), name);
    if (!existsSync(path)) return failure('data-file-missing', { path: header, data: name });
    size += statSync(path).size;
    paths.push(path);
  }
  return { paths, size };
}

/** `perFile` bytes of each file, one after the other: from `skip` on, or the last ones where it is -1. */
export async function readDataFiles(
  paths: readonly string[],
  skip: number,
  perFile: number,
): Promise<Uint8Array | Failure> {
  const bytes = new Uint8Array(paths.length * perFile);
  let filled = 0;
  for (const [i, path] of paths.entries()) {
    const part = await ByteSource.open(path, async (source) =>
      source.read(skip === -1 ? Math.max(0, source.size - perFile) : skip, perFile),
    );
    if (part instanceof Failure) return part;
    bytes.set(part, i * perFile);
    filled += part.length;
  }
  return bytes.subarray(0, filled);
}

/** All bytes of one file. */
export function readWhole(path: string): Promise<Uint8Array | Failure> {
  return ByteSource.open(path, async (source) => source.readAll());
}

/** Bytes of a file, counted from `start` on. The file is opened each time. */
export function bytesOfFile(
  path: string,
  start: number,
): (offset: number, length: number) => Promise<Uint8Array | Failure> {
  return (offset, length) => ByteSource.open(path, async (source) => source.read(start + offset, length));
}
