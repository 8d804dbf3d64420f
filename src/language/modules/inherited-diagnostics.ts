import type { UnetDeclaration } from '../../../grammar/ast.js';
import type { Diagnostic, Edit, Fix } from '../../diagnostics/diagnostic.js';
import { contains, type Span } from '../../diagnostics/span.js';
import type { Located } from './modules.js';
import type { NetworkRequest } from './network-request.js';

/** The network that a request changes: its base, or for a variant the network of the ablation. */
export function baseRequest(request: NetworkRequest): NetworkRequest | undefined {
  const base = request.edits.length > 0 ? request.located : baseOf(request.located);
  if (!base) return undefined;
  const { name } = base.declaration;
  return { name: name.name, nameSpan: name.span, located: base, edits: [] };
}

function baseOf({ declaration, module }: Located<UnetDeclaration>): Located<UnetDeclaration> | undefined {
  const found = declaration.base && module.names.get(declaration.base.name);
  return found?.declaration.kind === 'unet' ? { ...found, declaration: found.declaration } : undefined;
}

/**
 * Under what a diagnostic of a network is known: by its place, and where it stands at the network's name (as all
 * that follows from defaults) also without one. A base and what extends it share a key for what ails both.
 */
export function findingKeys(diagnostic: Diagnostic, request: NetworkRequest): readonly string[] {
  const { code, span, message } = diagnostic;
  const { file, start, end } = span;
  const atName = file === request.nameSpan.file && start === request.nameSpan.start;
  const placed = [code, message, file.path, start, end].join('\0');
  return atName ? [placed, [code, message].join('\0')] : [placed];
}

/**
 * A diagnostic that a network has and its base has not, although it points at a line of the base: moved to the
 * network's own line that made the inherited one wrong, with a note at the inherited one.
 */
export function atOwnLine(diagnostic: Diagnostic, request: NetworkRequest): Diagnostic {
  // A circle is nobody's own, and the same wherever it is found.
  if (diagnostic.code === 'reference-cycle') return diagnostic;
  const from = inheritedFrom(diagnostic.span, request);
  if (!from) return diagnostic;
  const own = ownSpans(request);
  const cause = diagnostic.notes.find((note) => own.some((span) => contains(span, note.span)))?.span;
  return {
    ...diagnostic,
    span: cause ?? request.nameSpan,
    notes: [{ message: `inherited from ${from.name.name}`, span: diagnostic.span }, ...diagnostic.notes],
    fixes: diagnostic.fixes.flatMap((fix) => ownFix(fix, diagnostic, request)),
  };
}

/** The base in whose declaration a span lies. */
function inheritedFrom(span: Span, request: NetworkRequest): UnetDeclaration | undefined {
  const seen = new Set<UnetDeclaration>();
  let current = baseRequest(request)?.located;
  while (current && !seen.has(current.declaration)) {
    if (contains(current.declaration.span, span)) return current.declaration;
    seen.add(current.declaration);
    current = baseOf(current);
  }
  return undefined;
}

/** The attributes that the network writes itself. */
function ownSpans({ located, edits }: NetworkRequest): readonly Span[] {
  const attributes =
    edits.length > 0 ? edits.flatMap((edit) => edit.attributes) : located.declaration.members;
  return attributes.filter((member) => member.kind === 'attribute').map((attribute) => attribute.span);
}

/** Instead of changing the input of the base, the network gets one of its own. */
function ownFix(fix: Fix, { code, span }: Diagnostic, { located, edits }: NetworkRequest): Fix[] {
  const [first] = located.declaration.members;
  const isInput = code === 'input-does-not-fit' || code === 'input-too-small';
  if (!isInput || edits.length > 0 || !first) return [];
  const input = changed(span, fix.edits);
  const { file, start } = first.span;
  return [
    { title: fix.title, edits: [{ span: { file, start, end: start }, newText: `input = ${input}\n  ` }] },
  ];
}

/** The text of a span after edits inside of it. */
function changed({ file, start, end }: Span, edits: readonly Edit[]): string {
  let text = file.text.slice(start, end);
  for (const edit of edits.toSorted((a, b) => b.span.start - a.span.start)) {
    text = text.slice(0, edit.span.start - start) + edit.newText + text.slice(edit.span.end - start);
  }
  return text;
}
