import picocolors from 'picocolors';
import type { Diagnostic } from '../diagnostic.js';
import type { Span } from '../span.js';
import { snippet } from './snippet.js';
import { printable } from './text-cells.js';

export interface TextOptions {
  readonly color: boolean;
  /** Columns of the screen; source lines are cut to it, messages are not. 100 where it is not said. */
  readonly width?: number;
}

/**
 * Diagnostics for people: of each its place (line and column from 1), severity, code and message, the source
 * line with the place underlined, the notes with theirs, the remedy and the fixes in words. Ends with a line
 * break, or is empty where there are no diagnostics.
 */
export function renderText(diagnostics: readonly Diagnostic[], options: TextOptions): string {
  const width = options.width ?? 100;
  const colors = picocolors.createColors(options.color);
  const texts = diagnostics.map((diagnostic) => {
    const paint = diagnostic.severity === 'error' ? colors.red : colors.yellow;
    const { span, severity, code, message } = diagnostic;
    const head = `${severity}[${code}]`;
    const lines = [`${place(span)} ${colors.bold(paint(head))}: ${colors.bold(printable(message))}`];
    lines.push(...snippet(span, '^', width, { gutter: colors.blue, mark: paint }));
    // A place that has been shown is not shown again.
    const shown: Span[] = [span];
    for (const note of diagnostic.notes) {
      lines.push(`${place(note.span)} ${colors.cyan('note')}: ${printable(note.message)}`);
      if (shown.some((one) => isSame(one, note.span))) continue;
      lines.push(...snippet(note.span, '-', width, { gutter: colors.blue, mark: colors.cyan }));
      shown.push(note.span);
    }
    if (diagnostic.help !== undefined) lines.push(`${colors.green('help')}: ${printable(diagnostic.help)}`);
    for (const fix of diagnostic.fixes) lines.push(`${colors.green('fix')}: ${printable(fix.title)}`);
    return `${lines.join('\n')}\n`;
  });
  return texts.join('\n');
}

/** `2 errors, 1 warning`; `no errors` where there are none of either. */
export function summaryText(diagnostics: readonly Diagnostic[]): string {
  const counted = (severity: Diagnostic['severity']) => {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  };
  return [...counted('error'), ...counted('warning')].join(', ') || 'no errors';
}

function place(span: Span): string {
  const { line, character } = span.file.positionAt(span.start);
  return `${printable(span.file.path)}:${line + 1}:${character + 1}`;
}

function isSame(a: Span, b: Span): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end;
}
