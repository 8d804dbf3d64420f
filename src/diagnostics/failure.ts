import type { FileCause } from './codes/files.js';
import { type CodeArguments, codes, type FailureCode } from './codes.js';

/**
 * Why something a user asked for could not be done: a code of the table, its arguments, and the sentence made from
 * them. Functions return it in place of their result; they throw for our own bugs only.
 */
export class Failure {
  private constructor(
    readonly message: string,
    readonly code: FailureCode,
    /** What the message was made from: tests and programs read it instead of the sentence. */
    readonly args: object,
    /** The remedy, in one sentence. */
    readonly help: string | undefined,
  ) {}

  /** A failure from its parts, such as they come from another thread. See `failure` to make a new one. */
  static of({ message, code, args, help }: FailureParts): Failure {
    return new Failure(message, code, args, help);
  }

  /** As plain data: classes do not survive the way between threads. */
  get parts(): FailureParts {
    const { message, code, args, help } = this;
    return { message, code, args, help };
  }
}

/** A failure as plain data. */
export interface FailureParts {
  readonly message: string;
  readonly code: FailureCode;
  readonly args: object;
  readonly help: string | undefined;
}

/** Makes a failure; the code decides which arguments its message needs. */
export function failure<C extends FailureCode>(code: C, args: CodeArguments<C>, help?: string): Failure {
  // The table is indexed by C, so the entry takes exactly CodeArguments<C>; TypeScript can't follow that through the
  // union of all entries.
  const entry = codes[code] as {
    message: (a: CodeArguments<C>) => string;
    help: (a: CodeArguments<C>) => string | undefined;
  };
  // The arguments of every code are an object.
  const parts = { code, args: args as object };
  return Failure.of({ ...parts, message: entry.message(args), help: help ?? entry.help(args) });
}

/** The system error in a thrown value, if it is one. */
function systemCode(error: unknown): FileCause | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('errno' in error)) return undefined;
  // Every error that has a number has a name that begins with E: ENOENT.
  return typeof error.code === 'string' ? (error.code as FileCause) : undefined;
}

/**
 * "cannot write out/x.onnx: the disk is full". `error` is what a file function of Node threw; anything
 * else is a bug of ours and is thrown again.
 */
export function fileFailure(action: 'read' | 'write', path: string, error: unknown): Failure {
  const cause = systemCode(error);
  if (cause === undefined) throw error;
  if (action === 'read') return failure('file-unreadable', { path, cause });
  return failure('file-unwritable', { path, cause: cause === 'ENOENT' ? 'no-folder' : cause });
}

/** The message of a failure and its remedy, on one line. */
export function withHelp({ message, help }: Failure): string {
  return help === undefined ? message : `${message}; ${help}`;
}

/** The first line of what a library threw, without its final full stop. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n').find((part) => part.trim() !== '') ?? 'no reason was given';
  return line.trim().replace(/\.$/, '');
}
