import type { SourceFile } from './source-file.js';

/** A half-open range of UTF-16 offsets, `start <= offset < end`, in one file. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** The smallest span that contains two spans of the same file. */
export function cover(first: Span, last: Span): Span {
  return {
    file: first.file,
    start: Math.min(first.start, last.start),
    end: Math.max(first.end, last.end),
  };
}

/** The text of a span for a message: on one line, and shortened if it is long. */
export function shortTextOf(span: Span): string {
  const text = spanText(span).replace(/\s+/g, ' ');
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

/** Whether a span lies inside another one. */
export function contains(outer: Span, inner: Span): boolean {
  return outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end;
}

/** The text of a span. */
export function spanText(span: Span): string {
  return span.file.text.slice(span.start, span.end);
}
