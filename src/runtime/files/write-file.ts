import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { makeFolder } from './folders.js';

export interface WriteOptions {
  /** Whether a file that exists is replaced; true when left out. */
  readonly overwrite?: boolean;
}

/** A file to be written: its bytes in order, made while they are written. */
export interface FileContent {
  readonly path: string;
  readonly chunks: Iterable<Uint8Array>;
}

/** Small chunks are gathered to this size; larger ones go to the file without a copy. */
const GATHER = 1 << 20;
/** Below the 2 GB that one write call takes on every system. */
const LARGEST_WRITE = 1 << 30;

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    offset += writeSync(descriptor, bytes, offset, Math.min(bytes.length - offset, LARGEST_WRITE));
  }
}

function writeChunks(descriptor: number, chunks: Iterable<Uint8Array>): void {
  let gathered: Uint8Array | undefined;
  let filled = 0;
  for (const chunk of chunks) {
    if (gathered !== undefined && filled + chunk.length > GATHER) {
      writeAll(descriptor, gathered.subarray(0, filled));
      filled = 0;
    }
    if (chunk.length >= GATHER) {
      writeAll(descriptor, chunk);
    } else {
      gathered ??= new Uint8Array(GATHER);
      gathered.set(chunk, filled);
      filled += chunk.length;
    }
  }
  if (gathered !== undefined) writeAll(descriptor, gathered.subarray(0, filled));
}

/** Where the bytes of a file go before it gets its name. */
interface Pending {
  readonly path: string;
  /** The file behind a symbolic link; the path itself otherwise. */
  readonly target: string;
  readonly temporary: string;
}

function existing(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Writes beside the target; gives undefined for a device or a pipe, which is written at once. */
function writePending(
  { path, chunks }: FileContent,
  overwrite: boolean,
  pending: Pending[],
): Failure | undefined {
  const stats = existing(path);
  if (stats?.isDirectory()) return failure('file-unwritable', { path, cause: 'EISDIR' });
  const special = stats !== undefined && !stats.isFile();
  if (stats !== undefined && !special && !overwrite) {
    return failure('file-unwritable', { path, cause: 'EEXIST' });
  }
  const target = stats === undefined ? path : realpathSync(path);
  const folder = dirname(target);
  const noFolder = special ? undefined : makeFolder(folder, path);
  if (noFolder) return noFolder;
  // Not from the file's own name, which may be as long as names can be.
  const temporary = join(folder, `.unet-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  const descriptor = special ? openSync(target, 'w') : openSync(temporary, 'wx');
  if (!special) pending.push({ path, target, temporary });
  try {
    writeChunks(descriptor, chunks);
    // Without it a power cut after the rename could leave the new name with nothing behind it.
    if (!special) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (stats !== undefined && !special) chmodSync(temporary, stats.mode & 0o7777);
  return undefined;
}

/**
 * Writes several files as one set: all of them are written under temporary names in their folders
 * (which are created), and get their names only when every byte of every file is on the disk. On a
 * failure the temporary files are removed and what was there before stays. Only a failure of a rename
 * itself, after another one of the set succeeded, leaves a part of the set.
 *
 * The chunks are drawn file by file in order. Devices and pipes (/dev/stdout) are written directly.
 */
export function writeFilesAtomically(
  files: Iterable<FileContent>,
  options: WriteOptions = {},
): Failure | undefined {
  const pending: Pending[] = [];
  let path = '';
  let done = 0;
  try {
    for (const file of files) {
      path = file.path;
      const failed = writePending(file, options.overwrite ?? true, pending);
      if (failed) return failed;
    }
    for (const file of pending) {
      path = file.path;
      renameSync(file.temporary, file.target);
      done++;
    }
    return undefined;
  } catch (error) {
    return fileFailure('write', path, error);
  } finally {
    for (const { temporary } of pending.slice(done)) rmSync(temporary, { force: true });
  }
}

/**
 * Writes one file from chunks that are made while it is written, so that memory stays flat: under a
 * temporary name in the same folder (which is created), then renamed. On a failure no trace is left.
 */
export function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array>,
  options: WriteOptions = {},
): Failure | undefined {
  return writeFilesAtomically([{ path, chunks }], options);
}
