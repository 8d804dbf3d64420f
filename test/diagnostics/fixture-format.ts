import { type CompileOptions, compile } from '../../src/compiler/compile.js';
import type { Diagnostic, Edit } from '../../src/diagnostics/diagnostic.js';
import type { Span } from '../../src/diagnostics/span.js';

/**
 * A fixture is a spec and, behind it, the diagnostics that compiling it gives:
 *
 *     //! error unknown-attribute 3:5-10 a network has no attribute `dept`
 *     //!   note 7:3-8 first set here
 *     //!   help did you mean `depth`?
 *     //!   fix Change to `depth`: 3:5-10 "depth"
 *
 * Lines and columns are from 1, and the end is not included; a place in another file has its name before.
 */
export interface Fixture {
  /** The spec without the lines that begin with `//!`. */
  readonly text: string;
  /** Those lines. */
  readonly expected: string;
}

const MARK = '//!';

/** Divides a fixture into its spec and its expected diagnostics. */
export function readFixture(content: string): Fixture {
  const at = content.search(/^\/\/!/m);
  const [text, expected] = at < 0 ? [content, ''] : [content.slice(0, at), content.slice(at)];
  for (const line of expected.trimEnd().split('\n')) {
    if (at >= 0 && !line.startsWith(MARK)) throw new Error(`no text may follow the ${MARK} lines: ${line}`);
  }
  return { text, expected };
}

/** A spec with its diagnostics behind it. */
export function writeFixture(path: string, text: string, diagnostics: readonly Diagnostic[]): string {
  return text + expectedLines(path, diagnostics);
}

/** The `//!` lines of diagnostics; `path` is the fixture's own, which places leave out. */
export function expectedLines(path: string, diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.flatMap((diagnostic) => {
    const { severity, code, span, message, notes, help, fixes } = diagnostic;
    return [
      ` ${severity} ${code} ${place(span, path)} ${message}`,
      ...notes.map((note) => `   note ${place(note.span, path)} ${note.message}`),
      ...(help === undefined ? [] : [`   help ${help}`]),
      ...fixes.map(({ title, edits }) => `   fix ${title}: ${edits.map((e) => edit(e, path)).join(', ')}`),
    ];
  });
  return lines.map((line) => `${MARK}${line}\n`).join('');
}

function edit({ span, newText }: Edit, path: string): string {
  return `${place(span, path)} ${JSON.stringify(newText)}`;
}

function place(span: Span, path: string): string {
  const start = span.file.positionAt(span.start);
  const end = span.file.positionAt(span.end);
  const file = span.file.path === path ? '' : `${span.file.path} `;
  const last = end.line === start.line ? `${end.character + 1}` : `${end.line + 1}:${end.character + 1}`;
  return `${file}${start.line + 1}:${start.character + 1}-${last}`;
}

/** A text with edits applied, from the last to the first. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((a, b) => b.span.start - a.span.start);
  return ordered.reduce(
    (changed, { span, newText }) => changed.slice(0, span.start) + newText + changed.slice(span.end),
    text,
  );
}

/** Compiles a text whose imports are looked up by `read`. */
export function compileWith(
  path: string,
  text: string,
  read: (path: string) => string | undefined,
  options: CompileOptions = {},
): readonly Diagnostic[] {
  const resolve = (from: string, specifier: string) =>
    new URL(specifier, `file:///${from}`).pathname.slice(1);
  return compile(path, text, { ...options, host: { read, resolve } }).diagnostics;
}
