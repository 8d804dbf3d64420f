import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, prose, root } from './markdown.js';

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsOf(text: string): readonly string[] {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading]) => anchorOf(heading ?? ''));
}

describe.each(pages().map((page) => ({ name: page.path, page })))('$name', ({ page }) => {
  const targets = [
    ...[...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? ''),
    ...[...prose(page).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target]) => target ?? ''),
  ].filter((target) => !/^https?:/.test(target));

  it.each(targets)('%s leads somewhere', (target) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page.path : normalize(join(dirname(page.path), path));
    expect(file.startsWith('..'), 'the link leaves the repository').toBe(false);
    expect(existsSync(root + file), `${file} exists`).toBe(true);
    if (anchor === undefined || statSync(root + file).isDirectory()) return;
    expect(anchorsOf(readFileSync(root + file, 'utf8'))).toContain(anchor);
  });

  it('names no path outside of the repository', () => {
    expect(page.text).not.toMatch(/\/(?:home|root|tmp|work)\//);
  });
});
