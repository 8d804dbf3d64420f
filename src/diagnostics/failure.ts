import { type CodeArguments, codes, type FailureCode } from './codes.js';

/**
 * Why something a user asked for could not be done, in one sentence that names the file or the numbers.
 * Functions return it in place of their result; they throw for our own bugs only.
 */
export class Failure {
  /** `args` are what the message was made from: tests and programs read them instead of the sentence. */
  constructor(
    readonly message: string,
    readonly code?: FailureCode,
    readonly args?: unknown,
    /** The remedy, in one sentence. */
    readonly help?: string,
  ) {}
}

/** Makes a failure; the code decides which arguments its message needs. */
export function failure<C extends FailureCode>(code: C, args: CodeArguments<C>, help?: string): Failure {
  // The table is indexed by C, so the entry takes exactly CodeArguments<C>; TypeScript can't follow that through the
  // union of all entries.
  const entry = codes[code] as {
    message: (a: CodeArguments<C>) => string;
    help: (a: CodeArguments<C>) => string | undefined;
  };
  return new Failure(entry.message(args), code, args, help ?? entry.help(args));
}

/** What the system said about a file, in words. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists already',
  EFBIG: 'the file is too large for the file system',
  EIO: 'the disk reports an input/output error',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open',
  ENOENT: 'there is no such file',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EPERM: 'permission denied',
  EPIPE: 'nobody reads it any more',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is being executed',
};

/** The system error behind a thrown value, if it is one. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('errno' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * "cannot write out/x.onnx: the disk is full". `error` is what a file function of Node threw; anything
 * else is a bug of ours and is thrown again.
 */
export function fileFailure(action: 'read' | 'write', path: string, error: unknown): Failure {
  const code = systemCode(error);
  if (code === undefined) throw error;
  const missingFolder = action === 'write' && code === 'ENOENT';
  const reason = missingFolder
    ? 'its folder does not exist'
    : (REASONS[code] ?? `the system reports ${code}`);
  return new Failure(`cannot ${action} ${path}: ${reason}`);
}

/** The first line of what a library threw, without its final full stop. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n').find((part) => part.trim() !== '') ?? 'no reason was given';
  return line.trim().replace(/\.$/, '');
}
