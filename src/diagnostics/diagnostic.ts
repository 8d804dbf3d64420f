import { type Code, type CodeArguments, codes, type DiagnosticCode, type Severity } from './codes.js';
import type { Span } from './span.js';

/** A span that contributed to a diagnostic, and what happened there. */
export interface Note {
  readonly message: string;
  readonly span: Span;
}

/** Replaces `span` by `newText`. */
export interface Edit {
  readonly span: Span;
  readonly newText: string;
}

/** A change of the text that removes the diagnostic. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** A finding about a user's text. Diagnostics are values; a throw is a bug of the compiler. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  /** The values that the message was made from. Programs and tests read them instead of the sentence. */
  readonly args: object;
  readonly span: Span;
  /** The remedy in one sentence, with numbers if there are any. */
  readonly help?: string;
  readonly notes: readonly Note[];
  readonly fixes: readonly Fix[];
}

export interface Extras {
  readonly help?: string | undefined;
  readonly notes?: readonly Note[];
  readonly fixes?: readonly Fix[];
}

/** Makes a diagnostic. The code decides the type of the arguments. */
export function diagnostic<C extends DiagnosticCode>(
  code: C,
  span: Span,
  args: CodeArguments<C>,
  extras: Extras = {},
): Diagnostic {
  // The entry of C takes exactly CodeArguments<C>. TypeScript cannot follow that through the union of all entries.
  const entry = codes[code] as { severity: Severity; message: (a: CodeArguments<C>) => string };
  return {
    code,
    severity: entry.severity,
    message: limited(entry.message(args)),
    args,
    span,
    ...(extras.help === undefined ? {} : { help: extras.help }),
    notes: extras.notes ?? [],
    fixes: extras.fixes ?? [],
  };
}

/** The longest message, in UTF-16 code units: a message may repeat a name that is as long as the file. */
const MESSAGE_LIMIT = 1_000;

function limited(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT)}...`;
}

/** A value, and the diagnostics that were found while it was made. */
export interface Diagnosed<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs some work with a reporter of its own: what it reports comes back beside its value. */
export function diagnose<T>(work: (reporter: Reporter) => T): Diagnosed<T> {
  const reporter = new Reporter();
  const value = work(reporter);
  return { value, diagnostics: reporter.diagnostics };
}

/** Whether one of the diagnostics is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** Collects the diagnostics of one piece of work. Only that work writes to it. */
export class Reporter {
  private readonly collected: Diagnostic[] = [];

  get diagnostics(): readonly Diagnostic[] {
    return this.collected;
  }

  /** Adds a diagnostic. Returns undefined, so that a caller can write `return reporter.report(...)`. */
  report<C extends DiagnosticCode>(code: C, span: Span, args: CodeArguments<C>, extras?: Extras): undefined {
    this.collected.push(diagnostic(code, span, args, extras));
    return undefined;
  }

  /** Adds what a part of the work found. */
  include(diagnostics: readonly Diagnostic[]): void {
    // One by one: a call cannot take as many arguments as a text can have diagnostics.
    for (const one of diagnostics) this.collected.push(one);
  }

  /** Adds what a part of the work found; returns the part's value. */
  take<T>({ value, diagnostics }: Diagnosed<T>): T {
    this.include(diagnostics);
    return value;
  }

  get hasErrors(): boolean {
    return hasErrors(this.collected);
  }
}
