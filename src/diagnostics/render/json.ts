import type { Severity } from '../codes.js';
import type { Diagnostic } from '../diagnostic.js';
import type { Position } from '../source-file.js';
import type { Span } from '../span.js';

/** Positions are zero-based, `character` counts UTF-16 code units, as in the language server protocol. */
export interface RangeJson {
  readonly start: Position;
  readonly end: Position;
}

export interface DiagnosticJson {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly range: RangeJson;
  /** The remedy in words, if there is one. */
  readonly help?: string;
  readonly notes: readonly { readonly message: string; readonly file: string; readonly range: RangeJson }[];
  /** The fixes, all of whose edits change the diagnostic's own file. */
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly { readonly range: RangeJson; readonly newText: string }[];
  }[];
}

/** What `check --json` prints. */
export interface CheckJson {
  readonly errors: number;
  readonly warnings: number;
  readonly diagnostics: readonly DiagnosticJson[];
}

/** The start and end of a span. */
export function rangeOf(span: Span): RangeJson {
  return { start: span.file.positionAt(span.start), end: span.file.positionAt(span.end) };
}

/** Renders diagnostics as a value for JSON. Omits fixes that also change another file: half a fix fixes nothing. */
export function checkJson(diagnostics: readonly Diagnostic[]): CheckJson {
  const count = (severity: Severity) => diagnostics.filter((one) => one.severity === severity).length;
  return {
    errors: count('error'),
    warnings: count('warning'),
    diagnostics: diagnostics.map((diagnostic) => ({
      code: diagnostic.code,
      severity: diagnostic.severity,
      message: diagnostic.message,
      file: diagnostic.span.file.path,
      range: rangeOf(diagnostic.span),
      ...(diagnostic.help === undefined ? {} : { help: diagnostic.help }),
      notes: diagnostic.notes.map(({ message, span }) => ({
        message,
        file: span.file.path,
        range: rangeOf(span),
      })),
      fixes: diagnostic.fixes
        .filter((fix) => fix.edits.every((edit) => edit.span.file === diagnostic.span.file))
        .map(({ title, edits }) => ({
          title,
          edits: edits.map(({ span, newText }) => ({ range: rangeOf(span), newText })),
        })),
    })),
  };
}

/** The text of `check --json`. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return JSON.stringify(checkJson(diagnostics), null, 2);
}
