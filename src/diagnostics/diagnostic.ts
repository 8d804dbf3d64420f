import { type Code, type CodeArguments, codes, type DiagnosticCode, type Severity } from './codes.js';
import type { Span } from './span.js';

/** A place that contributed to a diagnostic, with what happened there. */
export interface Note {
  readonly message: string;
  readonly span: Span;
}

/** A replacement of `span` by `newText`. */
export interface Edit {
  readonly span: Span;
  readonly newText: string;
}

/** A change that makes the diagnostic go away. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** One finding about a user's text. Diagnostics are values; a throw is a bug of the compiler. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  /** The remedy, in one sentence, with numbers where there are any. */
  readonly help?: string;
  readonly notes: readonly Note[];
  readonly fixes: readonly Fix[];
}

export interface Extras {
  readonly help?: string | undefined;
  readonly notes?: readonly Note[];
  readonly fixes?: readonly Fix[];
}

/** Makes a diagnostic; the code decides which arguments its message needs. */
export function diagnostic<C extends DiagnosticCode>(
  code: C,
  span: Span,
  args: CodeArguments<C>,
  extras: Extras = {},
): Diagnostic {
  // The table is indexed by C, so the entry takes exactly CodeArguments<C>; TypeScript can't
  // follow that through the union of all entries.
  const entry = codes[code] as { severity: Severity; message: (a: CodeArguments<C>) => string };
  return {
    code,
    severity: entry.severity,
    message: limited(entry.message(args)),
    span,
    ...(extras.help === undefined ? {} : { help: extras.help }),
    notes: extras.notes ?? [],
    fixes: extras.fixes ?? [],
  };
}

/** The longest message, in UTF-16 code units: a name that a message repeats may be as long as a file. */
const MESSAGE_LIMIT = 1_000;

function limited(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT)}...`;
}

/** Collects the diagnostics of a stage. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];

  /** Reports and returns undefined, so that a reader can write `return reporter.report(...)`. */
  report<C extends DiagnosticCode>(code: C, span: Span, args: CodeArguments<C>, extras?: Extras): undefined {
    this.diagnostics.push(diagnostic(code, span, args, extras));
    return undefined;
  }

  get hasErrors(): boolean {
    return this.diagnostics.some((d) => d.severity === 'error');
  }
}
