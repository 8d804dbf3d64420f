import { escapeHtml } from './escape.js';

/** A link to another page. */
export interface PageLink {
  readonly text: string;
  /** A relative address, whose parts are percent-encoded. */
  readonly href: string;
}

/** A link as HTML. */
export function linkHtml({ text, href }: PageLink): string {
  return `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`;
}

/** Links side by side, above the title of a page. */
export function linkList(links: readonly PageLink[]): string {
  if (links.length === 0) return '';
  return `<nav aria-label="Pages"><ul>${links.map((link) => `<li>${linkHtml(link)}</li>`).join('')}</ul></nav>`;
}
