import { countedText, listText, shapeText } from '../wording.js';
import { error } from './definition.js';

/** Why a file cannot be read or written. Node's names of system errors, and what we see before the system does. */
export const fileCauses = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'your disk quota is used up',
  EEXIST: 'it already exists',
  EFBIG: 'the file is too large for the file system',
  EIO: 'the disk reports an input/output error',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open',
  ENOENT: 'there is no such file',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EPERM: 'permission denied',
  EPIPE: 'the program that reads it has ended',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is a program that is running',
  'no-folder': 'its folder does not exist',
  'no-root': 'there is no such drive',
  'no-new-folder': 'the file system allows no new folder there',
  'not-a-file': 'it is a pipe or a device, not a file',
} as const;

/** A cause of the list, or another code of the system: "EOVERFLOW". */
export type FileCause = keyof typeof fileCauses | `E${string}`;

export interface FileProblem {
  readonly path: string;
  readonly cause: FileCause;
}

function causeText(cause: FileCause): string {
  const known: Readonly<Record<string, string>> = fileCauses;
  return known[cause] ?? `the system reports ${cause}`;
}

/** What needs more memory than there is. */
export type MemoryNeed =
  | {
      readonly what: 'an image' | 'a volume' | 'an array' | 'an output' | 'a batch';
      readonly shape: readonly number[];
    }
  | { readonly path: string }
  | { readonly tensor: string };

function needText(need: MemoryNeed): string {
  if ('path' in need) return need.path;
  return 'tensor' in need ? `the tensor '${need.tensor}'` : `${need.what} of ${shapeText(need.shape)}`;
}

/** Files and folders that cannot be read or written. */
export const fileCodes = {
  'file-unreadable': error(
    'A file cannot be read.',
    (a: FileProblem) => `cannot read ${a.path}: ${causeText(a.cause)}`,
  ),
  'file-unwritable': error(
    'A file or folder cannot be written.',
    (a: FileProblem) => `cannot write ${a.path}: ${causeText(a.cause)}`,
    (a) =>
      a.cause === 'ENOSPC' || a.cause === 'EDQUOT' ? 'free some space, or write to another disk' : undefined,
  ),
  'file-empty': error('A file is empty.', (a: { path: string }) => `${a.path} is empty`),
  'file-exists': error(
    'The folder already contains a file that the command would write.',
    (a: { folder: string; files: readonly string[] }) =>
      `${a.folder} already contains ${listText(a.files, 'and')}; nothing was written`,
    () => 'choose another folder, or move the files away',
  ),
  'installation-incomplete': error(
    'A file of unet-lang itself is missing.',
    (a: { path: string }) => `${a.path} is missing: the installation of unet-lang is incomplete`,
    () => 'install unet-lang again',
  ),
  'folder-unwatchable': error(
    'A folder cannot be watched for changes.',
    (a: { folder: string; reason: string }) => `cannot watch ${a.folder}: ${a.reason}`,
  ),
  'no-network': error('The spec has no network.', (a: { path: string }) => `${a.path} has no network`),
  'spec-invalid': error(
    'The spec has errors, so the command cannot use it.',
    (a: { path: string; errors: number; diagnostics: readonly unknown[] }) =>
      `${a.path} does not compile: ${countedText(a.errors, 'error')}`,
  ),
  'out-of-memory': error(
    'The data need more memory than the machine has.',
    (a: { need: MemoryNeed; bytes: number }) =>
      `${needText(a.need)} takes ${(a.bytes / 1e9).toFixed(1)} GB of memory, more than there is`,
  ),
} as const;
