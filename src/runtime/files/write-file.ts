import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
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
  /** Called when all chunks are made: what takes the place of the first bytes, of the same length. */
  readonly start?: () => Uint8Array;
}

/** A folder to write, with the paths of its files inside of it. It takes the place of an older folder as a whole. */
export interface FolderContent {
  readonly path: string;
  readonly files: Iterable<{ readonly name: string; readonly chunks: Iterable<Uint8Array> }>;
  /** An older folder is replaced only if it is empty or has one of these files. */
  readonly marks: readonly string[];
}

export type OutputContent = FileContent | FolderContent;

/** Small chunks are gathered up to this size; larger ones are written without a copy. */
const GATHER = 1 << 20;
/** Below 2 GB, which one write call accepts on every system. */
const LARGEST_WRITE = 1 << 30;

/** Writes at `position`, or after what was written before. */
function writeAll(descriptor: number, bytes: Uint8Array, position?: number): void {
  let offset = 0;
  while (offset < bytes.length) {
    const length = Math.min(bytes.length - offset, LARGEST_WRITE);
    offset += writeSync(
      descriptor,
      bytes,
      offset,
      length,
      position === undefined ? undefined : position + offset,
    );
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

/** What a pipe takes: it has no place to come back to. */
function inOneGo({ chunks, start }: FileContent): Iterable<Uint8Array> {
  if (start === undefined) return chunks;
  const bytes = Buffer.concat([...chunks]);
  bytes.set(start());
  return [bytes];
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

/** Not derived from the file's name, which may already have the greatest length. */
function temporaryName(folder: string): string {
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString('hex');
  return join(folder, `.unet-${process.pid}-${random}.tmp`);
}

/** Writes the bytes beside the target, or directly into a device or a pipe. */
function writePending(file: FileContent, overwrite: boolean, pending: Pending[]): Failure | undefined {
  const { path, chunks, start } = file;
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
  const temporary = temporaryName(folder);
  const descriptor = special ? openSync(target, 'w') : openSync(temporary, 'wx');
  if (!special) pending.push({ path, target, temporary });
  try {
    writeChunks(descriptor, special ? inOneGo(file) : chunks);
    if (!special && start) writeAll(descriptor, start(), 0);
    // Without fsync, a power cut after the rename could leave an empty file under the new name.
    if (!special) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (stats !== undefined && !special) chmodSync(temporary, stats.mode & 0o7777);
  return undefined;
}

/** Writes the files of a folder into a new one beside the target. */
function writePendingFolder(
  { path, files, marks }: FolderContent,
  overwrite: boolean,
  pending: Pending[],
): Failure | undefined {
  const stats = existing(path);
  if (stats !== undefined && !stats.isDirectory())
    return failure('file-unwritable', { path, cause: 'ENOTDIR' });
  const held = stats === undefined ? [] : readdirSync(path);
  if (held.length > 0 && !(overwrite && held.some((name) => marks.includes(name)))) {
    return failure('file-unwritable', { path, cause: 'EEXIST' });
  }
  const target = stats === undefined ? path.replace(/[\\/]+$/, '') : realpathSync(path);
  const noFolder = makeFolder(dirname(target), path);
  if (noFolder) return noFolder;
  const temporary = temporaryName(dirname(target));
  pending.push({ path, target, temporary });
  const made = new Set<string>();
  for (const { name, chunks } of files) {
    const file = join(temporary, name);
    const folder = dirname(file);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    const descriptor = openSync(file, 'wx');
    try {
      writeChunks(descriptor, chunks);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
  return undefined;
}

/** Gives what was written its name. An older folder is moved away before, and deleted after. */
function takePlace({ target, temporary }: Pending): void {
  if (!statSync(temporary).isDirectory() || !existing(target)) {
    renameSync(temporary, target);
    return;
  }
  const older = temporaryName(dirname(target));
  renameSync(target, older);
  try {
    renameSync(temporary, target);
  } catch (error) {
    renameSync(older, target);
    throw error;
  }
  rmSync(older, { recursive: true, force: true });
}

/**
 * Writes several files, or folders of files, as one set. Each file is written under a temporary name in its folder, which is created. The files
 * receive their names only when every byte of the set is on the disk. On a failure, the temporary files are removed, and
 * older files remain. Only a failed rename after a successful one leaves a part of the set.
 *
 * The chunks are taken file by file, in order. Devices and pipes (/dev/stdout) are written directly.
 */
export function writeFilesAtomically(
  files: Iterable<OutputContent>,
  options: WriteOptions = {},
): Failure | undefined {
  const pending: Pending[] = [];
  let path = '';
  let done = 0;
  try {
    for (const file of files) {
      path = file.path;
      const overwrite = options.overwrite ?? true;
      const failed =
        'files' in file
          ? writePendingFolder(file, overwrite, pending)
          : writePending(file, overwrite, pending);
      if (failed) return failed;
    }
    for (const file of pending) {
      path = file.path;
      takePlace(file);
      done++;
    }
    return undefined;
  } catch (error) {
    return fileFailure('write', path, error);
  } finally {
    for (const { temporary } of pending.slice(done)) rmSync(temporary, { recursive: true, force: true });
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
