import { Failure } from '../../diagnostics/failure.js';
import { factorsFor, reducedContent } from '../reduce.js';
import type { ViewerContent } from '../viewed-image.js';
import { type ViewerParts, viewerPage } from './viewer-page.js';

/** What a page may have: mail servers and browsers take so much without trouble. */
export const MOST_PAGE_BYTES = 40e6;

/** A page of at most `limit` characters, from a reduced content where it has to be; and what it shows. */
export function fittingPage(
  content: ViewerContent,
  limit = MOST_PAGE_BYTES,
  parts: ViewerParts = {},
): { readonly html: string; readonly content: ViewerContent } | Failure {
  for (let shown = content; ; ) {
    const html = viewerPage(shown, parts);
    if (html instanceof Failure) return html;
    const positions = shown.image.size.reduce((product, size) => product * size, 1);
    const factors = factorsFor(shown.image, (0.95 * positions * limit) / html.length);
    const isWhole = factors.every((factor) => factor === 1);
    if (html.length <= limit || isWhole) return { html, content: shown };
    shown = reducedContent(shown, factors);
  }
}
