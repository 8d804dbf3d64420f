import type { Diagnostic, Note } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import { isStandard } from './modules.js';

/** A use of a block: the name of the block, and where it is used. */
export interface Use {
  readonly block: string;
  readonly span: Span;
}

/** Notes about the uses of blocks that led to a span, the innermost first. */
export function useNotes({ uses }: { readonly uses: readonly Use[] }): Note[] {
  return uses.map(({ block, span }) => ({ message: `in block \`${block}\`, used here`, span }));
}

/**
 * Moves a diagnostic that points into the standard library to the user's line that led there: the library is right, but
 * received a value that it cannot process. The library's line and the uses between become notes. The fixes are dropped,
 * because nobody can edit the library. If no use and no note lies in a user's file, the diagnostic moves to `otherwise`,
 * or stays.
 */
export function atUserLine(diagnostic: Diagnostic, uses: readonly Note[], otherwise?: Span): Diagnostic {
  const { span, notes } = diagnostic;
  if (!isStandard(span.file)) return diagnostic;
  const known = uses.filter((use) => !notes.some((note) => isSame(note.span, use.span)));
  const chain = [...notes, ...known];
  const own = chain.find((note) => !isStandard(note.span.file))?.span ?? otherwise;
  if (!own) return diagnostic;
  const from: Note = { message: 'in this line of the library', span };
  return { ...diagnostic, span: own, notes: [from, ...chain], fixes: [] };
}

function isSame(a: Span, b: Span): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end;
}
