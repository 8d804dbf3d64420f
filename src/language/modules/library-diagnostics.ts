import type { Diagnostic, Note, Reporter } from '../../diagnostics/diagnostic.js';
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
 * Moves the diagnostics from index `first` that point into the standard library to the user's line that led there: the
 * library is right, but received a value that it cannot process. The library's line and the uses between become notes.
 */
export function moveToUser({ diagnostics }: Reporter, first: number, uses: readonly Use[]): void {
  if (diagnostics.length === first) return;
  const notes = useNotes({ uses });
  const moved = diagnostics.splice(first).map((diagnostic) => atUserLine(diagnostic, notes));
  diagnostics.push(...moved);
}

/**
 * Moves one diagnostic in the same way. If neither `uses` nor its notes lie in a user's file, it moves to `otherwise`, or
 * stays. Drops its fixes: nobody can edit the library.
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
