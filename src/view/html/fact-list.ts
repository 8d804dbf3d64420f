import { escapeHtml } from './escape.js';

/** Names with their values, side by side. */
export function factList(facts: readonly (readonly [string, string])[]): string {
  if (facts.length === 0) return '';
  const rows = facts.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="facts">${rows.join('')}</dl>`;
}
