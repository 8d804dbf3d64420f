import { readdirSync, readFileSync } from 'node:fs';
import type { AstNode } from '../../grammar/ast.js';
import { type ParsedFile, parse } from '../../grammar/parse/parse.js';
import { unetLexer } from '../../grammar/parse/tokens.js';
import { SourceFile } from '../../src/diagnostics/source-file.js';

export function read(text: string): ParsedFile {
  return parse(new SourceFile('test.unet', text));
}

/** The texts of all networks and blocks that come with the language, by path. */
export function specs(folder = 'specs'): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.name.endsWith('.unet')) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    found.set(path, readFileSync(path, 'utf8'));
  }
  return found;
}

/** A tree without its places, to compare what two texts mean. */
export function meaning(node: AstNode | readonly AstNode[]): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) => (key === 'span' || key === 'comments' ? undefined : value)),
  );
}

/** Tokens and comments in order, as far as the format must keep them: no semicolons, no white space. */
export function content(text: string): string[] {
  const lexed = unetLexer().tokenize(text);
  const all = [...lexed.tokens, ...(lexed.groups.comments ?? [])];
  return all
    .sort((a, b) => a.startOffset - b.startOffset)
    .filter((token) => token.image !== ';')
    .map((token) => (token.image === '×' ? 'x' : token.image.replace(/\s+/g, ' ').trimEnd()));
}
