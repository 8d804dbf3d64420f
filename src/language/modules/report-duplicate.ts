import type { Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';

/** Reports a setting that one declaration contains twice, with a note at the first. */
export function reportDuplicateAttribute(
  name: string,
  span: Span,
  first: Span,
  reporter: Reporter,
): undefined {
  const notes = [{ message: 'first set here', span: first }];
  return reporter.report('duplicate-attribute', span, { name }, { notes });
}

/** Reports a name that is declared twice, with a note at the first. */
export function reportDuplicateName(name: string, span: Span, first: Span, reporter: Reporter): undefined {
  const notes = [{ message: 'first declared here', span: first }];
  return reporter.report('duplicate-name', span, { name }, { notes });
}
