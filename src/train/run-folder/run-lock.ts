import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { RunOwner } from '../../diagnostics/codes/training/runs.js';
import { Failure, failure, fileFailure } from '../../diagnostics/failure.js';
import { makeFolder } from '../../runtime/files/folders.js';
import { isObject } from '../../weights/json-text.js';
import { processMark } from './process-mark.js';

/** The folder inside a run folder that exists while a process trains into it. */
export const LOCK = 'lock';
const OWNER = 'owner.json';

/** A process that loses this often against others that come and go gives up. */
const ATTEMPTS = 20;

/** The process that owns a lock. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** See processMark; null if the system does not give it. */
  readonly start: string | null;
  readonly date: string;
}

/** A run folder that no other process may train into. */
export interface RunLock {
  /** Frees the folder. If the lock made the folder, and it is still empty, it is removed again. */
  readonly release: () => void;
}

/** Fails if another process trains into a folder now. */
export function runFolderInUse(folder: string): Failure | undefined {
  const owner = ownerOf(join(folder, LOCK));
  return owner && inUse(folder, owner);
}

/** Removes the lock of a process that is gone. */
export function clearStaleLock(folder: string): void {
  const lock = join(folder, LOCK);
  if (!existsSync(lock)) return;
  const owner = ownerOf(lock);
  if (!owner || !inUse(folder, owner)) removeStale(folder, lock, owner);
}

/**
 * Keeps other processes out of a run folder until the lock is released. The lock of a killed process does not count. A lock is
 * a folder that appears complete, by a rename, which fails if there is one already. It names its process and the start of
 * the process, so that a later process with the same number is not taken for its owner.
 */
export function lockRunFolder(folder: string): RunLock | Failure {
  const existed = existsSync(folder);
  const failed = makeFolder(folder);
  if (failed) return failed;
  const start = processMark(process.pid) ?? null;
  const owner: Owner = { pid: process.pid, host: hostname(), start, date: new Date().toISOString() };
  const lock = join(folder, LOCK);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const busy = runFolderInUse(folder);
    if (busy) return busy;
    const taken = take(folder, lock, owner);
    if (taken instanceof Failure) return taken;
    if (taken) return held(folder, lock, existed);
    const found = ownerOf(lock);
    if (!found || !inUse(folder, found)) removeStale(folder, lock, found);
  }
  return failure('run-in-use', { folder, lock, owner: { case: 'several' } });
}

/** Whether this process has the lock now. */
function take(folder: string, lock: string, owner: Owner): boolean | Failure {
  const made = temporary(folder);
  try {
    mkdirSync(made);
    const descriptor = openSync(join(made, OWNER), 'wx');
    try {
      writeSync(descriptor, JSON.stringify(owner));
    } finally {
      closeSync(descriptor);
    }
    renameSync(made, lock);
    return true;
  } catch (error) {
    // Another process has the lock, or its owner has removed our temporary folder.
    if (existsSync(lock)) return false;
    return fileFailure('write', folder, error);
  } finally {
    remove(made);
  }
}

function held(folder: string, lock: string, existed: boolean): RunLock {
  const release = () => {
    process.off('exit', release);
    const away = temporary(folder);
    try {
      renameSync(lock, away);
      remove(away);
      if (!existed) rmdirSync(folder);
    } catch {
      // The folder contains a run, as it should, or is gone. If the lock stays, its process will be gone.
    }
  };
  process.on('exit', release);
  return { release };
}

/** Removes the lock of a process that is gone, unless another process has just replaced it by its own. */
function removeStale(folder: string, lock: string, stale: Owner | undefined): void {
  const away = temporary(folder);
  try {
    renameSync(lock, away);
    if (JSON.stringify(ownerOf(away)) === JSON.stringify(stale)) remove(away);
    else renameSync(away, lock);
  } catch {
    // Another process was faster: the next attempt sees the result.
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Temporary files are removed when a run begins.
  }
}

function temporary(folder: string): string {
  return join(folder, `.unet-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

/** The owner that a lock names; undefined if there is no lock, or if it is damaged. */
function ownerOf(lock: string): Owner | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(lock, OWNER), 'utf8'));
  } catch {
    return undefined;
  }
  const { pid, host, start, date }: Record<string, unknown> = isObject(json) ? { ...json } : {};
  if (!Number.isSafeInteger(pid) || Number(pid) < 1 || typeof host !== 'string') return undefined;
  const since = typeof date === 'string' ? date : 'an unknown time';
  return { pid: Number(pid), host, start: typeof start === 'string' ? start : null, date: since };
}

/**
 * Fails if the process is not known to be gone. Processes of another machine cannot be checked: a person has to decide.
 */
function inUse(folder: string, { pid, host, start, date: since }: Owner): Failure | undefined {
  const refuse = (owner: RunOwner) => failure('run-in-use', { folder, lock: join(folder, LOCK), owner });
  if (host !== hostname()) return refuse({ case: 'other-machine', pid, host, since });
  const mark = processMark(pid);
  if (mark === 'gone' || (mark !== undefined && start !== null && mark !== start)) return undefined;
  return refuse({ case: 'this-machine', pid, since, isCertain: mark !== undefined && start !== null });
}
