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
import { Failure, fileFailure } from '../../diagnostics/failure.js';
import { makeFolder } from '../../runtime/files/folders.js';
import { isObject } from '../../weights/json-text.js';
import { processMark } from './process-mark.js';

/** The folder in a run's folder that is there while a process trains into it. */
export const LOCK = 'lock';
const OWNER = 'owner.json';

/** Whoever loses this often against others that come and go leaves it to them. */
const ATTEMPTS = 20;

/** The process that a lock is of. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** See processMark; null where the system does not say it. */
  readonly start: string | null;
  readonly date: string;
}

/** A run's folder that no other process trains into. */
export interface RunLock {
  /** Leaves the folder to others; one that the lock made, and that is still empty, is taken away again. */
  readonly release: () => void;
}

/** Why a folder cannot be trained into now: another process does. */
export function runFolderInUse(folder: string): Failure | undefined {
  const owner = ownerOf(join(folder, LOCK));
  return owner && inUse(folder, owner);
}

/** Takes away the lock of a process that is gone, from a folder where nothing is to be trained any more. */
export function clearStaleLock(folder: string): void {
  const lock = join(folder, LOCK);
  if (!existsSync(lock)) return;
  const owner = ownerOf(lock);
  if (!owner || !inUse(folder, owner)) removeStale(folder, lock, owner);
}

/**
 * Keeps other processes out of a run's folder until it is released; a process that is killed keeps nobody out. The lock is a
 * folder that appears with all that is in it, by a rename, which fails where there is one already. It names its process
 * and when that was started, so that a later one with the same number is not taken for it.
 */
export function lockRunFolder(folder: string): RunLock | Failure {
  const wasThere = existsSync(folder);
  const failure = makeFolder(folder);
  if (failure) return failure;
  const start = processMark(process.pid) ?? null;
  const owner: Owner = { pid: process.pid, host: hostname(), start, date: new Date().toISOString() };
  const lock = join(folder, LOCK);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const busy = runFolderInUse(folder);
    if (busy) return busy;
    const taken = take(folder, lock, owner);
    if (taken instanceof Failure) return taken;
    if (taken) return held(folder, lock, wasThere);
    const found = ownerOf(lock);
    if (!found || !inUse(folder, found)) removeStale(folder, lock, found);
  }
  return new Failure(`${folder} is in use: other processes begin to train there all the time`);
}

/** Whether the lock is this process's now. */
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
    // There is one, or the one who has it tidied up what is temporary.
    if (existsSync(lock)) return false;
    return fileFailure('write', folder, error);
  } finally {
    remove(made);
  }
}

function held(folder: string, lock: string, wasThere: boolean): RunLock {
  const release = () => {
    process.off('exit', release);
    const away = temporary(folder);
    try {
      renameSync(lock, away);
      remove(away);
      if (!wasThere) rmdirSync(folder);
    } catch {
      // The folder is not empty, as it should be, or is gone; a lock that stays is that of a process that is gone.
    }
  };
  process.on('exit', release);
  return { release };
}

/** Takes away the lock of a process that is gone, unless another process has just done so and has its own there. */
function removeStale(folder: string, lock: string, stale: Owner | undefined): void {
  const away = temporary(folder);
  try {
    renameSync(lock, away);
    if (JSON.stringify(ownerOf(away)) === JSON.stringify(stale)) remove(away);
    else renameSync(away, lock);
  } catch {
    // Another process was faster: the next attempt sees what it left.
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // What is temporary is taken away when a run begins.
  }
}

function temporary(folder: string): string {
  return join(folder, `.unet-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

/** Who a lock says it is of; undefined where there is none, or it is not as it is written. */
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

/** Nothing where the process is gone. Those of another machine cannot be looked at: a person has to say it. */
function inUse(folder: string, { pid, host, start, date }: Owner): Failure | undefined {
  const byHand = `remove ${join(folder, LOCK)}`;
  if (host !== hostname()) {
    return new Failure(
      `${folder} is in use: process ${pid} of the machine ${host} trains there since ${date}; if it is gone, ${byHand}`,
    );
  }
  const mark = processMark(pid);
  if (mark === 'gone' || (mark !== undefined && start !== null && mark !== start)) return undefined;
  const unsure =
    mark === undefined || start === null ? `; if that process is another program, ${byHand}` : '';
  return new Failure(
    `${folder} is in use: process ${pid} trains there since ${date}${unsure || '; wait for it, or take another folder'}`,
  );
}
