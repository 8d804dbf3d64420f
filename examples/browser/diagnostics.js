import { byId, element } from './element.js';

/**
 * Lists diagnostics. `select` is called with the span of a place that is clicked on, `apply` with the edits of a fix.
 */
export function showDiagnostics(diagnostics, { select, apply }) {
  byId('diagnostics').replaceChildren(...diagnostics.map((diagnostic) => item(diagnostic, select, apply)));
}

function item({ severity, code, message, span, notes, help, fixes }, select, apply) {
  const head = element(
    'p',
    {},
    element('span', { className: severity, textContent: `${severity}[${code}]` }),
    ` ${message}`,
  );
  const made = element('li', { className: severity }, head, place(span, select));
  for (const note of notes) {
    made.append(element('p', { className: 'note' }, place(note.span, select), ` ${note.message}`));
  }
  if (help !== undefined) made.append(element('p', { className: 'help', textContent: `Help: ${help}` }));
  for (const { title, edits } of fixes) {
    made.append(element('button', { type: 'button', textContent: title, onclick: () => apply(edits) }));
  }
  return made;
}

/** Lines and columns count from 0 in the library, and from 1 for people. */
function place(span, select) {
  const { line, character } = span.file.positionAt(span.start);
  const textContent = `line ${line + 1}, column ${character + 1}`;
  return element('button', {
    type: 'button',
    className: 'place',
    textContent,
    onclick: () => select(span),
  });
}
