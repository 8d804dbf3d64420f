import type { IToken, TokenType } from 'chevrotain';
import * as t from './tokens.js';

/** The token that follows the name of each kind of declaration. */
const afterName = new Map<TokenType, readonly TokenType[]>([
  [t.Unet, [t.LeftCurly, t.Extends]],
  [t.Block, [t.LeftCurly, t.LeftParen]],
  [t.Param, [t.Equals]],
  [t.Training, [t.LeftCurly]],
  [t.Ablation, [t.Of]],
]);

/** The words that come before a name in the head of a declaration. */
const beforeDeclaredName = new Set([
  ...[t.Unet, t.Block, t.Param, t.Training, t.Ablation],
  ...[t.Extends, t.Of, t.With],
]);

/**
 * Splits the tokens at the beginning of each declaration. Declarations never nest, so a head begins a declaration even if
 * a bracket before it was not closed.
 */
export function declarationChunks(tokens: readonly IToken[]): IToken[][] {
  const chunks: IToken[][] = [];
  let current: IToken[] = [];
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (current.length > 0 && beginsDeclaration(tokens, i, depth)) {
      chunks.push(current);
      current = [];
      depth = 0;
    }
    current.push(token);
    if (t.openingBrackets.has(token.tokenType)) depth += 1;
    else if (t.closingBrackets.has(token.tokenType)) depth -= 1;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

/**
 * Whether a declaration begins at `tokens[i]`, inside `depth` brackets. Elsewhere the same words are names:
 * `block = residual`.
 */
function beginsDeclaration(tokens: readonly IToken[], i: number, depth: number): boolean {
  const token = tokens[i];
  const before = tokens[i - 1];
  if (!token || !before || !t.declarationKeywords.has(token.tokenType)) return false;
  const needsOperand = t.beforeOperand.has(before.tokenType);
  const newLine = before.endLine !== token.startLine;
  // After an operator on the same line, the word is a value: `block = block` and then `expect {`.
  if (needsOperand && !newLine) return false;
  if (isWholeHead(tokens, i)) return true;
  // Outside all brackets, an incomplete head counts as well.
  if (depth > 0 || needsOperand || beforeDeclaredName.has(before.tokenType)) return false;
  return newLine || before.tokenType === t.RightCurly;
}

function isWholeHead(tokens: readonly IToken[], i: number): boolean {
  const [keyword, name, follower] = [tokens[i], tokens[i + 1], tokens[i + 2]];
  if (keyword?.tokenType === t.Import) return isImportHead(tokens, i);
  if (keyword?.tokenType === t.Language) return name?.tokenType === t.NumberToken;
  const next = keyword && afterName.get(keyword.tokenType);
  return isName(name) && follower !== undefined && next?.includes(follower.tokenType) === true;
}

/** `import { A` with a comma or a brace after it. A network can have the name `import`; a body then follows. */
function isImportHead(tokens: readonly IToken[], i: number): boolean {
  const [before, , brace, name, follower] = tokens.slice(i - 1, i + 4);
  const sameLine = before?.endLine === tokens[i]?.startLine;
  if (before && sameLine && beforeDeclaredName.has(before.tokenType)) return false;
  if (brace?.tokenType !== t.LeftCurly) return false;
  if (name?.tokenType === t.RightCurly) return true;
  return isName(name) && (follower?.tokenType === t.Comma || follower?.tokenType === t.RightCurly);
}

function isName(token: IToken | undefined): boolean {
  return token !== undefined && /^[A-Za-z_]/.test(token.image) && token.tokenType !== t.Times;
}
