import picocolors from 'picocolors';
import type { Diagnostic } from '../diagnostic.js';
import type { Span } from '../span.js';
import { snippet } from './snippet.js';
import { printable } from './text-cells.js';

export interface TextOptions {
  readonly color: boolean;
  /** The columns of the screen, by default 100. Source lines are cut to this width; messages are not. */
  readonly width?: number;
}

/**
 * Renders diagnostics for people: line and column (from 1), severity, code and message, the source line with the span
 * underlined, the notes with their lines, the remedy and the titles of the fixes. Ends with a line break; empty without
 * diagnostics.
 */
export function renderText(diagnostics: readonly Diagnostic[], options: TextOptions): string {
  const width = options.width ?? 100;
  const colors = picocolors.createColors(options.color);
  const texts = diagnostics.map((diagnostic) => {
    const paint = diagnostic.severity === 'error' ? colors.red : colors.yellow;
    const { span, severity, code, message } = diagnostic;
    const head = `${severity}[${code}]`;
    const lines = [`${positionText(span)} ${colors.bold(paint(head))}: ${colors.bold(printable(message))}`];
    lines.push(...snippet(span, '^', width, { gutter: colors.blue, mark: paint }));
    // Each span is shown once.
    const shown: Span[] = [span];
    for (const note of diagnostic.notes) {
      lines.push(`${positionText(note.span)} ${colors.cyan('note')}: ${printable(note.message)}`);
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

/** `2 errors, 1 warning`, or `no errors` without errors and warnings. */
export function summaryText(diagnostics: readonly Diagnostic[]): string {
  const counted = (severity: Diagnostic['severity']) => {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  };
  return [...counted('error'), ...counted('warning')].join(', ') || 'no errors';
}

function positionText(span: Span): string {
  const { line, character } = span.file.positionAt(span.start);
  return `${printable(span.file.path)}:${line + 1}:${character + 1}`;
}

function isSame(a: Span, b: Span): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end;
}
