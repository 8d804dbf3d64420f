import type { UnetDeclaration } from '../../../grammar/ast.js';
import type { Diagnostic, Edit, Fix } from '../../diagnostics/diagnostic.js';
import { contains, type Span } from '../../diagnostics/span.js';
import type { Located } from './modules.js';
import type { NetworkRequest } from './network-request.js';

/** The network that a request changes: the base of a network, or the network of an ablation for its variant. */
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
 * The keys of a diagnostic of a network. A base and a network that extends it share a key for an error of both: the span,
 * or for a diagnostic at the network's name (such as those about defaults) only the code and the message.
 */
export function findingKeys(diagnostic: Diagnostic, request: NetworkRequest): readonly string[] {
  const { code, span, message } = diagnostic;
  const { file, start, end } = span;
  const atName = file === request.nameSpan.file && start === request.nameSpan.start;
  const placed = [code, message, file.path, start, end].join('\0');
  return atName ? [placed, [code, message].join('\0')] : [placed];
}

/**
 * Moves a diagnostic that a network has but its base has not, although it points at a line of the base: to the network's
 * own line that made the inherited line wrong, with a note at the inherited line.
 */
export function atOwnLine(diagnostic: Diagnostic, request: NetworkRequest): Diagnostic {
  // A cycle belongs to no single network, and is the same wherever it is found.
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

/** The base whose declaration contains a span. */
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

/** The spans of the attributes that the network sets itself. */
function ownSpans({ located, edits }: NetworkRequest): readonly Span[] {
  const attributes =
    edits.length > 0 ? edits.flatMap((edit) => edit.attributes) : located.declaration.members;
  return attributes.filter((member) => member.kind === 'attribute').map((attribute) => attribute.span);
}

/** A fix that sets the network's own input instead of changing the input of the base. */
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

/** The text of a span after edits inside it. */
function changed({ file, start, end }: Span, edits: readonly Edit[]): string {
  let text = file.text.slice(start, end);
  for (const edit of edits.toSorted((a, b) => b.span.start - a.span.start)) {
    text = text.slice(0, edit.span.start - start) + edit.newText + text.slice(edit.span.end - start);
  }
  return text;
}
