import type { Diagnostic, Extras } from '../../src/diagnostics/diagnostic.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';
import type { Span } from '../../src/diagnostics/span.js';

/** A span given by its text: the first place of `part` in a file. */
export function spanOf(file: SourceFile, part: string): Span {
  const start = file.text.indexOf(part);
  if (start < 0) throw new Error(`no ${part} in ${file.path}`);
  return { file, start, end: start + part.length };
}

/** A diagnostic about `part` of a text, with everything else said by hand. */
export function made(text: string, part: string, extras: Extras & Partial<Diagnostic> = {}): Diagnostic {
  const file = new SourceFile('net.unet', text);
  const { help, args = {}, ...rest } = extras;
  return {
    code: 'syntax',
    severity: 'error',
    message: 'a message',
    args,
    span: spanOf(file, part),
    notes: [],
    fixes: [],
    ...rest,
    ...(help === undefined ? {} : { help }),
  };
}

/** The span of a part of the file that a diagnostic is about. */
export function within(diagnostic: Diagnostic, part: string): Span {
  return spanOf(diagnostic.span.file, part);
}
