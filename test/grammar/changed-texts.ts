import { expect, test } from 'vitest';
import { type AstNode, children } from '../../grammar/ast.js';
import type { ParsedFile } from '../../grammar/parse/parse.js';
import { unetLexer } from '../../grammar/parse/tokens.js';
import { format } from '../../grammar/print/print.js';
import { Random } from './random.js';
import { randomProgram } from './random-program.js';
import { read, specs } from './reading.js';

/** All nodes that can be reached through any field whatsoever, without `children`. */
function nodesByFields(value: unknown, found: Set<unknown> = new Set()): Set<unknown> {
  if (Array.isArray(value)) for (const one of value) nodesByFields(one, found);
  else if (typeof value === 'object' && value !== null && 'kind' in value) {
    found.add(value);
    for (const [key, field] of Object.entries(value)) if (key !== 'span') nodesByFields(field, found);
  }
  return found;
}

function nodesByChildren(node: AstNode, found: Set<unknown> = new Set()): Set<unknown> {
  found.add(node);
  for (const child of children(node)) nodesByChildren(child, found);
  return found;
}

/** What holds of the tree of any text, with errors or without. */
export function holds(parsed: ParsedFile): void {
  const { file, tree, diagnostics, damaged } = parsed;
  const [reached, present] = [nodesByChildren(tree), nodesByFields(tree)];
  expect([...present].filter((node) => !reached.has(node))).toEqual([]);
  expect(reached.size).toBe(present.size);
  const misplaced: AstNode[] = [];
  const visit = (node: AstNode): void => {
    let last = node.span.start;
    for (const child of children(node)) {
      const { start, end } = child.span;
      if (child.span.file !== file || start < last || end < start || end > node.span.end)
        misplaced.push(child);
      last = end;
      visit(child);
    }
  };
  expect(tree.span).toEqual({ file, start: 0, end: file.text.length });
  visit(tree);
  expect(misplaced).toEqual([]);
  for (const { span } of diagnostics) {
    expect(span.file).toBe(file);
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(file.text.length);
  }
  expect(diagnostics.map((d) => d.span.start)).toEqual(
    diagnostics.map((d) => d.span.start).sort((a, b) => a - b),
  );
  // Errors and a tree that may be used go together with nothing else.
  expect(format(parsed) === undefined).toBe(diagnostics.length > 0);
  if (diagnostics.length === 0) {
    expect(damaged.size).toBe(0);
    const kinds = [...nodesByChildren(tree)].map((node) => (node as AstNode).kind);
    expect(kinds).not.toContain('missing');
  }
  for (const declaration of tree.declarations) {
    const nodes = [...nodesByChildren(declaration)] as AstNode[];
    const isIncomplete = nodes.some(
      (node) => node.kind === 'missing' || (node.kind === 'identifier' && node.name === ''),
    );
    if (isIncomplete) expect(damaged.has(declaration)).toBe(true);
  }
}

const junk = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '=',
  ',',
  '->',
  '-',
  'x',
  '1',
  'unet',
  'block',
  ';',
  '"',
  '#',
  '..',
  ':',
];

/** Drops, doubles, inserts or swaps up to four tokens. */
function mutilated(text: string, random: Random): string {
  const lexed = unetLexer().tokenize(text);
  const images = lexed.tokens.map((token, i) => {
    const next = lexed.tokens[i + 1]?.startOffset ?? text.length;
    return text.slice(token.startOffset, next);
  });
  for (let n = 0; n <= random.below(4); n += 1) {
    const i = random.below(images.length);
    const choice = random.below(4);
    if (choice === 0) images.splice(i, 1 + random.below(3));
    else if (choice === 1) images.splice(i, 0, `${random.pick(junk)} `);
    else if (choice === 2) images.splice(i, 1, `${images[random.below(images.length)] ?? ''} `);
    else images.splice(i, 2, images[i + 1] ?? '', images[i] ?? '');
  }
  return images.join('');
}

/** The trees of so many random programs, and of changes of each spec and of random programs, from seed 0. */
export function testChangedTexts(count: {
  readonly programs: number;
  readonly changesOfSpec: number;
  readonly changedPrograms: number;
}): void {
  test('the trees of random programs', () => {
    for (let seed = 0; seed < count.programs; seed += 1) {
      const text = randomProgram(new Random(seed), 0.05);
      try {
        holds(read(text));
      } catch (error) {
        throw new Error(`seed ${seed}:\n${text}`, { cause: error });
      }
    }
  });

  test.each([...specs()])('%s with tokens dropped, inserted and swapped', (_path, text) => {
    let broken = 0;
    for (let seed = 0; seed < count.changesOfSpec; seed += 1) {
      const changed = mutilated(text, new Random(seed));
      try {
        const parsed = read(changed);
        if (parsed.diagnostics.length > 0) broken += 1;
        holds(parsed);
      } catch (error) {
        throw new Error(`seed ${seed}:\n${changed}`, { cause: error });
      }
    }
    expect(broken).toBeGreaterThan(count.changesOfSpec / 2);
  });

  test('random programs with tokens dropped, inserted and swapped', () => {
    for (let seed = 0; seed < count.changedPrograms; seed += 1) {
      const random = new Random(seed);
      const changed = mutilated(`${randomProgram(random, 0.02)}\nparam last = 1\n`, random);
      try {
        holds(read(changed));
      } catch (error) {
        throw new Error(`seed ${seed}:\n${changed}`, { cause: error });
      }
    }
  });
}
