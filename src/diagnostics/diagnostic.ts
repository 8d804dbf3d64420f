import { type CodeArguments, codes, type DiagnosticCode, type Severity } from './codes.js';
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
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  /** The values that the message was made from. Programs and tests read them instead of the sentence. */
  readonly args: CodeArguments<DiagnosticCode>;
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

/** Collects diagnostics. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];

  /** Adds a diagnostic. Returns undefined, so that a caller can write `return reporter.report(...)`. */
  report<C extends DiagnosticCode>(code: C, span: Span, args: CodeArguments<C>, extras?: Extras): undefined {
    this.diagnostics.push(diagnostic(code, span, args, extras));
    return undefined;
  }

  get hasErrors(): boolean {
    return this.diagnostics.some((d) => d.severity === 'error');
  }
}
