import { createHash } from 'node:crypto';
import { escapeHtml } from './escape.js';

export interface HtmlDocument {
  readonly title: string;
  /** Style sheets, as texts. */
  readonly styles: readonly string[];
  /** The inside of the body: HTML. */
  readonly body: string;
  /** Scripts that run when the body is there, as texts. */
  readonly scripts: readonly string[];
}

/** A source of the policy: the text, and nothing else, may run. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A script whose text cannot end its element. */
function safeScript(text: string): string {
  return text.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '<\\!--');
}

/**
 * One HTML file that needs no other: it works from a disk and from any server. Its policy forbids every request, and
 * every script and style besides those of the page.
 */
export function htmlDocument({ title, styles, body, scripts }: HtmlDocument): string {
  const safe = scripts.map(safeScript);
  const policy = [
    "default-src 'none'",
    `script-src ${safe.length === 0 ? "'none'" : safe.map(hashOf).join(' ')}`,
    `style-src ${styles.length === 0 ? "'none'" : styles.map(hashOf).join(' ')}`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(title)}</title>`,
    // An empty icon: browsers ask a server for one otherwise.
    '<link rel="icon" href="data:,">',
    ...styles.map((style) => `<style>${style}</style>`),
    '</head>',
    '<body>',
    body,
    ...safe.map((script) => `<script type="module">${script}</script>`),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
