import { escapeHtml } from './escape.js';

/** A part of a page below a heading of its own. */
export interface ReportSection {
  readonly heading: string;
  /** HTML, such as that of `sortableTable` and `figure`. */
  readonly html: string;
}

export function sectionsHtml(sections: readonly ReportSection[]): string {
  return sections
    .map(({ heading, html }) => `<section class="part"><h2>${escapeHtml(heading)}</h2>\n${html}</section>`)
    .join('\n');
}
