import type { IToken } from 'chevrotain';
import { type AstNode, children, type SourceTree } from '../ast.js';
import * as t from '../parse/tokens.js';
import { endOf } from './print-pieces.js';

/** A part with a line of its own: a declaration, an attribute, a row, a binding. Tokens are given by index. */
export interface PrintItem {
  readonly kind: AstNode['kind'];
  readonly first: number;
  readonly last: number;
  /** The `=` or the comparison, which is aligned with those of neighbouring items. */
  readonly operator?: number;
  readonly body?: Body;
}

/** The items between two braces, each on a line of its own. */
export interface Body {
  /** The opening brace, or -1 for the file. */
  readonly open: number;
  /** The closing brace, or the number of tokens for the file. */
  readonly close: number;
  readonly items: readonly PrintItem[];
}

/** The roles of tokens, which only the tree knows, by index. */
export interface Roles {
  /** Opening brackets that belong to the name before them: `conv(`, `skip[`. */
  readonly attached: ReadonlySet<number>;
  /** Opening brackets of lists, arguments and names, between whose elements line breaks are kept. */
  readonly breakable: ReadonlySet<number>;
  /** Minus signs without a left operand. */
  readonly unary: ReadonlySet<number>;
  /** Signs of products written without blanks: `3x3`. */
  readonly tight: ReadonlySet<number>;
}

export interface Outline {
  readonly file: Body;
  readonly roles: Roles;
}

/** Finds the items and the roles of the tokens of a tree without errors. */
export function outlineOf(tree: SourceTree, tokens: readonly IToken[]): Outline {
  const starting = new Map(tokens.map((token, i) => [token.startOffset, i]));
  const ending = new Map(tokens.map((token, i) => [endOf(token), i]));
  const firstOf = (node: AstNode): number => starting.get(node.span.start) ?? 0;
  const lastOf = (node: AstNode): number => ending.get(node.span.end) ?? 0;
  const opener = openers(tokens);

  const bodyOf = (node: AstNode, members: readonly AstNode[]): Body => {
    const close = lastOf(node);
    return { open: opener.get(close) ?? 0, close, items: members.map(itemOf) };
  };
  const itemOf = (node: AstNode): PrintItem => {
    const place = { kind: node.kind, first: firstOf(node), last: lastOf(node) };
    switch (node.kind) {
      case 'param':
      case 'attribute':
      case 'binding':
        return { ...place, operator: firstOf(node.value) - 1 };
      case 'vary':
        return { ...place, operator: firstOf(node.attribute.value) - 1 };
      case 'row':
        // A call is a long left side: it would move all others to the right.
        return node.right && node.left.kind !== 'call'
          ? { ...place, operator: firstOf(node.right) - 1 }
          : place;
      case 'expect':
        return { ...place, body: bodyOf(node, node.rows) };
      case 'block':
        return { ...place, body: bodyOf(node, [...node.bindings, node.result]) };
      case 'unet':
      case 'training':
      case 'variant':
      case 'ablation':
        return { ...place, body: bodyOf(node, node.members) };
      default:
        return place;
    }
  };

  const attached = new Set<number>();
  const breakable = new Set<number>();
  const unary = new Set<number>();
  const tight = new Set<number>();
  const pending: AstNode[] = [tree];
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const child of children(node)) pending.push(child);
    switch (node.kind) {
      case 'call':
        attached.add(lastOf(node.callee) + 1);
        breakable.add(lastOf(node.callee) + 1);
        break;
      case 'index':
        attached.add(firstOf(node) + 1);
        break;
      case 'attribute':
        if (node.levels) attached.add(lastOf(node.name) + 1);
        break;
      case 'block': {
        const parameters = lastOf(node.name) + 1;
        if (tokens[parameters]?.tokenType !== t.LeftParen) break;
        attached.add(parameters);
        breakable.add(parameters);
        break;
      }
      case 'import':
        breakable.add(firstOf(node) + 1);
        break;
      case 'list':
        breakable.add(firstOf(node));
        break;
      case 'negation':
        unary.add(firstOf(node));
        break;
      case 'dims': {
        const signs = node.sizes.slice(1).map((size) => firstOf(size) - 1);
        if (signs.every((i) => isTight(tokens, i))) for (const i of signs) tight.add(i);
        break;
      }
    }
  }
  const file: Body = { open: -1, close: tokens.length, items: tree.declarations.map(itemOf) };
  return { file, roles: { attached, breakable, unary, tight } };
}

/** Whether the sign of a product has no blanks around it and does not touch a unit: `1umx1um` would not be a product. */
function isTight(tokens: readonly IToken[], i: number): boolean {
  const [before, sign, after] = [tokens[i - 1], tokens[i], tokens[i + 1]];
  if (!before || !sign || !after) return false;
  const touching = endOf(before) === sign.startOffset && endOf(sign) === after.startOffset;
  return touching && !/^\d.*[a-zµ]$/.test(before.image);
}

/** The opening bracket of each closing bracket, by index. */
function openers(tokens: readonly IToken[]): Map<number, number> {
  const found = new Map<number, number>();
  const open: number[] = [];
  for (const [i, token] of tokens.entries()) {
    if (t.openingBrackets.has(token.tokenType)) open.push(i);
    else if (t.closingBrackets.has(token.tokenType)) found.set(i, open.pop() ?? 0);
  }
  return found;
}
