import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unetParser } from '../../grammar/parse/parser.js';
import * as t from '../../grammar/parse/tokens.js';
import { grammarPage } from '../../grammar/railroad/railroad.js';
import { ruleNotes } from '../../grammar/railroad/rule-notes.js';

const page = 'docs/grammar.html';
const rules = unetParser()
  .getSerializedGastProductions()
  .map((rule) => (rule as { name?: string }).name ?? '');

// UPDATE=1 writes the page anew.
test('docs/grammar.html is the page of the grammar as it is', () => {
  if (process.env.UPDATE) writeFileSync(page, grammarPage());
  expect(readFileSync(page, 'utf8')).toBe(grammarPage());
});

test('every rule has a diagram and a note, and no note is of a rule that is gone', () => {
  const sections = [...grammarPage().matchAll(/<section id="(\w+)">\n[\s\S]*?<svg /g)].map((one) => one[1]);
  // A declaration first: the parser has its rules in another order.
  expect(sections[0]).toBe('declaration');
  expect(sections.toSorted()).toEqual([...rules].sort());
  expect(Object.keys(ruleNotes).sort()).toEqual([...rules].sort());
});

test('every link leads to a place of the page, and nothing is loaded from elsewhere', () => {
  const html = grammarPage();
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map((one) => one[1]));
  const links = [...html.matchAll(/ href="([^"]*)"/g)].map((one) => one[1] ?? '');
  expect(links.length).toBeGreaterThan(rules.length * 2);
  expect(links.filter((link) => !link.startsWith('#') || !ids.has(link.slice(1)))).toEqual([]);
  expect(html).not.toMatch(/<script|<link|<img|src=|url\(|@import/);
  expect(html.match(/https?:\/\/[^"\s]+/g)?.every((one) => one === 'http://www.w3.org/2000/svg')).toBe(true);
});

test('every keyword and sign of the language stands in a diagram', () => {
  const drawn = new Set([...grammarPage().matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((one) => one[1]));
  const fixed = t.allTokens.map((token) => /^`(.+)`$/.exec(token.LABEL ?? '')?.[1]).filter(Boolean);
  expect(fixed.length).toBeGreaterThan(35);
  const written = (sign: string): string => sign.replace(/[*_`[\]<&]/g, (char) => `&#${char.charCodeAt(0)};`);
  expect(fixed.filter((sign) => !drawn.has(written(sign ?? '')))).toEqual([]);
});

test('a diagram lies inside its picture', () => {
  for (const [, width = '', height = '', body = ''] of grammarPage().matchAll(
    /<svg [^>]*width="([\d.]+)" height="([\d.]+)"[^>]*>([\s\S]*?)<\/svg>/g,
  )) {
    const boxes = [...body.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g)];
    expect(boxes.length).toBeGreaterThan(0);
    for (const [, x, y, w, h] of boxes) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(x) + Number(w)).toBeLessThanOrEqual(Number(width));
      expect(Number(y) + Number(h)).toBeLessThanOrEqual(Number(height));
    }
  }
});
