import type { Diagnostic, Note, Reporter } from '../../diagnostics/diagnostic.js';
import type { Span } from '../../diagnostics/span.js';
import { isStandard } from './modules.js';

/** A use of a block: what it is called, and where it is used. */
export interface Use {
  readonly block: string;
  readonly span: Span;
}

/** The uses of blocks that led to a place, innermost first, as notes. */
export function useNotes({ uses }: { readonly uses: readonly Use[] }): Note[] {
  return uses.map(({ block, span }) => ({ message: `in block \`${block}\`, used here`, span }));
}

/**
 * Moves the diagnostics from `first` on that lie in the library's own text to the line of a user that led there: what the
 * library says is right, and was given what it cannot do with. The library's line and the uses on the way become notes.
 */
export function moveToUser({ diagnostics }: Reporter, first: number, uses: readonly Use[]): void {
  if (diagnostics.length === first) return;
  const notes = useNotes({ uses });
  const moved = diagnostics.splice(first).map((diagnostic) => atUserLine(diagnostic, notes));
  diagnostics.push(...moved);
}

/**
 * The same for one diagnostic; where neither `uses` nor its notes lie in a file of a user, it goes to `otherwise`, or stays.
 * Its fixes go: nobody can edit the library.
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
