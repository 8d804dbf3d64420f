import type { Diagnostic } from '../diagnostic.js';

/**
 * Renders diagnostics as workflow commands of GitHub Actions, one on each line, which annotate the lines of a pull request.
 * Lines and columns start at 1; `endColumn` is the last column of the span. GitHub accepts columns only for a span within
 * one line. The message also contains notes, help and fixes.
 */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => `${command(diagnostic)}\n`).join('');
}

function command({ severity, code, message, span, notes, help, fixes }: Diagnostic): string {
  const start = span.file.positionAt(span.start);
  const end = span.file.positionAt(Math.max(span.start, span.end));
  const oneLine = start.line === end.line;
  const properties: readonly (readonly [string, string | number])[] = [
    ['file', span.file.path],
    ['line', start.line + 1],
    ...(oneLine ? [['col', start.character + 1] as const] : []),
    ['endLine', end.line + 1],
    ...(oneLine ? [['endColumn', Math.max(end.character, start.character + 1)] as const] : []),
    ['title', code],
  ];
  const lines = [
    message,
    ...notes.map((note) => {
      const { line, character } = note.span.file.positionAt(note.span.start);
      return `note: ${note.span.file.path}:${line + 1}:${character + 1}: ${note.message}`;
    }),
    ...(help === undefined ? [] : [`help: ${help}`]),
    ...fixes.map((fix) => `fix: ${fix.title}`),
  ];
  const written = properties.map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(',');
  return `::${severity} ${written}::${escapeData(lines.join('\n'))}`;
}

/** Escapes line ends, which end a command, and `%`, which begins an escape. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Also escapes the colon and the comma, which separate properties. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
