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
  /** Whether to replace an existing file; true by default. */
  readonly overwrite?: boolean;
}

/** A file to write: its bytes in order, made while they are written. */
export interface FileContent {
  readonly path: string;
  readonly chunks: Iterable<Uint8Array>;
}

/** Small chunks are gathered up to this size; larger ones are written without a copy. */
const GATHER = 1 << 20;
/** Below 2 GB, which one write call accepts on every system. */
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

/** A file that is written under a temporary name. */
interface Pending {
  readonly path: string;
  /** The file that a symbolic link leads to; otherwise the path itself. */
  readonly target: string;
  readonly temporary: string;
}

function existing(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Writes the bytes beside the target, or directly into a device or a pipe. */
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
  // Not derived from the file's name, which may already have the greatest length.
  const temporary = join(
    folder,
    `.unet-${process.pid}-${Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString('hex')}.tmp`,
  );
  const descriptor = special ? openSync(target, 'w') : openSync(temporary, 'wx');
  if (!special) pending.push({ path, target, temporary });
  try {
    writeChunks(descriptor, chunks);
    // Without fsync, a power cut after the rename could leave an empty file under the new name.
    if (!special) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (stats !== undefined && !special) chmodSync(temporary, stats.mode & 0o7777);
  return undefined;
}

/**
 * Writes several files as one set. Each file is written under a temporary name in its folder, which is created. The files
 * receive their names only when every byte of the set is on the disk. On a failure, the temporary files are removed, and
 * older files remain. Only a failed rename after a successful one leaves a part of the set.
 *
 * The chunks are taken file by file, in order. Devices and pipes (/dev/stdout) are written directly.
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
 * Writes one file from chunks that are made while it is written, so memory stays small. The file is written under a
 * temporary name in the same folder, which is created, and then renamed. A failure leaves no trace.
 */
export function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array>,
  options: WriteOptions = {},
): Failure | undefined {
  return writeFilesAtomically([{ path, chunks }], options);
}
